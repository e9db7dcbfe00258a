"""Correlations of many autocorrelograms with their rotated selves in rings, in one pass over the pixels."""

import numpy as np

from .._compile import Array, serial

_LEAST_WEIGHT = 1 - 1e-4  # of the pixels that were read, for a rotated one to count as complete
_LEAST_VARIANCE = 1e-9
# Maps at once. A constant, or the compiler cannot tell the sums apart, and adds map by map.
_LANES = 32


def ring_correlations(flat: Array, inner: Array, pixels: Array, ends: Array, corners: Array, weights: Array) -> Array:
    """Pearson r of (lag, map) values at ``pixels`` with those read at their corners, beyond ``inner`` up to each ring.

    ``ends[R - 1]`` is the pixel at which ring R ends; corners and weights are (angle, pixel, 4), 0 where there are
    fewer. Pixels that are NaN in either are left out. Sums of a ring in single precision, of rings in double:
    the same bits as the products with sparse matrices of `sicgrid.analysis`.
    """
    maps = flat.shape[1]
    result = np.empty((len(corners), len(ends), maps))
    for start in range(0, maps, _LANES):
        here = min(_LANES, maps - start)
        lanes, radii = flat, inner
        if maps != _LANES:
            lanes, radii = np.zeros((len(flat), _LANES), flat.dtype), np.zeros(_LANES, inner.dtype)
            lanes[:, :here], radii[:here] = flat[:, start : start + here], inner[start : start + here]
        correlations = np.empty((len(corners), len(ends), _LANES))
        _correlations(lanes, radii, pixels, ends, corners, weights, correlations)
        result[:, :, start : start + here] = correlations[:, :, :here]
    return result


@serial
def _correlations(
    flat: Array, inner: Array, pixels: Array, ends: Array, corners: Array, weights: Array, result: Array
) -> None:
    """Fill in the result (angle, ring, map)."""
    ring_sums = np.empty(6 * _LANES, np.float32)
    sums, start = np.empty((6, _LANES)), np.empty((6, _LANES))
    for angle in range(len(corners)):
        sums[:] = 0
        start[:] = 0
        first = 0
        for ring in range(len(ends)):
            ring_sums[:] = 0
            for pixel in range(first, ends[ring]):
                _add(flat, pixels[pixel], corners[angle, pixel], weights[angle, pixel], ring_sums)
            first = ends[ring]
            for m in range(_LANES):
                for k in range(6):
                    sums[k, m] += ring_sums[k * _LANES + m]
                if ring < inner[m]:
                    result[angle, ring, m] = np.nan
                    for k in range(6):
                        start[k, m] = sums[k, m]
                else:
                    result[angle, ring, m] = _pearson(sums[:, m], start[:, m])


@serial
def _add(flat: Array, pixel: int, corner: Array, weight: Array, sums: Array) -> None:
    """One pixel of all maps to the sums of 1, a, a^2, b, b^2 and a b, one after the other in ``sums``."""
    zero, one = np.float32(0), np.float32(1)
    here, first, second, third, fourth = flat[pixel], flat[corner[0]], flat[corner[1]], flat[corner[2]], flat[corner[3]]
    w0, w1, w2, w3 = weight[0], weight[1], weight[2], weight[3]
    for m in range(_LANES):
        read = w0 if first[m] == first[m] else zero
        b = w0 * first[m] if first[m] == first[m] else zero
        read += w1 if second[m] == second[m] else zero
        b += w1 * second[m] if second[m] == second[m] else zero
        read += w2 if third[m] == third[m] else zero
        b += w2 * third[m] if third[m] == third[m] else zero
        read += w3 if fourth[m] == fourth[m] else zero
        b += w3 * fourth[m] if fourth[m] == fourth[m] else zero
        both = (here[m] == here[m]) & (read > _LEAST_WEIGHT)
        a = here[m] if both else zero
        b = b if both else zero
        sums[m] += one if both else zero
        sums[_LANES + m] += a
        sums[2 * _LANES + m] += a * a
        sums[3 * _LANES + m] += b
        sums[4 * _LANES + m] += b * b
        sums[5 * _LANES + m] += a * b


@serial
def _pearson(sums: Array, start: Array) -> float:
    """Of the sums less those at the start; NaN of fewer than two pixels and where either is constant."""
    n = sums[0] - start[0]
    if not n >= 2:
        return np.nan
    a, aa = (sums[1] - start[1]) / n, (sums[2] - start[2]) / n
    b, bb, ab = (sums[3] - start[3]) / n, (sums[4] - start[4]) / n, (sums[5] - start[5]) / n
    var_a, var_b = aa - a * a, bb - b * b
    if not min(var_a, var_b) > _LEAST_VARIANCE:
        return np.nan
    r: float = (ab - a * b) / np.sqrt(var_a * var_b)
    return r
