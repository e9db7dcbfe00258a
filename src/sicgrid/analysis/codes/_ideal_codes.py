"""Ideal codes to compare a measured one with: place cells and modular grid cells of the same size and mean overlap."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float

from ..._bins import bin_places
from ..._even_points import even_points
from ..._repr import brief
from .. import synthetic_cells as synthetic_cells
from .._config import AnalysisConfig
from ..lattices import lattice_shape
from ..maps import RateMaps, as_places

_CONSTANT_BELOW = AnalysisConfig().constant_below
_TABLE = 96  # points along a side of the unit cell; the narrowest fields are 4 of them wide
_MATCHED_AT = 500  # places; the overlap of 1600 then comes out within 0.01


@brief
class CodeSize(NamedTuple):
    """The resources of a code; codes are compared at equal size."""

    units: int
    overlap: float
    """``|<g>|^2 / <|g|^2>``, the mean over pairs of places of g . g', relative to the squared norm; the capacity
    term."""
    constant_share: float
    """Share of the squared norm in units that are the same everywhere (spread below 0.2 of their mean, the default of
    `AnalysisConfig.constant_below`)."""


@brief
class IdealCode(NamedTuple):
    """An ideal code on the bins asked for; its states have norm 1."""

    maps: RateMaps
    size: CodeSize
    field_width: float
    """Standard deviation of a field: meters for place cells, share of the spacing for grid cells."""


@brief
class ReferenceCodes(NamedTuple):
    """A measured code beside ideal ones of its size."""

    codes: dict[str, RateMaps]
    """By name, ``learned`` first, all at a mean squared norm of 1; see :func:`reference_codes`."""
    notes: list[str]
    """A sentence for each ideal code that there is none of: why."""


def code_size(state_maps: RateMaps) -> CodeSize:
    """Units, mean overlap and share of constant units of a measured code.

    Raises
    ------
    ValueError
        If all states are zero, or the maps cannot be read as a code (see :class:`RateMaps`).

    >>> from sicgrid.analysis import RateMaps
    >>> edges = np.linspace(0, 1, 3)
    >>> code_size(RateMaps(np.eye(4).reshape(4, 2, 2), np.ones((2, 2)), edges, edges))  # a unit a place
    CodeSize(units=4, overlap=0.25, constant_share=0.0)

    """
    states = as_places(state_maps).states
    squared = float((states**2).sum(axis=1).mean())
    if not squared > 0:
        raise ValueError("state_maps must not be zero everywhere: a silent population has no code")
    mean, spread = states.mean(axis=0), states.std(axis=0)
    constant = (mean > 0) & (spread < _CONSTANT_BELOW * mean)
    shares = (states[:, constant] ** 2).sum(axis=1).mean() / squared
    return CodeSize(states.shape[1], float(mean @ mean) / squared, float(shares))


def modular_code(x_edges: npt.ArrayLike, y_edges: npt.ArrayLike, bases_m: npt.ArrayLike, size: CodeSize) -> IdealCode:
    """Modules of hexagonal (or whatever the bases say) grid cells whose phases tile the unit cell evenly.

    Each module has the same number of units (the first ones get what is left over) and Gaussian fields of the same
    share of its spacing; that share is set so that the mean overlap is `size.overlap`. States are scaled to norm 1,
    and one constant unit takes `size.constant_share` of it when that is positive.

    Parameters
    ----------
    x_edges, y_edges : (nx + 1,), (ny + 1,) meters
        Bins at whose centers the code is evaluated.
    bases_m
        (modules, 2, 2), rows the lattice vectors of each module, meters.
    size : of the code
        See :func:`code_size`.

    Raises
    ------
    ValueError
        For bases of the wrong shape, fewer than three units for a module, or an overlap that no field width gives.

    >>> from sicgrid.analysis import synthetic_cells
    >>> edges, basis = np.linspace(-0.5, 0.5, 21), synthetic_cells.lattice_basis(0.4)
    >>> code = modular_code(edges, edges, [basis], CodeSize(units=40, overlap=0.2, constant_share=0.0))
    >>> code.maps.maps.shape, round(code.size.overlap, 3)
    ((40, 20, 20), 0.2)

    """
    bases = _checked_bases(bases_m)
    units = size.units - (size.constant_share > 0)
    if units < 3 * len(bases):
        raise ValueError(f"size.units must give each of {len(bases)} modules at least 3 units, got {size.units} in all")
    counts = [units // len(bases) + (k < units % len(bases)) for k in range(len(bases))]
    spacings = [lattice_shape(basis).spacing_m for basis in bases]

    def build(places: np.ndarray, width: float) -> np.ndarray:
        modules = []
        for basis, count, spacing in zip(bases, counts, spacings, strict=True):
            cells = _periodic_cells(places, basis, _even(count), width * spacing)
            modules.append(cells / np.linalg.norm(cells, axis=-1, keepdims=True))
        return np.asarray(np.concatenate(modules, axis=-1) / np.sqrt(len(bases)))

    # Narrower fields would leave holes between units, wider ones are flat to 1 %.
    return _matched(build, (0.45 / np.sqrt(max(counts)), 0.4), size, x_edges, y_edges)


def place_code(x_edges: npt.ArrayLike, y_edges: npt.ArrayLike, size: CodeSize) -> IdealCode:
    """Place cells whose centers tile the box evenly, with the field width that gives the mean overlap `size.overlap`.

    States are scaled to norm 1; one constant unit takes `size.constant_share` of it when that is positive.

    Raises
    ------
    ValueError
        If fewer than three units remain beside a constant one, overlap or constant share are out of range, or no field
        width gives the overlap.

    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> code = place_code(edges, edges, CodeSize(units=40, overlap=0.1, constant_share=0.0))
    >>> code.maps.maps.shape, round(code.field_width, 3), round(code.size.overlap, 3)
    ((40, 20, 20), 0.097, 0.1)

    """
    units = size.units - (size.constant_share > 0)
    if units < 3:
        raise ValueError(f"size.units must be at least 3 beside a constant unit, got {size.units}")
    low, high = (np.array([np.min(edges), np.max(edges)], dtype=np.float64) for edges in (x_edges, y_edges))
    middles = np.stack(
        [low[0] + (low[1] - low[0]) * _even(units)[:, 0], high[0] + (high[1] - high[0]) * _even(units)[:, 1]], 1
    )
    side = float(np.sqrt((low[1] - low[0]) * (high[1] - high[0])))

    def build(places: np.ndarray, width: float) -> np.ndarray:
        cells = synthetic_cells.place_cells(places, middles, width)
        return np.asarray(cells / np.linalg.norm(cells, axis=-1, keepdims=True))

    return _matched(build, (0.45 * side / np.sqrt(units), 2 * side), size, x_edges, y_edges)


def reference_codes(state_maps: RateMaps, bases_m: npt.ArrayLike | None) -> ReferenceCodes:
    """A measured code and the ideal ones that it is compared with, of the same units, mean overlap and constant share.

    By name: ``learned``, the measured one; ``place``, see :func:`place_code`; with `bases_m` (modules, 2, 2), meters,
    ``grid``, one ideal module for each lattice, see :func:`modular_code`, and with several modules ``largest``, all
    units in the one of the largest cell. All states have a mean squared norm of 1, since noise of a given size hurts a
    longer state less. An ideal code that cannot have this size is left out, and a note says why.

    Raises
    ------
    ValueError
        As :func:`code_size`, or for bases of the wrong shape.

    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> measured = place_code(edges, edges, CodeSize(units=40, overlap=0.2, constant_share=0.0)).maps
    >>> codes, notes = reference_codes(measured, np.array([[[0.4, 0.0], [0.2, 0.3]], [[0.6, 0.0], [0.3, 0.5]]]))
    >>> list(codes), notes
    (['learned', 'place', 'grid', 'largest'], [])

    """
    size, bases = code_size(state_maps), None if bases_m is None else _checked_bases(bases_m)
    squared = float(np.nanmean((state_maps.maps**2).sum(axis=0)))
    codes, notes = {"learned": state_maps._replace(maps=state_maps.maps / np.sqrt(squared))}, []
    edges = state_maps.x_edges, state_maps.y_edges
    try:
        codes["place"] = place_code(*edges, size).maps
    except ValueError as error:
        notes.append(f"no place code: {error}.")
    if bases is None:
        return ReferenceCodes(codes, notes)
    try:
        codes["grid"] = modular_code(*edges, bases, size).maps
        if len(bases) > 1:
            area = np.abs(np.linalg.det(bases))
            codes["largest"] = modular_code(*edges, bases[[int(area.argmax())]], size).maps
    except ValueError as error:
        notes.append(f"no ideal modular code: {error}.")
    return ReferenceCodes(codes, notes)


def _checked_bases(bases_m: npt.ArrayLike) -> Float[np.ndarray, "module 2 2"]:
    bases = np.asarray(bases_m, dtype=np.float64)
    if bases.ndim != 3 or bases.shape[1:] != (2, 2) or len(bases) == 0 or not np.isfinite(bases).all():
        raise ValueError(f"bases_m must be (modules, 2, 2), finite, with at least one module, got shape {bases.shape}")
    return bases


def _periodic_cells(
    places: Float[np.ndarray, "*place 2"],
    basis: Float[np.ndarray, "2 2"],
    phases: Float[np.ndarray, "unit 2"],
    width: float,
) -> Float[np.ndarray, "*place unit"]:
    """`synthetic_cells.grid_cells`, its one function looked up in a table of the unit cell: 100 times as fast."""
    axis = np.arange(_TABLE) / _TABLE
    cell = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    table = synthetic_cells.grid_cells(cell @ basis, basis, np.zeros((1, 2)), width)[..., 0]
    from_field = (places @ np.linalg.inv(basis))[..., None, :] - phases
    # Splines go below zero by 1e-6 where the field is zero.
    rates = scipy.ndimage.map_coordinates(table, np.moveaxis(from_field, -1, 0) * _TABLE, order=3, mode="grid-wrap")
    return np.asarray(np.maximum(rates, 0.0))


def _matched(
    build: Callable[[np.ndarray, float], np.ndarray],
    widths: tuple[float, float],
    size: CodeSize,
    x_edges: npt.ArrayLike,
    y_edges: npt.ArrayLike,
) -> IdealCode:
    """The code `build(places, width)` of the width that gives `size.overlap`, with a constant unit if size has a share.

    Unit states with a constant share c have the overlap ``c + (1 - c) o``, o that of the built code. The width is found
    by Brent's method on `_MATCHED_AT` places.
    """
    share = size.constant_share
    centers = _centers(x_edges, y_edges)
    if not (0 <= share < 1 and 0 < size.overlap < 1):
        raise ValueError(
            f"size must have an overlap in (0, 1) and a constant_share in [0, 1), got {size.overlap:g} and {share:g}"
        )
    target = (size.overlap - share) / (1 - share)
    points = centers.reshape(-1, 2)
    chosen = points[np.random.default_rng(0).permutation(len(points))[:_MATCHED_AT]]

    def surplus(width: float) -> float:
        mean, count = build(chosen, width).mean(axis=0), len(chosen)
        # The overlap of pairs of distinct places, then with as many pairs of a place with itself as all places have.
        distinct_overlap = (count * float(mean @ mean) - 1) / (count - 1)
        return distinct_overlap + (1 - distinct_overlap) / len(points) - target

    narrow, wide = surplus(widths[0]), surplus(widths[1])
    if narrow > 0 or wide < 0:
        raise ValueError(
            f"size.overlap must lie in [{share + (1 - share) * (narrow + target):.3f}, "
            f"{share + (1 - share) * (wide + target):.3f}] for {size.units} units with constant_share {share:.3f}, "
            f"got {size.overlap:.3f}: no field width gives it"
        )
    from scipy.optimize import brentq  # here, since it takes a while to load

    width = float(brentq(surplus, *widths, xtol=1e-3 * widths[0]))
    states = build(centers, width)
    if share > 0:
        constant = np.full((*states.shape[:2], 1), np.sqrt(share))
        states = np.concatenate([np.sqrt(1 - share) * states, constant], axis=-1)
    maps = np.ascontiguousarray(np.moveaxis(states, -1, 0))
    edges = np.asarray(x_edges, dtype=np.float64), np.asarray(y_edges, dtype=np.float64)
    maps_of_code = RateMaps(maps, np.ones(maps.shape[1:]), *edges)
    mean = states.mean(axis=(0, 1))
    return IdealCode(maps_of_code, CodeSize(size.units, float(mean @ mean), share), width)


def _even(count: int) -> Float[np.ndarray, "point 2"]:
    """Points spread evenly over the unit square."""
    return even_points(np.arange(1, count + 1), 0.5)


def _centers(x_edges: npt.ArrayLike, y_edges: npt.ArrayLike) -> Float[np.ndarray, "x y 2"]:
    x, y = (np.asarray(edges, dtype=np.float64) for edges in (x_edges, y_edges))
    return bin_places(x, y)
