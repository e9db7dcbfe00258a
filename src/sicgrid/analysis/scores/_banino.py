"""The grid score of the DeepMind and Stanford network papers, as their scorer defines it.

Kept for comparison with published numbers, so its departures from the usual definitions are kept too: unvisited
bins count as silent ones, the rotated autocorrelogram is compared by the mean and variance of the unrotated one (which
is not Pearson's r), values outside the square rotate in as 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy
from jaxtyping import Float, Int

from ..maps import ANGLES, autocorrelogram

RING_INNER = 0.2
RING_OUTER = tuple(float(end) for end in np.linspace(0.4, 1.0, 10))
_REGULARIZER = 1e-5


class RingScores(NamedTuple):
    """The best ring of each map."""

    score: Float[np.ndarray, " map"]
    ring: Int[np.ndarray, " map"]
    correlations: Float[np.ndarray, "map angle"]


def banino_scores(maps: Float[np.ndarray, "map bins bins"]) -> RingScores:
    """Best of ten rings, each scored ``(c60 + c120) / 2 - (c30 + c90 + c150) / 3``.

    Ring k holds the pixels with ``0.2 n < distance <= e_k n`` bins, e_k = 0.4, 0.467, ..., 1, with n bins a side. With
    m and v the mean and variance of the autocorrelogram s within the ring,
    ``c_angle = mean over the ring of (s - m) (rotated s - m) / (v + 1e-5)``.

    Source: Banino et al. 2018 (Nature 557:429); the same scorer in Sorscher et al. 2019.
    """
    filled = np.where(np.isfinite(maps), maps, 0.0)
    correlogram = autocorrelogram(filled, min_overlap=2)
    correlogram = np.where(np.isfinite(correlogram), correlogram, 0.0)
    geometry = _rings(maps.shape[-1])
    flat = correlogram.reshape(len(maps), -1)
    spline = scipy.ndimage.spline_filter1d(correlogram, axis=-1)
    spline = scipy.ndimage.spline_filter1d(spline, axis=-2).reshape(len(maps), -1).T
    masks = geometry.masks
    area = masks.sum(axis=1)
    mean = flat @ masks.T / area
    variance = (flat**2) @ masks.T / area - mean**2 + _REGULARIZER
    result = np.empty((len(maps), len(RING_OUTER), len(ANGLES)))
    for index, rotation in enumerate(geometry.rotations):
        turned = np.asarray(rotation @ spline).T
        product = (flat * turned) @ masks.T / area
        result[:, :, index] = (product - mean * (turned @ masks.T / area)) / variance
    c30, c60, c90, c120, c150 = np.moveaxis(result, -1, 0)
    scores = (c60 + c120) / 2 - (c30 + c90 + c150) / 3
    best = np.argmax(scores, axis=1)
    rows = np.arange(len(maps))
    constant = ~(np.ptp(filled.reshape(len(maps), -1), axis=1) > 0)
    return RingScores(np.where(constant, np.nan, scores[rows, best]), best, result[rows, best])


class _Rings(NamedTuple):
    masks: Float[np.ndarray, "ring pixel"]
    rotations: tuple[scipy.sparse.csr_array, ...]


@lru_cache(maxsize=4)
def _rings(bins: int) -> _Rings:
    """Ring masks and cubic-spline rotation matrices for maps of (bins, bins)."""
    axis = np.arange(-(bins - 1), bins)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    distance = np.hypot(x, y).ravel()
    masks = np.array(
        [(distance <= end * bins) & (distance > RING_INNER * bins) for end in RING_OUTER], dtype=np.float64
    )
    read = np.flatnonzero(masks.any(axis=0))
    rotations = tuple(_cubic_spline(x.ravel(), y.ravel(), read, angle, bins) for angle in ANGLES)
    return _Rings(masks, rotations)


def _cubic_spline(
    x: np.ndarray, y: np.ndarray, read: np.ndarray, angle_deg: float, bins: int
) -> scipy.sparse.csr_array:
    """Matrix from cubic B-spline coefficients to values at the rotated pixels `read`; other rows are empty."""
    size, last = 2 * bins - 1, 2 * bins - 2
    angle = np.deg2rad(angle_deg)
    at = np.stack([np.cos(angle) * x + np.sin(angle) * y, -np.sin(angle) * x + np.cos(angle) * y])[:, read] + bins - 1
    inside = ((at >= -1e-9) & (at <= last + 1e-9)).all(axis=0)  # places outside the square stay 0
    at, read = at[:, inside], read[inside]
    corner = np.floor(at).astype(int)
    weights = [_b_spline(at[axis] - corner[axis]) for axis in (0, 1)]
    rows, columns, values = [], [], []
    for i in range(4):
        for j in range(4):
            # the spline continues beyond the border as its mirror image
            index_x = last - np.abs(last - np.abs(corner[0] + i - 1))
            index_y = last - np.abs(last - np.abs(corner[1] + j - 1))
            rows.append(read)
            columns.append(index_x * size + index_y)
            values.append(weights[0][i] * weights[1][j])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_array(entries, shape=(size**2, size**2))


def _b_spline(part: Float[np.ndarray, " pixel"]) -> list[np.ndarray]:
    """Weights of the four coefficients around a place `part` of the way between the second and the third."""
    rest = 1 - part
    return [rest**3 / 6, 2 / 3 - part**2 * (2 - part) / 2, 2 / 3 - rest**2 * (2 - rest) / 2, part**3 / 6]
