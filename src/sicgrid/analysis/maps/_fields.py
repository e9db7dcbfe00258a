"""Firing fields: a rate map cut into the basins of its peaks."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from ..._numbers import plain_numbers
from ..._repr import brief
from ._smoothing import kernel_average


@brief
class Fields(NamedTuple):
    """Fields of many maps. Arrays over `field` are as long as the richest map needs; absent ones have radius 0."""

    labels: Int[np.ndarray, "map bin"]
    """Field of each bin of the flattened map, -1 for none."""
    peaks: Int[np.ndarray, "map field 2"]
    """Bin of each field's peak, the highest field first."""
    radius: Float[np.ndarray, "map field"]
    """Bins: radius of the disc as large as the part of the field above half of its peak."""
    number: Int[np.ndarray, " map"]


def find_fields(maps: Float[np.ndarray, "map x y"], threshold: float = 0.2, smoothing: float = 1.0) -> Fields:
    """Cut every map into fields: all bins from which the steepest ascent ends on the same peak.

    This is the watershed of the map turned upside down. Peaks below `threshold` times the map's maximum are no
    fields (0.2 is the customary bound), nor is a flat silent area. Before, the map is smoothed by a Gaussian of
    `smoothing` bins, so that noise on a field does not cut it into pieces.

    Raises
    ------
    ValueError
        For maps that are not (maps, x, y) of real numbers.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    >>> place = synthetic_cells.place_cells(centers, [[0.5, 0.5], [-0.5, 0.0]], 0.1).max(axis=-1)  # two fields
    >>> find_fields(place[None]).number.tolist()
    [2]

    """
    maps = plain_numbers("maps", maps)
    if maps.ndim != 3 or 0 in maps.shape:
        raise ValueError(f"maps must have shape (maps, x, y) with at least one map, got {maps.shape}")
    count, nx, ny = maps.shape
    smooth = kernel_average(maps, smoothing)
    smooth = np.where(np.isfinite(smooth), smooth, -np.inf)
    summit = _ascend(smooth).reshape(count, -1)
    flat = smooth.reshape(count, -1)
    top = flat.max(axis=1, keepdims=True)
    is_peak = (summit == np.arange(nx * ny)) & (flat >= threshold * top) & (flat > 0)
    numbers = is_peak.sum(axis=1)
    most_fields = max(int(numbers.max(initial=0)), 1)
    order = np.argsort(np.where(is_peak, -flat, np.inf), axis=1, kind="stable")[:, :most_fields]
    rank = np.full(flat.shape, -1)
    present = np.arange(most_fields) < numbers[:, None]
    rows = np.arange(count)[:, None]
    np.put_along_axis(rank, order, np.where(present, np.arange(most_fields), -1), axis=1)
    labels = np.where(np.isfinite(flat), np.take_along_axis(rank, summit, axis=1), -1)
    height = np.where(labels >= 0, flat[rows, summit], np.inf)
    core: Bool[np.ndarray, "map bin"] = flat >= height / 2
    key = (rows * most_fields + labels)[core & (labels >= 0)]
    area = np.bincount(key, minlength=count * most_fields).reshape(count, most_fields)
    peaks = np.stack(np.divmod(order, ny), axis=-1)
    return Fields(labels, peaks, np.where(present, np.sqrt(area / np.pi), 0.0), numbers)


def _ascend(maps: Float[np.ndarray, "map x y"]) -> Int[np.ndarray, "map x y"]:
    """Flat index of the local maximum that the steepest ascent from each bin reaches.

    Of equal bins the one with the larger index counts as higher, so that a peak midway between bins is one peak.
    """
    count, nx, ny = maps.shape
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    best = maps.copy()
    index = np.arange(nx * ny).reshape(nx, ny)
    target = np.broadcast_to(index, maps.shape).copy()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):  # in order of the index: a later neighbor wins against an equal earlier one
            neighbor = padded[:, 1 + dx : 1 + dx + nx, 1 + dy : 1 + dy + ny]
            step = dx * ny + dy
            higher = (neighbor > best) | ((neighbor == best) & (index + step > target) & (neighbor > -np.inf))
            best = np.where(higher, neighbor, best)
            target = np.where(higher, index + step, target)
    pointer = target.reshape(count, -1)
    while True:
        further = np.take_along_axis(pointer, pointer, axis=1)  # twice as far each time
        if (further == pointer).all():
            return pointer.reshape(maps.shape)
        pointer = further
