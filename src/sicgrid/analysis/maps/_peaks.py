"""Peaks of an autocorrelogram, located to a fraction of a bin."""

from typing import NamedTuple

import numpy as np
import scipy
from jaxtyping import Float

from ..._repr import brief


@brief
class Peaks(NamedTuple):
    """Local maxima of one autocorrelogram, nearest first; the central peak is not among them."""

    displacements: Float[np.ndarray, "peak 2"]
    """Bins, along x and y, from the center; positions between bins from a parabola through the neighbors."""
    heights: Float[np.ndarray, " peak"]
    """r at the highest bin of each."""


def autocorrelogram_peaks(correlogram: Float[np.ndarray, "lags_x lags_y"], central_radius: int) -> Peaks:
    """Local maxima with r > 0 outside the central peak, in both halves of the autocorrelogram.

    A maximum counts when no higher value lies within `central_radius` bins: that is the radius of a field, and two
    peaks nearer than that are one field with noise on it. Maxima at the border of the known part (next to
    NaN, or at the edge) are dropped, since the peak itself may lie beyond.
    """
    reach = max(1, central_radius)
    offset = np.arange(-reach, reach + 1)
    disc = offset[:, None] ** 2 + offset[None, :] ** 2 <= max(reach**2, 2)
    finite = np.where(np.isfinite(correlogram), correlogram, -np.inf)
    # Highest of its own nine bins first, since few are, and of those in the whole disc.
    highest = scipy.ndimage.maximum_filter(finite, 3, mode="constant", cval=-np.inf)
    bins = np.argwhere((finite == highest) & (finite > 0))
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(finite, reach, constant_values=-np.inf), (2 * reach + 1, 2 * reach + 1)
    )
    near = slice(reach - 1, reach + 2)
    bins = bins[np.isfinite(around[bins[:, 0], bins[:, 1], near, near]).all(axis=(1, 2))]
    highest_of_disc = [around[x, y][disc].max() for x, y in bins]
    bins = bins[finite[bins[:, 0], bins[:, 1]] == np.array(highest_of_disc)]
    center = (np.array(correlogram.shape) - 1) // 2
    distance = np.hypot(*(bins - center).T)
    bins = bins[distance > reach]
    order = np.argsort(np.hypot(*(bins - center).T), kind="stable")
    bins = bins[order]
    heights = correlogram[bins[:, 0], bins[:, 1]]
    return Peaks(_between_bins(correlogram, bins) - center, heights)


def _between_bins(values: Float[np.ndarray, "x y"], bins: np.ndarray) -> Float[np.ndarray, "peak 2"]:
    """Each maximum moved to the top of the parabola through it and its two neighbors, along either axis."""
    x, y = bins[:, 0], bins[:, 1]
    middle = values[x, y]
    moved = bins.astype(np.float64)
    for axis, (before, after) in enumerate(
        [(values[x - 1, y], values[x + 1, y]), (values[x, y - 1], values[x, y + 1])],
    ):
        curvature = before - 2 * middle + after
        shift = np.divide(before - after, 2 * curvature, out=np.zeros(len(bins)), where=curvature < 0)
        moved[:, axis] += np.clip(shift, -0.5, 0.5)
    return moved
