"""Rate maps folded onto the unit cell of a lattice, and the shifts of the cell that leave them unchanged."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import scipy
from jaxtyping import Bool, Float, Int

from ..lattices import hermite_forms

SIDE = 24
"""Bins along each lattice vector; whole numbers of them are a half, a third, a quarter, a sixth, an eighth of it."""
_PEAK = 0.5  # of the highest in the cell; lower maxima are no fields


@dataclass(frozen=True)
class ShiftGroup:
    """Shifts of the unit cell that form a group: a finer lattice, `index` of whose cells fill one."""

    index: int
    finer: Float[np.ndarray, "2 2"]
    """Basis of the finer lattice in coordinates of the coarse one: ``finer @ basis_m`` in meters."""
    shifts: Float[np.ndarray, "shift 2"]
    """All shifts but 0, in coordinates of the lattice, in [0, 1)."""


def fold(maps: Float[np.ndarray, "unit x y"], basis: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "unit SIDE SIDE"]:
    """Mean of each map at every phase of a lattice (basis in bins); phase 0 is the center of the map.

    Each bin of the map is distributed bilinearly over four bins of the cell. A bin of the cell that gets nothing takes
    the mean of the nearest one. Unvisited bins of the map (NaN in any unit) are left out.
    """
    nx, ny = maps.shape[1:]
    x, y = np.meshgrid(np.arange(nx) - (nx - 1) / 2, np.arange(ny) - (ny - 1) / 2, indexing="ij")
    finite = np.isfinite(maps).all(axis=0)
    phases = np.stack([x[finite], y[finite]], axis=1) @ np.linalg.inv(basis) * SIDE
    low = np.floor(phases).astype(int)
    part = phases - low
    places, weights = [], []
    for i in (0, 1):
        for j in (0, 1):
            places.append(np.mod(low[:, 0] + i, SIDE) * SIDE + np.mod(low[:, 1] + j, SIDE))
            weights.append(np.abs(1 - i - part[:, 0]) * np.abs(1 - j - part[:, 1]))
    bins = np.arange(len(phases))
    shape = (SIDE * SIDE, len(phases))
    share = scipy.sparse.csr_array((np.concatenate(weights), (np.concatenate(places), np.tile(bins, 4))), shape=shape)
    mass = np.asarray(share.sum(axis=1)).ravel()
    sums = (share @ maps[:, finite].T).T
    folded = np.divide(sums, mass, out=np.zeros_like(sums), where=mass > 1e-6).reshape(-1, SIDE, SIDE)
    return _filled(folded, (mass > 1e-6).reshape(SIDE, SIDE))


def _filled(
    folded: Float[np.ndarray, "unit SIDE SIDE"], visited: Bool[np.ndarray, "SIDE SIDE"]
) -> Float[np.ndarray, "unit SIDE SIDE"]:
    """Bins of the cell that were not visited take the value of the nearest one that was, modulo the cell."""
    if visited.all():
        return folded
    tiled = np.tile(visited, (3, 3))  # the cell closes on itself
    nearest = scipy.ndimage.distance_transform_edt(~tiled, return_distances=False, return_indices=True)
    i, j = (np.mod(axis[SIDE : 2 * SIDE, SIDE : 2 * SIDE], SIDE) for axis in nearest)
    return np.asarray(folded[:, i, j])


def count_fields(
    folded: Float[np.ndarray, "unit SIDE SIDE"], basis: Float[np.ndarray, "2 2"]
) -> Int[np.ndarray, " unit"]:
    """Fields per unit cell: maxima of at least half of the highest, after a light smoothing, that are not one plateau.

    Two maxima count as two if they lie farther apart than a tenth of the square root of the cell's area.
    """
    smooth = scipy.ndimage.gaussian_filter(folded, (0, 1.0, 1.0), mode="wrap")
    floor = smooth.min(axis=(1, 2), keepdims=True)
    height = smooth - floor
    reach = _disc(basis, 0.1 * np.sqrt(abs(float(np.linalg.det(basis)))))
    highest = scipy.ndimage.maximum_filter(height, footprint=reach[None], mode="wrap")
    peaks = (height >= highest) & (height >= _PEAK * height.max(axis=(1, 2), keepdims=True)) & (height > 0)
    return np.array([_pieces(mask) for mask in peaks], dtype=int)


def _disc(basis: Float[np.ndarray, "2 2"], radius: float) -> Bool[np.ndarray, "i j"]:
    """Bins of the cell within a distance of its corner, centered."""
    i, j = np.meshgrid(np.arange(-SIDE // 2 + 1, SIDE // 2), np.arange(-SIDE // 2 + 1, SIDE // 2), indexing="ij")
    inside = np.linalg.norm(np.stack([i, j], axis=-1) / SIDE @ basis, axis=-1) <= radius
    reach = max(1, int(np.abs(np.argwhere(inside) - (SIDE // 2 - 1)).max()))
    middle = SIDE // 2 - 1
    window = slice(middle - reach, middle + reach + 1)
    near = np.maximum(np.abs(i), np.abs(j)) <= 1
    return np.asarray((inside | near)[window, window])


def _pieces(peaks: Bool[np.ndarray, "SIDE SIDE"]) -> int:
    """Connected pieces on the torus, diagonal neighbors included: equal neighbors are one maximum."""
    labels, _ = scipy.ndimage.label(np.pad(peaks, 1, mode="wrap"), np.ones((3, 3)))
    middle = labels[1:-1, 1:-1]
    # A piece that crosses the edge of the cell has two labels, one on either side; the margin shows which to merge.
    parent = {label: label for label in np.unique(labels[labels > 0]).tolist()}

    def root(label: int) -> int:
        while parent[label] != label:
            label = parent[label]
        return label

    size = peaks.shape[0]
    for i, j in np.argwhere(labels > 0):
        inner = middle[(i - 1) % size, (j - 1) % size]
        outer_root, inner_root = root(int(labels[i, j])), root(int(inner))
        parent[outer_root] = inner_root
    return len({root(int(label)) for label in middle[middle > 0]})


@cache
def shift_groups(largest: int) -> tuple[ShiftGroup, ...]:
    """All groups of 2 to `largest` shifts (dual to the sublattices of each index, :func:`hermite_forms`)."""
    groups = []
    for index in range(2, largest + 1):
        multiples = np.stack(np.meshgrid(np.arange(index), np.arange(index), indexing="ij"), axis=-1).reshape(-1, 2)
        for waves_kept in hermite_forms(index):
            finer = np.linalg.inv(waves_kept).T
            shifts = np.mod(np.rint(multiples @ finer * index), index)
            distinct = np.unique(shifts, axis=0) / index
            groups.append(ShiftGroup(index, finer, distinct[distinct.any(axis=1)]))
    return tuple(groups)


def unchanged(power: Float[np.ndarray, "map SIDE SIDE"], largest: int) -> Float[np.ndarray, "map group"]:
    """Smallest correlation of each map with itself shifted, over the shifts of each group of :func:`shift_groups`.

    `power` holds the squared Fourier coefficients of the maps, zero for waves that are not to count. 1: every shift of
    the group leaves the map unchanged; 0 or less: some shift gives an unrelated map.
    """
    correlation = _shares(power) @ _cosines(largest)
    bounds = np.cumsum([0, *(len(group.shifts) for group in shift_groups(largest))])
    return np.stack([correlation[:, first:last].min(axis=1) for first, last in pairwise(bounds)], axis=1)


def power_of(folded: Float[np.ndarray, "unit SIDE SIDE"]) -> Float[np.ndarray, "unit SIDE SIDE"]:
    """Squared Fourier coefficients of folded maps without the mean."""
    power = np.abs(np.fft.fft2(folded)) ** 2
    power[:, 0, 0] = 0.0
    return np.asarray(power)


def one_direction(power: Float[np.ndarray, "map SIDE SIDE"]) -> Float[np.ndarray, " map"]:
    """Largest share of each map's power in waves of a single direction: 1 stripes, 1/2 square, 1/3 hexagonal."""
    return np.asarray((_shares(power) @ _directions()).max(axis=1))


def _shares(power: Float[np.ndarray, "map SIDE SIDE"]) -> Float[np.ndarray, "map wave"]:
    """Share of each wave in the power of its map; 0 for a map without any."""
    flat = power.reshape(len(power), -1)
    total = flat.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(flat, total, out=np.zeros(flat.shape), where=total > 0))


@cache
def _directions() -> Float[np.ndarray, "wave direction"]:
    """1 for the waves of each direction, else 0: they are whole multiples of one wave, up to its sign."""
    numbers = waves().reshape(-1, 2)
    primitive = numbers // np.maximum(np.gcd(*numbers.T), 1)[:, None]
    positive = (primitive[:, 0] > 0) | ((primitive[:, 0] == 0) & (primitive[:, 1] > 0))
    _, direction = np.unique(np.where(positive[:, None], primitive, -primitive), axis=0, return_inverse=True)
    return np.eye(direction.max() + 1)[direction]


@cache
def _cosines(largest: int) -> Float[np.ndarray, "wave shift"]:
    shifts = np.concatenate([group.shifts for group in shift_groups(largest)])
    return np.asarray(np.cos(2 * np.pi * waves().reshape(-1, 2) @ shifts.T))


def waves() -> Int[np.ndarray, "SIDE SIDE 2"]:
    """Numbers of periods along both lattice vectors, in the order of the Fourier transform."""
    return np.stack(np.meshgrid(wave_numbers(), wave_numbers(), indexing="ij"), axis=-1)


def wave_numbers() -> Int[np.ndarray, " SIDE"]:
    """Numbers of periods along one lattice vector, in the order of the Fourier transform."""
    return np.asarray(np.rint(np.fft.fftfreq(SIDE) * SIDE).astype(int))
