"""The index spectrum: on which finer lattice of its module each unit fires; the discrete periods of a population."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int
from pydantic import Field

from ..._numbers import plain_numbers, shown
from ..._repr import brief
from ..._settings import Renamed
from ..lattices import LatticeShape, lattice_shape, scan_lattices
from ..maps import as_maps
from ._folded import count_fields, fold, one_direction, power_of, shift_groups, unchanged
from ._index_chance import IndexChance
from ._module import Modules

_ORDERED = 0.5  # least correlation over the shifts: nearer to unchanged than to another map
# With as much of its power in one direction, C(s) >= _ORDERED for all shifts along the stripes, whatever else there is.
_STRIPED = (1 + _ORDERED) / 2
_ALPHA = 0.05


class PeriodsConfig(Renamed):
    """How the units' own lattices are sought in their module's; what a group is has the settings of `ModulesConfig`."""

    FORMER = {"draws": "null_draws"}

    most: int = Field(
        12, ge=2, le=16, description="Largest index that is sought. Source: ours (beyond the 9 of the paper's figure)."
    )
    null_draws: int = Field(
        999, ge=19, description="Units with fields at random phases, for each p. Source: ours (p down to 0.001)."
    )


@brief
@dataclass(frozen=True)
class IndexSpectrum:
    """What :func:`index_spectrum` says of each unit."""

    module: Int[np.ndarray, " unit"]
    """Index of its module, -1 for none; the other columns then hold 0, NaN or False."""
    index: Int[np.ndarray, " unit"]
    """How many cells of its own lattice fill one cell of its module's: 1 the same lattice, 2, 3, 4, 7, 8, 9, ..."""
    fields: Int[np.ndarray, " unit"]
    """Fields in a cell of its module's lattice; more than `index` where they lie in no order."""
    unchanged: Float[np.ndarray, " unit"]
    """Least correlation of its map with itself over its own lattice's shifts; for index 1 over the best finer one's."""
    p_value: Float[np.ndarray, " unit"]
    """Share of units with as many fields at random phases that are as ordered; NaN for fewer than two, or stripes."""
    basis_m: Float[np.ndarray, "unit 2 2"]
    """Own lattice, rows in meters, derived from the module's; NaN without a module."""
    striped: Bool[np.ndarray, " unit"]
    """Units whose map hardly changes along one direction of the cell, so that no finer lattice can be told: index 1."""

    @property
    def ordered(self) -> Bool[np.ndarray, " unit"]:
        """Units of an index above 1 whose order is rare (p <= 0.05) by chance."""
        return np.asarray((self.index > 1) & (self.p_value <= _ALPHA))

    @property
    def unordered(self) -> Bool[np.ndarray, " unit"]:
        """Units with more fields in the cell than their lattice explains."""
        return np.asarray((self.module >= 0) & (self.fields > self.index) & ~self.striped)

    def counts(self, module: int) -> dict[int, int]:
        """Index -> units, of one module; an index above 1 counts where it is rare by chance, else as 1."""
        in_module = self.module == module
        index = np.where(self.ordered, self.index, 1)[in_module]
        return dict(sorted(Counter(index.tolist()).items()))

    def shapes(self, module: int) -> dict[int, list[LatticeShape]]:
        """Index -> the different lattices of its units, of one module, the most frequent first."""
        lattices: dict[int, list[tuple[int, np.ndarray]]] = {}
        for unit in np.flatnonzero((self.module == module) & (self.ordered | (self.index == 1))):
            bases = lattices.setdefault(int(self.index[unit]), [])
            for position, (count, basis) in enumerate(bases):
                if np.allclose(basis, self.basis_m[unit]):
                    bases[position] = (count + 1, basis)
                    break
            else:
                bases.append((1, self.basis_m[unit]))
        ordered = {index: sorted(bases, key=lambda entry: -entry[0]) for index, bases in sorted(lattices.items())}
        return {index: [lattice_shape(basis) for _, basis in bases] for index, bases in ordered.items()}


@brief
@dataclass(frozen=True)
class Period:
    """Units with nearly the same lattice of their own: a module as the field counts them."""

    members: Int[np.ndarray, " unit"]
    spacing_m: float
    orientation_deg: float
    ellipticity: float
    p_value: float
    """Of the group against a continuum of spacings."""


def index_spectrum(
    rate_maps: npt.ArrayLike,
    modules: Modules,
    bin_size: float = 0.05,
    *,
    most: int = 12,
    null_draws: int = 999,
    seed: int | np.random.Generator = 0,
) -> IndexSpectrum:
    r"""Which finer lattice of its module each unit fires on.

    The map of a module's unit is a function of the phase in the module's lattice L, so it is folded onto one cell of L.
    A lattice that contains L, with k of its cells in one of L, is a group of k shifts of the cell. With C(s) the
    correlation of the folded map with itself shifted by s, the unit's index is the largest k <= `most` for which a
    group has min C(s) >= 0.5. Units of index k have the period of that lattice: 1 / sqrt(k) of L's for similar ones (3:
    turned by 30 degrees in a hexagonal L).

    A unit of stripes, with 3/4 and more of its folded map's power in waves of one direction, is left as it is by any
    number of shifts along them, so that k would be `most`. It has index 1 and counts as `striped`.

    Chance: a unit with n >= 2 fields at random phases is sometimes as ordered. Such units are drawn `null_draws` times,
    with Gaussian fields that cover as much of the cell and lie at least two widths apart, so that they count as n. p is
    the share of them in which some group of at least the unit's index has as large a min C(s).

    Parameters
    ----------
    rate_maps : (units, nx, ny)
        Unvisited bins NaN.
    modules : Modules
        What :func:`find_modules` found in these maps.
    bin_size : float
        Side of a square bin, meters.
    most
        Largest index that is looked for, 2 to 16.
    null_draws, seed
        Of the units at random phases.

    Raises
    ------
    ValueError
        For shapes or settings out of range.

    Limits
    ------
    L is the coarsest lattice that three units or more call their own: if those of index 1 are fewer, indices are
    relative to the next. The cell is cut into 24 by 24 bins, which tell indices up to about 16 apart.

    >>> import numpy as np
    >>> from sicgrid.analysis import find_modules, synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis, phases = synthetic_cells.lattice_basis(0.5, 10), np.random.default_rng(0).random((8, 2))
    >>> maps = np.moveaxis(synthetic_cells.grid_cells(centers, basis, phases, 0.08), -1, 0)  # cells of one lattice
    >>> modules = find_modules(maps, null_draws=99)
    >>> index_spectrum(maps, modules, null_draws=99).index.tolist()  # every field at one phase
    [1, 1, 1, 1, 1, 1, 1, 1]

    """
    maps, labels = as_maps(rate_maps), modules.labels()
    if maps.ndim == 3 and len(labels) != len(maps):
        raise ValueError(f"modules must be of these {len(maps)} maps, they are of {len(labels)} units")
    bases_m = np.array([module.basis_m for module in modules.modules]).reshape(-1, 2, 2)
    return index_spectrum_of(maps, labels, bases_m, bin_size, most=most, null_draws=null_draws, seed=seed)


def index_spectrum_of(
    rate_maps: npt.ArrayLike,
    labels: npt.ArrayLike,
    bases_m: npt.ArrayLike,
    bin_size: float = 0.05,
    *,
    most: int = 12,
    null_draws: int = 999,
    seed: int | np.random.Generator = 0,
) -> IndexSpectrum:
    """`index_spectrum` of modules that are known by their members and lattices alone, as a stored result has them.

    Parameters
    ----------
    rate_maps, bin_size, most, null_draws, seed
        As of :func:`index_spectrum`.
    labels : (units,)
        Index of each unit's module, -1 for none.
    bases_m : (modules, 2, 2)
        Lattice of each module, rows in meters.

    Raises
    ------
    ValueError
        For shapes or settings out of range, a label without a lattice, or a lattice without a unit.

    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis, phases = synthetic_cells.lattice_basis(0.5, 10), np.random.default_rng(0).random((4, 2))
    >>> maps = np.moveaxis(synthetic_cells.grid_cells(centers, basis, phases, 0.08), -1, 0)
    >>> index_spectrum_of(maps, [0, 0, 0, -1], [basis], null_draws=99).index.tolist()  # the last belongs to none
    [1, 1, 1, 0]

    """
    maps = as_maps(rate_maps)
    if maps.ndim != 3 or not 0 < bin_size < np.inf or not 2 <= most <= 16 or null_draws < 1:
        raise ValueError(
            "rate_maps must be (units, nx, ny), bin_size positive, most 2 to 16, null_draws at least 1; "
            f"got {maps.shape}, {bin_size}, {most}, {null_draws}"
        )
    module_of_unit, lattices = _checked(labels, bases_m, len(maps))
    generator = np.random.default_rng(seed)
    count = len(maps)
    index, fields = np.zeros(count, dtype=int), np.zeros(count, dtype=int)
    values, p_values, bases = np.full(count, np.nan), np.full(count, np.nan), np.full((count, 2, 2), np.nan)
    striped = np.zeros(count, dtype=bool)
    groups = shift_groups(most)
    indices = np.array([group.index for group in groups])
    for module, basis_m in enumerate(lattices):
        members = np.flatnonzero(module_of_unit == module)
        folded = fold(maps[members], basis_m / bin_size)
        fields[members] = count_fields(folded, basis_m)
        power = power_of(folded)
        striped[members] = one_direction(power) >= _STRIPED
        correlations = unchanged(power, most)
        passed = (correlations >= _ORDERED) & ~striped[members, None]
        own_index = np.where(passed, indices, 1).max(axis=1)
        best = np.where(passed & (indices == own_index[:, None]), correlations, -np.inf).argmax(axis=1)
        best = np.where(own_index > 1, best, correlations.argmax(axis=1))
        index[members] = own_index
        values[members] = correlations[np.arange(len(members)), best]
        for unit, k, group in zip(members, own_index, best, strict=True):
            finer = groups[group].finer if k > 1 else np.eye(2)
            bases[unit] = lattice_shape(finer @ basis_m).basis_m
        chance = IndexChance(basis_m, most, null_draws, generator)
        for unit, cell in zip(members, folded, strict=True):
            if fields[unit] > 1 and not striped[unit]:
                p_values[unit] = chance.p_value(cell, int(fields[unit]), int(index[unit]), float(values[unit]))
    return IndexSpectrum(module_of_unit, index, fields, values, p_values, bases, striped)


def _checked(
    labels: npt.ArrayLike, bases_m: npt.ArrayLike, units: int
) -> tuple[Int[np.ndarray, " unit"], Float[np.ndarray, "module 2 2"]]:
    """Labels of so many units and the lattices that they name; ValueError where these do not fit."""
    numbers, lattices = plain_numbers("labels", labels, np.float64), plain_numbers("bases_m", bases_m, np.float64)
    lattices = lattices.reshape(-1, 2, 2) if not lattices.size else lattices
    if numbers.shape != (units,) or lattices.shape[1:] != (2, 2):
        raise ValueError(
            f"labels must be ({units},) as the maps, bases_m (modules, 2, 2); got {numbers.shape}, {lattices.shape}"
        )
    if not (np.isfinite(numbers) & (numbers == np.rint(numbers))).all():
        raise ValueError(f"labels must be whole numbers, the index of each unit's module or -1, got {shown(labels)}")
    if not (np.isfinite(lattices).all() and (np.linalg.matrix_rank(lattices) == 2).all()):
        raise ValueError(f"bases_m must be two finite, linearly independent vectors each, got {shown(bases_m)}")
    named = np.unique(numbers[numbers != -1])
    if not np.array_equal(named, np.arange(len(lattices))):
        raise ValueError(
            f"labels must name each of the {len(lattices)} bases_m, 0 to {len(lattices) - 1}, for one unit at least, "
            f"and beside them only -1 (no module); got {named.astype(int).tolist()}"
        )
    return numbers.astype(int), lattices


def periods(
    basis_m: npt.ArrayLike,
    *,
    alpha: float = 0.01,
    min_units: int = 3,
    null_draws: int = 199,
    seed: int | np.random.Generator = 0,
) -> tuple[Period, ...]:
    """Discrete periods of a population, from the smallest spacing to the largest, as the field counts modules.

    Units are grouped by their own lattices alone, (units, 2, 2) in meters, NaN without: groups of at least `min_units`
    units that are denser (p <= `alpha`) than a continuum of spacings explains. That two periods are sublattices of one
    torus does not matter here; :func:`find_modules` asks that. The shuffles are those of :func:`scan_lattices`.

    Raises
    ------
    ValueError
        For another shape, or a basis of linearly dependent vectors.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> bases = np.stack([synthetic_cells.lattice_basis(spacing) for spacing in [0.4] * 6 + [0.7] * 6])
    >>> bases += 0.001 * np.random.default_rng(0).normal(size=bases.shape)
    >>> [(len(period.members), round(period.spacing_m, 1)) for period in periods(bases)]
    [(6, 0.4), (6, 0.7)]

    """
    bases = np.asarray(basis_m, dtype=np.float64)
    if bases.ndim != 3 or bases.shape[1:] != (2, 2):
        raise ValueError(f"basis_m must have shape (units, 2, 2), got {bases.shape}")
    finite = np.flatnonzero(np.isfinite(bases).all(axis=(1, 2)))
    reduced = np.array([lattice_shape(basis).basis_m for basis in bases[finite]]).reshape(-1, 2, 2)
    result = []
    for group in scan_lattices(reduced, alpha, min_units, null_draws, seed).groups:
        shape = lattice_shape(group.basis)
        result.append(Period(finite[group.members], *shape[:3], group.p_value))
    return tuple(sorted(result, key=lambda period: period.spacing_m))
