"""Modules: groups of units that share one lattice, each independent of the others."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from pydantic import Field

from ..._settings import Renamed
from ..lattices import NEIGHBOR_RATIO, lattice_distance, lattice_shape, scan_lattices
from ..maps import RateMaps, as_maps
from ._module import Module, Modules
from ._own_lattices import not_usable, own_lattices
from ._phase_dependence import FUNCTION, PhaseDependence, phase_dependence
from ._shared_torus import Torus, shared_tori

_MEMBER_ALPHA = 0.05
_MEMBER_DRAWS = 200
_SAME_BASIS = 0.1


class ModulesConfig(Renamed):
    """How modules are sought."""

    FORMER = {"least": "min_units", "draws": "null_draws"}

    alpha: float = Field(
        0.01, gt=0, lt=1, description="Level of each test against a continuum of spacings. Source: ours."
    )
    min_units: int = Field(
        3, ge=2, description="Fewest units with a lattice of their own that make a module, units. Source: ours."
    )
    null_draws: int = Field(199, ge=19, description="Continua that p is counted among; above 1 / alpha. Source: ours.")


def find_modules(
    rate_maps: npt.ArrayLike | RateMaps,
    bin_size: float = 0.05,
    *,
    bases_m: npt.ArrayLike | None = None,
    alpha: float = 0.01,
    min_units: int = 3,
    null_draws: int = 199,
    seed: int | np.random.Generator = 0,
    min_overlap: int = 20,
    active_threshold: float = 0.0,
    constant_below: float = 0.2,
) -> Modules:
    """Find the modules of a population: groups of units whose states are functions of the phase in one lattice.

    1. Every unit that is active, modulated and repeats on its own lattice (see :func:`lattice`) gives that lattice:
       both basis vectors, so spacing, orientation and ellipticity count together.
    2. Groups of nearly equal lattices are taken one after the other for as long as the densest stands out (p <=
       alpha) from a continuum of spacings; this decides how many groups there are. See :func:`scan_lattices`.
    3. Two groups are one module unless they are independent, that is, unless the states of one are not a function of
       the phase in the other: decided by how alike the maps are at places of equal phase. Units with 2, 3 or 4 fields
       per unit cell (spacing 1/sqrt(3) or 1/2 of the module's, turned) so fall to the module. See
       :func:`shared_tori`.
    4. Units left over join the module on whose phase their activity depends, if by more than half and more than on 95 %
       of turned and scaled copies of its lattice.

    Source: Schaeffer et al. 2023 for the question (C1b, C2); the procedure is ours.

    Parameters
    ----------
    rate_maps : (units, nx, ny), unvisited bins NaN; or RateMaps
        At least 10 bins a side.
    bin_size : side of a square bin, meters
        Not used for RateMaps, which bring their edges.
    bases_m : (units, 2, 2), NaN for units without a lattice
        Lattices known already (``UnitTable.basis_m``); otherwise fitted here, which takes most of the time.
    alpha, null_draws
        Level of each test, and number of continua; p cannot fall below 1 / (null_draws + 1).
    min_units : units
        Fewest units with a lattice of their own that make a module.
    seed, min_overlap
        Of all random draws; bins, as for :func:`autocorrelogram`.
    active_threshold, constant_below
        Units with a peak at or below the first, or a standard deviation over bins below this share of the mean,
        take no part. The second as in :class:`AnalysisConfig`.

    Raises
    ------
    ValueError
        For shapes or settings out of range.

    Limits
    ------
    Lattices wider than about three quarters of the box cannot be seen. A continuum within a factor of sqrt(2) is one
    wide module (look at `spacing_sd_m`). Modules that stay in step over the whole box are one: nothing in the maps
    tells them apart. A module whose units all have several fields per cell is found with its finer lattice.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    >>> basis, phases = synthetic_cells.lattice_basis(0.5, 10), np.random.default_rng(0).random((8, 2))
    >>> maps = np.moveaxis(synthetic_cells.grid_cells(centers, basis, phases, 0.08), -1, 0)  # cells of one lattice
    >>> modules = find_modules(maps, null_draws=99)
    >>> [(len(module.members), round(module.spacing_m, 2)) for module in modules.modules]
    [(8, 0.5)]

    """
    maps, bin_size = _as_input(rate_maps, bin_size)
    if not (0 < alpha < 1 and min_units >= 2 and (null_draws + 1) * alpha >= 1):
        raise ValueError(
            "alpha must be in (0, 1), min_units at least 2, null_draws at least 1/alpha - 1; "
            f"got alpha={alpha}, min_units={min_units}, null_draws={null_draws}"
        )
    generator = np.random.default_rng(seed)
    reasons = not_usable(maps, active_threshold, constant_below)
    usable = np.array([unit for unit in range(len(maps)) if unit not in reasons], dtype=int)
    phase = phase_dependence(maps, min_overlap)
    bases = own_lattices(maps, bin_size, bases_m, usable, min_overlap, phase, reasons)
    with_lattice = np.flatnonzero(np.isfinite(bases).all(axis=(1, 2)))
    scan = scan_lattices(bases[with_lattice], alpha, min_units, null_draws, generator)
    # The scan numbers lattices, everything else units.
    groups = tuple(replace(group, members=with_lattice[group.members]) for group in scan.groups)
    tori = shared_tori(groups, phase, alpha, generator)
    tori = sorted(tori, key=lambda torus: lattice_shape(torus.basis).spacing_m)
    members = _members(tori, usable, phase, generator)
    modules = tuple(_module(torus, units, bases, phase, bin_size) for torus, units in zip(tori, members, strict=True))
    assigned = {int(unit) for units in members for unit in units}
    for unit in with_lattice:
        spacing = lattice_shape(bases[unit]).spacing_m * bin_size
        reasons[int(unit)] = (
            f"its lattice ({spacing:.2f} m) is no module's, and its activity is not a function of the phase in one"
            if modules
            else f"its lattice ({spacing:.2f} m) is shared by too few units to stand out from a continuum"
        )
    unassigned = {unit: reasons[unit] for unit in range(len(maps)) if unit not in assigned}
    spacings = np.array([module.spacing_m for module in modules])
    ratios = spacings[1:] / spacings[:-1]
    dependence = _mutual_dependence(tori, members, phase)
    verdict = _verdict(modules, maps, usable, with_lattice, scan.rest_p_value, alpha, min_units, bin_size)
    return Modules(modules, unassigned, dependence, ratios, scan.rest_p_value, verdict)


def _as_input(rate_maps: npt.ArrayLike | RateMaps, bin_size: float) -> tuple[Float[np.ndarray, "unit x y"], float]:
    """Maps as float64 (units, nx, ny) and the bin size in meters, both checked."""
    if isinstance(rate_maps, RateMaps):
        steps = np.concatenate([np.diff(rate_maps.x_edges), np.diff(rate_maps.y_edges)])
        if not np.allclose(steps, steps[0], rtol=1e-3):
            raise ValueError(
                f"rate_maps must have square bins of one size, got sides from {steps.min():g} to {steps.max():g} m"
            )
        rate_maps, bin_size = rate_maps.maps, float(steps[0])
    if not 0 < bin_size < np.inf:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    maps = as_maps(rate_maps)
    if maps.ndim != 3 or min(maps.shape[1:]) < 10:
        raise ValueError(
            f"rate_maps must have shape (units, nx, ny) with at least 10 bins a side, got {maps.shape}; "
            "for one unit: maps[None]"
        )
    return maps, bin_size


def _members(
    tori: list[Torus], usable: Int[np.ndarray, " unit"], phase: PhaseDependence, generator: np.random.Generator
) -> list[Int[np.ndarray, " member"]]:
    """Units of each torus: those of its groups, and those of the rest that are functions of its phase."""
    members = [np.union1d(torus.own, torus.finer) for torus in tori]
    if not tori:
        return members
    rest = np.setdiff1d(usable, np.concatenate(members))
    maps = phase.subset(rest)
    depends = np.full((len(tori), len(rest)), -np.inf)
    for index, torus in enumerate(tori):
        value = maps.of(torus.basis)
        null = maps.by_chance(torus.basis, NEIGHBOR_RATIO, _MEMBER_DRAWS, generator)
        chance = (1 + (null >= value).sum(axis=0)) / (1 + len(null))
        passed = (value > FUNCTION) & (chance <= _MEMBER_ALPHA)
        depends[index, passed] = value[passed]
    best = depends.argmax(axis=0)
    joined = np.isfinite(depends.max(axis=0))
    return [np.union1d(units, rest[joined & (best == index)]) for index, units in enumerate(members)]


def _module(
    torus: Torus,
    members: Int[np.ndarray, " member"],
    bases: Float[np.ndarray, "unit 2 2"],
    phase: PhaseDependence,
    bin_size: float,
) -> Module:
    """The numbers of one module."""
    shape = lattice_shape(torus.basis * bin_size)
    phases = np.array([_phases_per_cell(torus.basis, bases[unit]) for unit in members], dtype=int)
    own_shapes = [lattice_shape(bases[unit] * bin_size) for unit in members[phases == 1]]
    turned = np.array([lattice.orientation_deg - shape.orientation_deg for lattice in own_shapes])
    turned = np.mod(turned + 30, 60) - 30
    has_spread = len(own_shapes) >= 2
    return Module(
        members=members,
        spacing_m=shape.spacing_m,
        orientation_deg=shape.orientation_deg,
        ellipticity=shape.ellipticity,
        basis_m=shape.basis_m,
        spacing_sd_m=float(np.std([lattice.spacing_m for lattice in own_shapes], ddof=1))
        if has_spread
        else float("nan"),
        orientation_sd_deg=float(np.std(turned, ddof=1)) if has_spread else float("nan"),
        phases_per_cell=phases,
        dependence=phase.subset(members).of(torus.basis),
        p_value=min(group.p_value for group in torus.groups),
    )


def _phases_per_cell(coarse: Float[np.ndarray, "2 2"], fine: Float[np.ndarray, "2 2"]) -> int:
    """Index of the coarse lattice in a unit's own lattice if the first is contained in the second, else -1."""
    if not np.isfinite(fine).all():
        return -1
    multiples = coarse @ np.linalg.inv(fine)
    integers = np.rint(multiples)
    index = round(abs(float(np.linalg.det(integers))))
    if index == 0 or lattice_distance((integers @ fine)[None], coarse)[0] > _SAME_BASIS:
        return -1
    return index


def _mutual_dependence(
    tori: list[Torus], members: list[Int[np.ndarray, " member"]], phase: PhaseDependence
) -> Float[np.ndarray, "module module"]:
    """Mean dependence of each module's members on each module's phase; NaN when no map can tell."""
    matrix = np.full((len(tori), len(tori)), np.nan)
    for row, units in enumerate(members):
        for column, torus in enumerate(tori):
            values = phase.subset(units).of(torus.basis)
            if np.isfinite(values).any():
                matrix[row, column] = np.nanmean(values)
    return matrix


def _verdict(
    modules: tuple[Module, ...],
    maps: Float[np.ndarray, "unit x y"],
    usable: Int[np.ndarray, " unit"],
    with_lattice: Int[np.ndarray, " unit"],
    p_value: float,
    alpha: float,
    min_units: int,
    bin_size: float,
) -> str:
    """One sentence that says what was found, or why nothing was."""
    if modules:
        sizes = ", ".join(f"{module.spacing_m:.2f} m ({len(module)} units)" for module in modules)
        plural = "s" if len(modules) > 1 else ""
        members = sum(map(len, modules))
        return f"{len(modules)} module{plural}: {sizes}; {members} of {len(usable)} usable units belong to one."
    if len(usable) == 0:
        return f"No modules: none of the {len(maps)} units is active and modulated by place."
    if len(with_lattice) < min_units:
        side = min(maps.shape[1:]) * bin_size
        return (
            f"No modules: {len(with_lattice)} of {len(usable)} usable units repeat on a lattice, and a module needs "
            f"{min_units}; in a box of {side:g} m only spacings below about {0.75 * side:.2g} m can be seen."
        )
    if p_value <= alpha:
        return f"No modules: {len(with_lattice)} units have a lattice, but no {min_units} of them the same one."
    return (
        f"No modules: the lattices of {len(with_lattice)} units are spread as in a continuum of spacings "
        f"(densest group p = {p_value:.2g})."
    )
