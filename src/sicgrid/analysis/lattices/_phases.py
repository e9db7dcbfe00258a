"""Phases of units in lattice coordinates, and whether they tile the unit cell."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float
from pydantic import Field

from ..._repr import brief
from ..._settings import Renamed
from ..maps import as_maps
from ._lattice import lattice_shape
from ._wave_vectors import wave_vectors

_WEAKEST_WAVE = 0.1
_LATER_RINGS = 0.5
# h k1 + h' k2 for three rings of the lattice's spectrum, k1 and k2 being 120 degrees apart; the shortest three first.
_HARMONICS = np.array([(1, 0), (0, 1), (-1, -1), (1, -1), (2, 1), (1, 2), (2, 0), (0, 2), (2, 2)])
_LEAST_UNITS = 5


class PhasesConfig(Renamed):
    """How the tiling of the unit cell is tested."""

    FORMER = {"draws": "null_draws"}

    null_draws: int = Field(999, ge=99, description="Sets of random phases. Source: ours (p down to 0.001).")


@brief
@dataclass(frozen=True)
class Phases:
    """Phases of units on the torus of one lattice."""

    phi: Float[np.ndarray, "unit 3"]
    """Radians in [0, 2 pi) along k1, k2, k3 (:func:`wave_vectors`), each measured by itself: the activity goes like
    ``cos(2 pi k_j . x - phi_j)``, x from the center of the map."""
    closure: Float[np.ndarray, " unit"]
    """phi1 + phi2 + phi3 in (-pi, pi]: 0 for one field per unit cell at a definite place."""
    coordinates: Float[np.ndarray, "unit 2"]
    """Place of the field in lattice coordinates, in [0, 1): the phases (phi1, phi2) / 2 pi, after the closure is shared
    out among the three. Fields at (coordinates + integers) @ basis, the basis being that which was given."""
    power: Float[np.ndarray, "unit 3"]
    """Of each wave, as a share of the variance of the periodic part of the map."""
    single: Bool[np.ndarray, " unit"]
    """Units with one phase. The power of one field per cell falls off with |k|, that of several does not: the weakest
    of the three waves must have a tenth of the power of the strongest, and half of that of the strongest wave of the
    next two rings. The others (several fields per cell, stripes, silent units) have numbers but no meaningful phase."""


@brief
@dataclass(frozen=True)
class Tiling:
    """How evenly phases fill the unit cell, against as many random phases."""

    units: int
    statistic: float
    p_clustered: float
    """Share of random phases at least as uneven: small means that phases cluster."""
    p_even: float
    """Share of random phases at least as even: small means that phases keep apart, as in a lattice of phases."""
    closure_deg: float
    """Mean of phi1 + phi2 + phi3 over units, degrees in (-180, 180]."""
    closure_spread_deg: float
    """Circular standard deviation of that sum: 0 when all lie on one plane (C6), above 80 or so for unrelated ones."""
    verdict: str


def lattice_phases(rate_maps: npt.ArrayLike, basis_m: npt.ArrayLike, bin_size: float = 0.05) -> Phases:
    """Phase of every map (units, nx, ny), unvisited bins NaN, on the lattice with this basis (rows, meters).

    Each map is fitted by least squares with a constant and the waves of three rings of the lattice's spectrum, all at
    once: plain Fourier coefficients of a box that is no multiple of the unit cell would mix the waves. phi1, phi2,
    phi3 are three separate measurements; only a hexagonal-like map with one field per cell makes them sum to a
    constant.

    Modulo the lattice, not modulo Cartesian axes: places that differ by a lattice vector have equal phases.

    Raises
    ------
    ValueError
        For shapes, or a basis of a lattice with no vector within the box.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> lattice_phases(maps, basis).coordinates.round(2).tolist()
    [[0.2, 0.3], [0.7, 0.1]]

    """
    maps = as_maps(rate_maps)
    if maps.ndim != 3:
        raise ValueError(f"rate_maps must have shape (units, nx, ny), got {maps.shape}; for one unit: maps[None]")
    if not 0 < bin_size < np.inf:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    k = wave_vectors(basis_m)[:2] * bin_size
    if np.linalg.norm(np.linalg.inv(k), axis=0).min() > np.linalg.norm(maps.shape[1:]):
        raise ValueError(
            "basis_m must be a lattice with a vector that fits into the map; phases of one field are places"
        )
    waves = _HARMONICS @ k
    waves = waves[(np.abs(waves) < 0.5).all(axis=1)]
    if len(waves) < 3:
        raise ValueError(f"basis_m has fields nearer than two bins of {bin_size:g} m; use smaller bins")
    amplitudes = np.full((len(maps), len(waves)), np.nan + 0j)
    for unit, rate_map in enumerate(maps):
        x, y = np.nonzero(np.isfinite(rate_map))
        if len(x) > 4 * len(waves):
            places = np.stack([x, y], axis=1) - (np.array(rate_map.shape) - 1) / 2
            amplitudes[unit] = _fit(places, rate_map[x, y], waves)
    phases = _phases(amplitudes)
    return replace(phases, coordinates=_in_basis(phases.coordinates, basis_m))


def tiling(phases: Phases, null_draws: int = 999, seed: int | np.random.Generator = 0, alpha: float = 0.05) -> Tiling:
    """Do the phases of the units with one phase fill the unit cell uniformly?

    Statistic: the mean over pairs of units of a smooth kernel on the torus, written in its Fourier series,
    ``sum over h of w_h |mean over units of exp(2 pi i h . coordinates)|^2``, ``w_h = exp(-h.h)`` over h in -3..3 (a
    Sobolev test in the sense of Gine 1975). The same for `null_draws` sets of random phases gives both tails:
    clustered, or more even than chance.

    Raises
    ------
    ValueError
        For fewer than 5 units with a phase.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> grid = np.stack(np.meshgrid(*[np.arange(4) / 4] * 2), axis=-1).reshape(-1, 2)  # 16 phases that tile the cell
    >>> maps = np.moveaxis(synthetic_cells.grid_cells(centers, basis, grid, 0.08), -1, 0)
    >>> tiling(lattice_phases(maps, basis), null_draws=99).verdict
    'the phases of 16 units tile the unit cell more evenly than random ones (p = 0.01)'

    """
    points = _coordinates(phases.phi, phases.closure)[phases.single]  # in whichever basis the phases were asked for
    if len(points) < _LEAST_UNITS:
        raise ValueError(
            f"phases must hold at least {_LEAST_UNITS} units with one phase to test a tiling, "
            f"got {len(points)} of {len(phases.phi)}"
        )
    generator = np.random.default_rng(seed)
    observed = _unevenness(points)
    null = np.array([_unevenness(generator.random(points.shape)) for _ in range(null_draws)])
    p_clustered = float((1 + (null >= observed).sum()) / (1 + null_draws))
    p_even = float((1 + (null <= observed).sum()) / (1 + null_draws))
    mean = np.exp(1j * phases.closure[phases.single]).mean()
    spread = float(np.rad2deg(np.sqrt(-2 * np.log(min(max(abs(mean), 1e-12), 1.0)))))
    if p_clustered <= alpha:
        verdict = f"the phases of {len(points)} units cluster (p = {p_clustered:.2g} against random phases)"
    elif p_even <= alpha:
        verdict = (
            f"the phases of {len(points)} units tile the unit cell more evenly than random ones (p = {p_even:.2g})"
        )
    else:
        verdict = f"the phases of {len(points)} units cannot be told from uniformly random ones (p = {p_clustered:.2g})"
    return Tiling(len(points), observed, p_clustered, p_even, float(np.rad2deg(np.angle(mean))), spread, verdict)


def _fit(
    places: Float[np.ndarray, "bin 2"], values: Float[np.ndarray, " bin"], waves: Float[np.ndarray, "wave 2"]
) -> np.ndarray:
    """Amplitudes a of ``values = constant + sum of Re(a exp(2 pi i k.x))``; 0 for a constant map."""
    turns = 2 * np.pi * places @ waves.T
    design = np.hstack([np.ones((len(places), 1)), np.cos(turns), -np.sin(turns)])
    gram = design.T @ design
    # A small ridge, since a box little wider than the cell hardly tells the outer waves apart.
    gram[np.diag_indices_from(gram)] += 1e-6 * len(places)
    solution = np.linalg.solve(gram, design.T @ (values - values.mean()))
    return np.asarray(solution[1 : 1 + len(waves)] + 1j * solution[1 + len(waves) :])


def _phases(amplitudes: np.ndarray) -> Phases:
    """`Phases` from the complex amplitudes (unit, wave) of the waves of `_HARMONICS`."""
    power = np.abs(amplitudes) ** 2
    total = power.sum(axis=1, keepdims=True)
    share = np.divide(power[:, :3], total, out=np.full((len(power), 3), np.nan), where=total > 1e-24)
    phi = np.mod(-np.angle(amplitudes[:, :3]), 2 * np.pi)
    phi[~np.isfinite(share)] = np.nan
    closure = np.angle(np.exp(1j * phi.sum(axis=1)))
    later = power[:, 3:].max(axis=1, initial=0.0)
    weakest, strongest = power[:, :3].min(axis=1), power[:, :3].max(axis=1)
    single = np.isfinite(share).all(axis=1)
    single[single] = (weakest >= np.maximum(_WEAKEST_WAVE * strongest, _LATER_RINGS * later))[single]
    return Phases(phi, closure, _coordinates(phi, closure), share, single)


def _coordinates(phi: Float[np.ndarray, "unit 3"], closure: Float[np.ndarray, " unit"]) -> Float[np.ndarray, "unit 2"]:
    """Places of the fields in the conventional basis, whose waves the phases are of."""
    return _modulo((phi[:, :2] - closure[:, None] / 3) / (2 * np.pi))


def _in_basis(coordinates: Float[np.ndarray, "unit 2"], basis_m: npt.ArrayLike) -> Float[np.ndarray, "unit 2"]:
    """From the conventional basis to another one of the same lattice: the two differ by whole numbers."""
    change = np.rint(lattice_shape(basis_m).basis_m @ np.linalg.inv(np.asarray(basis_m, dtype=np.float64)))
    return coordinates if np.array_equal(change, np.eye(2)) else _modulo(coordinates @ change)


def _modulo(coordinates: Float[np.ndarray, "unit 2"]) -> Float[np.ndarray, "unit 2"]:
    inside = np.mod(coordinates, 1.0)
    inside[inside == 1.0] = 0.0  # np.mod of a tiny negative number rounds up to 1
    return np.asarray(inside)


def _unevenness(points: Float[np.ndarray, "unit 2"]) -> float:
    """The statistic of `tiling` for phases in [0, 1)."""
    order = np.arange(-3, 4)
    x, y = (np.exp(2j * np.pi * points[:, axis, None] * order) for axis in range(2))
    mean = x.T @ y / len(points)
    weight = np.exp(-(order[:, None] ** 2 + order[None, :] ** 2).astype(np.float64))
    weight[3, 3] = 0.0
    return float((weight * np.abs(mean) ** 2).sum())
