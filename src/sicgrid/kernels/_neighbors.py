"""Pairs of points within sigma_x of each other, found by sorting the points into cells."""

from typing import NamedTuple

import numpy as np
from numba import prange

from ._compile import Array, exact


class Neighbors(NamedTuple):
    """For each point i all others that are not far: ``others[start[i]:start[i + 1]]``.

    `near` says which of them are strictly nearer than sigma_x; the others are at sigma_x exactly.
    """

    start: Array
    others: Array
    near: Array


def neighbors(x: Array, sigma_x: float) -> Neighbors:
    """Near and exactly-at-sigma_x pairs of points x (n, 2), in meters; each pair is listed from both its sides.

    Time and memory grow with the number of such pairs, about one percent of all for SIC batches. ValueError for
    positions that are not finite or spread over more than 1e6 sigma_x.
    """
    spread = float(np.ptp(x, axis=0).max(initial=0.0)) if len(x) else 0.0
    if not spread < 1e6 * sigma_x:
        raise ValueError(f"positions must be finite and spread over less than 1e6 sigma_x, got a spread of {spread} m")
    # Cells a trifle larger than sigma_x: rounding must not put a near pair two cells apart.
    cell = np.floor((x - x.min(axis=0, initial=np.inf)) / (1.001 * sigma_x)).astype(np.int64) + 1
    # A margin on both sides: the cells above and below one are never those of the next column.
    rows = int(cell[:, 1].max(initial=0)) + 2
    key = cell[:, 0] * rows + cell[:, 1]
    order = np.argsort(key, kind="stable")
    sigma = x.dtype.type(sigma_x)
    arguments = (x[order], order, key[order], rows, sigma * sigma)
    nothing = np.empty(0, np.int32), np.empty(0, np.bool_)
    count = np.zeros(len(x) + 1, np.int64)
    _visit(*arguments, count, *nothing, True)
    start = np.cumsum(count)
    index, near = np.empty(start[-1], np.int32), np.empty(start[-1], np.bool_)
    _visit(*arguments, start, index, near, False)
    return Neighbors(start, index, near)


@exact
def _visit(
    x: Array,
    order: Array,
    key: Array,
    rows: int,
    threshold: float,
    start: Array,
    index: Array,
    near: Array,
    counting: bool,
) -> None:
    """Count the neighbors of point i into start[i + 1], or write them from start[i] on; x and key in cell order."""
    n = len(x)
    for p in prange(n):
        i = order[p]
        count = 0
        for column in range(-1, 2):
            # The three cells that matter in a column follow each other in key order.
            first = key[p] + column * rows - 1
            q = np.searchsorted(key, first)
            while q < n and key[q] <= first + 2:
                dx = x[p, 0] - x[q, 0]
                dy = x[p, 1] - x[q, 1]
                # Not fused into a multiply-add: the sum must round as the reference's does.
                distance_squared = dx * dx + dy * dy
                if distance_squared <= threshold and q != p:
                    if not counting:
                        index[start[i] + count] = order[q]
                        near[start[i] + count] = distance_squared < threshold
                    count += 1
                q += 1
        if counting:
            start[i + 1] = count
