"""Maps cut into fields and put together anew, bin by bin; `sicgrid.analysis.shuffle_fields` says how and why."""

import numpy as np

from .._compile import Array, serial


@serial
def new_places(drawn: Array, free: Array, radius: Array, number: Array, gaps: Array, places: Array) -> None:
    """A bin for each field of each map, the highest field first, into ``places`` (map, field, 2).

    The first of the bins ``drawn`` (field, map, candidate; places in ``free``, the visited bins of each map) at which
    the disc keeps apart from those before, else that which reaches least into one. ``gaps[dx, dy]`` is a distance.
    """
    candidates, ny = drawn.shape[2], gaps.shape[1]
    for unit in range(len(number)):
        for k in range(number[unit]):
            least = np.inf
            for candidate in range(candidates):
                at = free[unit, drawn[k, unit, candidate]]
                x, y = at // ny, at % ny
                intrusion = 0.0
                for earlier in range(k):
                    gap = gaps[abs(x - places[unit, earlier, 0]), abs(y - places[unit, earlier, 1])]
                    intrusion = max(intrusion, radius[unit, earlier] + radius[unit, k] - gap)
                    if intrusion >= least:
                        break
                if intrusion < least:
                    least = intrusion
                    places[unit, k, 0], places[unit, k, 1] = x, y
                if least == 0:
                    break


@serial
def set_down(
    places: Array,
    number: Array,
    peaks: Array,
    starts: Array,
    x: Array,
    y: Array,
    field: Array,
    rank: Array,
    visited: Array,
    values: Array,
    shuffled: Array,
) -> None:
    """Each map's ``values``, which rise, given to its bins in the order of their keys, into ``shuffled`` (map, x, y).

    The key of a bin is the rank of the highest value that a moved field brings there, else -1 less its squared distance
    from the nearest of the new places; bins that were not visited come last. Map u's bins of fields are those from
    ``starts[u]`` on, from the lowest to the highest. Sorted by counting.
    """
    maps, nx, ny = shuffled.shape
    farthest = (nx - 1) ** 2 + (ny - 1) ** 2
    key = np.empty((nx, ny), np.int32)  # from 0 on
    before = np.empty(farthest + nx * ny + 3, np.int32)
    for unit in range(maps):
        _by_distance(places[unit, : number[unit]], farthest, key)
        for index in range(starts[unit], starts[unit + 1]):
            k = field[index]
            to_x = x[index] + places[unit, k, 0] - peaks[unit, k, 0]
            to_y = y[index] + places[unit, k, 1] - peaks[unit, k, 1]
            if 0 <= to_x < nx and 0 <= to_y < ny:
                key[to_x, to_y] = farthest + 1 + rank[index]
        before[:] = 0
        for i in range(nx):
            for j in range(ny):
                if not visited[unit, i, j]:
                    key[i, j] = len(before) - 2
                before[key[i, j] + 1] += 1
        for k in range(1, len(before)):
            before[k] += before[k - 1]
        for i in range(nx):
            for j in range(ny):
                shuffled[unit, i, j] = values[unit, before[key[i, j]]]
                before[key[i, j]] += 1


@serial
def _by_distance(places: Array, farthest: int, key: Array) -> None:
    """``farthest`` less the squared distance of each bin from the nearest place; 0 where there is no place."""
    nx, ny = key.shape
    key[:] = 0
    for place in range(len(places)):
        for i in range(nx):
            from_x = farthest - (i - places[place, 0]) ** 2
            row = key[i]
            for j in range(ny):
                row[j] = max(row[j], np.int32(from_x - (j - places[place, 1]) ** 2))
