"""Correlations of autocorrelograms with their rotated selves, within rings: the machinery under the grid scores.

Everything that does not depend on the maps is computed once per map size and cached: which pixels lie in which
ring, and one sparse interpolation matrix per angle. A rotation of many maps is then one sparse product.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse
from jaxtyping import Bool, Float, Int

ANGLES = (30, 60, 90, 120, 150)


@dataclass(frozen=True)
class HalfDisc:
    """The pixels of half an autocorrelogram up to a radius, sorted by their distance from the center.

    An autocorrelogram is symmetric about its center, and so is a ring of it rotated; half of the pixels
    therefore give the same Pearson r as all of them. ``pixels`` index the flattened half (displacement
    along x >= 0) of :func:`half_autocorrelogram`; the center itself is left out.
    """

    pixels: Int[np.ndarray, " pixel"]
    radius: Float[np.ndarray, " pixel"]
    ring_starts: Int[np.ndarray, " ring"]
    """First pixel of ring R = 1, 2, ...: those with R - 1 < distance <= R."""
    shell_starts: Int[np.ndarray, " shell"]
    """First pixel of shell R = 1, 2, ...: those whose distance rounds to R."""
    rotations: tuple[scipy.sparse.csr_array, ...]
    """One (pixel, flattened half) matrix per angle of ANGLES: bilinear interpolation at the rotated places."""
    reads: Int[np.ndarray, " read"]
    """Every entry of the flattened half that a correlation looks at, itself or turned."""

    @property
    def largest(self) -> int:
        """The outermost ring, bins."""
        return len(self.ring_starts)


@lru_cache(maxsize=8)
def half_disc(nx: int, ny: int, largest: int) -> HalfDisc:
    """The half disc of `largest` bins radius in the autocorrelograms of (nx, ny) maps."""
    dx, dy = np.meshgrid(np.arange(nx), np.arange(-(ny - 1), ny), indexing="ij")
    radius = np.hypot(dx, dy)
    wanted = ((dx > 0) | (dy > 0)) & (radius <= largest)
    order = np.argsort(radius[wanted], kind="stable")
    pixels = np.flatnonzero(wanted.ravel())[order]
    distance = radius[wanted][order]
    rings = np.ceil(distance - 1e-9).astype(int)
    shells = np.rint(distance).astype(int)
    x, y = dx[wanted][order], dy[wanted][order]
    rotations = tuple(_bilinear(x, y, angle, nx, ny) for angle in ANGLES)
    steps = np.arange(1, largest + 1)
    reads = np.unique(np.concatenate([pixels, *(rotation.indices for rotation in rotations)]))
    ring_starts, shell_starts = np.searchsorted(rings, steps), np.searchsorted(shells, steps)
    return HalfDisc(pixels, distance, ring_starts, shell_starts, rotations, reads)


def _bilinear(x: np.ndarray, y: np.ndarray, angle_deg: float, nx: int, ny: int) -> scipy.sparse.csr_array:
    """Matrix that reads a half autocorrelogram at displacements (x, y) turned by the angle."""
    angle = np.deg2rad(angle_deg)
    turned_x = np.cos(angle) * x - np.sin(angle) * y
    turned_y = np.sin(angle) * x + np.cos(angle) * y
    corner_x, corner_y = np.floor(turned_x).astype(int), np.floor(turned_y).astype(int)
    part_x, part_y = turned_x - corner_x, turned_y - corner_y
    rows, columns, weights = [], [], []
    for step_x, step_y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        at_x, at_y = corner_x + step_x, corner_y + step_y
        weight = np.where(step_x, part_x, 1 - part_x) * np.where(step_y, part_y, 1 - part_y)
        mirror = np.where(at_x < 0, -1, 1)  # r(-d) = r(d) brings the other half into this one
        used = weight > 1e-12  # a corner of no weight may lie outside
        rows.append(np.flatnonzero(used))
        columns.append(((mirror * at_x) * (2 * ny - 1) + mirror * at_y + ny - 1)[used])
        weights.append(weight[used])
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_array(entries, shape=(len(x), nx * (2 * ny - 1)), dtype=np.float32)


def central_radius(half: Float[np.ndarray, "map half_x lags_y"], disc: HalfDisc) -> Int[np.ndarray, " map"]:
    """Radius of the central peak, bins, of each autocorrelogram.

    The first local minimum of the radial mean of r, or the first radius at which it is below 0.2, whichever is
    nearer (Langston et al. 2010). At least 1; ``disc.largest`` when there is neither.
    """
    values = half.reshape(len(half), -1)[:, disc.pixels].T
    valid = np.isfinite(values)
    sums = np.add.reduceat(np.where(valid, values, 0.0), disc.shell_starts, axis=0)
    counts = np.add.reduceat(valid, disc.shell_starts, axis=0, dtype=np.intp)
    profile = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    ends = profile < 0.2
    ends[:-1] |= profile[1:] > profile[:-1]
    ends[-1] = True
    return np.asarray(np.argmax(ends, axis=0) + 1)


def ring_correlations(
    half: Float[np.ndarray, "map half_x lags_y"], inner: Int[np.ndarray, " map"], disc: HalfDisc
) -> Float[np.ndarray, "angle ring map"]:
    """Pearson r between each autocorrelogram and itself rotated, over inner < distance <= R, for every R = 1, 2, ...

    Pixels that are NaN, in the one or the other, are left out pairwise. Entry [a, R - 1, m] is NaN unless R > inner[m].
    """
    flat = np.ascontiguousarray(half.reshape(len(half), -1).T, dtype=np.float32)
    valid = np.isfinite(flat)
    complete = bool(valid[disc.reads].all())
    if not complete:
        flat = np.where(valid, flat, np.float32(0))
    here = flat[disc.pixels]
    outside = np.arange(1, disc.largest + 1)[:, None] > inner[None, :]
    result = np.full((len(ANGLES), disc.largest, half.shape[0]), np.nan)
    for index, rotation in enumerate(disc.rotations):
        turned = np.asarray(rotation @ flat)
        both = (
            valid[disc.pixels] & (np.asarray(rotation @ valid.astype(np.float32)) > 1 - 1e-4) if not complete else None
        )
        result[index] = _pearson_in_rings(here, turned, both, inner, disc)
        result[index][~outside] = np.nan
    return result


def _pearson_in_rings(
    a: Float[np.ndarray, "pixel map"],
    b: Float[np.ndarray, "pixel map"],
    both: Bool[np.ndarray, "pixel map"] | None,
    inner: Int[np.ndarray, " map"],
    disc: HalfDisc,
) -> Float[np.ndarray, "ring map"]:
    """Pearson r of a and b over all pixels beyond inner, up to each ring; sums per ring first, then cumulated."""
    if both is not None:
        a, b = a * both, b * both

    def grown(values: np.ndarray) -> np.ndarray:
        total = np.cumsum(np.add.reduceat(values, disc.ring_starts, axis=0), axis=0, dtype=np.float64)
        start = np.take_along_axis(total, inner[None, :] - 1, axis=0)
        return np.asarray(total - start)

    ones = np.ones((len(a), 1), dtype=np.float32) if both is None else both.astype(np.float32)
    if both is None:
        total = np.cumsum(np.add.reduceat(ones, disc.ring_starts, axis=0), axis=0, dtype=np.float64)
        n = total - total[inner - 1, 0][None, :]
    else:
        n = grown(ones)
    n = np.where(n >= 2, n, np.nan)
    mean_a, mean_b = grown(a) / n, grown(b) / n
    var_a, var_b = grown(a * a) / n - mean_a**2, grown(b * b) / n - mean_b**2
    covariance = grown(a * b) / n - mean_a * mean_b
    flat = ~(np.minimum(var_a, var_b) > 1e-9)
    return np.asarray(covariance / np.sqrt(np.where(flat, np.nan, var_a) * np.where(flat, 1.0, var_b)))
