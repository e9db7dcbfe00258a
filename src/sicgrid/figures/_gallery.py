"""All units at a glance: rate maps with their autocorrelograms."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._style import AUTOCORRELOGRAM_COLORS, INK, RATE_COLORS, SURFACE, bare, same_length, scale_bar


def gallery_order(
    spacing_m: Float[np.ndarray, " unit"], grid_score: Float[np.ndarray, " unit"], *, step: float = 0.05
) -> Int[np.ndarray, " unit"]:
    """Order of units by spacing, to the nearest ``step`` meters, and by falling score within equal spacing.

    Exact spacings never tie, so sorting by them alone would scatter good and poor units of one lattice; ``step`` is the
    bin of a rate map. Units without a spacing come last, by score; without a score, at the end of their group.

    Raises
    ------
    ValueError
        If ``step`` is not positive, or there is not one value of each a unit.

    """
    spacing_m, grid_score = np.asarray(spacing_m, dtype=float), np.asarray(grid_score, dtype=float)
    same_length(spacing_m=spacing_m, grid_score=grid_score)
    if not step > 0:
        raise ValueError(f"step must be a positive length in meters, got {step!r}")
    group = np.where(np.isfinite(spacing_m), np.round(spacing_m / step), np.inf)
    score = np.where(np.isfinite(grid_score), grid_score, -np.inf)
    return np.lexsort((-score, group))


def rate_map_gallery(
    maps: Float[np.ndarray, "unit x y"],
    x_edges: Float[np.ndarray, " x_edges"],
    y_edges: Float[np.ndarray, " y_edges"],
    *,
    grid_score: Float[np.ndarray, " unit"],
    spacing_m: Float[np.ndarray, " unit"],
    autocorrelograms: Float[np.ndarray, "unit lag_x lag_y"] | None = None,
    units: Int[np.ndarray, " shown"] | None = None,
    columns: int = 16,
) -> Figure:
    """Rate maps, score and spacing above, each with its autocorrelogram below; one scale bar for all.

    Maps run from 0 to their own peak (viridis), autocorrelograms from -1 to 1 around white. Unvisited bins are left
    blank. x points right and y up.

    Parameters
    ----------
    maps
        Rate maps; NaN where unvisited.
    x_edges, y_edges
        Bin edges, meters.
    grid_score, spacing_m
        One value per unit; NaN where undefined (printed as a dash).
    autocorrelograms
        Pearson r by shift, or None to leave them out.
    units
        Which units, in which order; default all, in :func:`gallery_order`.
    columns
        Maps in a row.

    Raises
    ------
    ValueError
        If shapes do not belong together, a unit does not exist, or nothing is left to show.

    """
    maps = np.asarray(maps, dtype=float)
    _check(maps, np.asarray(x_edges), np.asarray(y_edges), autocorrelograms, columns)
    same_length(unit=maps[:, 0, 0], grid_score=np.asarray(grid_score), spacing_m=np.asarray(spacing_m))
    chosen = gallery_order(spacing_m, grid_score) if units is None else np.asarray(units)
    if chosen.size == 0 or chosen.min() < 0 or chosen.max() >= len(maps):
        raise ValueError(f"units must be one or more of 0 to {len(maps) - 1}, got {chosen.tolist()}")

    layers = 1 if autocorrelograms is None else 2
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = Figure(figsize=(0.82 * columns, rows * (0.84 * layers + 0.24) + 0.3), facecolor=SURFACE)
    # A blank third line under each row keeps the next row's numbers away from this row's pictures.
    heights = [0.34, *[1.0] * layers] * rows + [0.3]
    grid = figure.add_gridspec(
        len(heights),
        columns,
        height_ratios=heights,
        left=0.01,
        right=0.99,
        top=0.995,
        bottom=0.005,
        wspace=0.06,
        hspace=0.06,
    )
    extent = (float(x_edges[0]), float(x_edges[-1]), float(y_edges[0]), float(y_edges[-1]))
    for k, unit in enumerate(chosen):
        row, column = divmod(k, columns)
        axes = figure.add_subplot(grid[row * (layers + 1) + 1, column])
        draw_map(axes, maps[unit], extent)
        bare(axes)
        score, spacing = _number(float(grid_score[unit]), ""), _number(float(spacing_m[unit]), " m")
        axes.set_title(f"{score}  {spacing}", fontsize=6.5, color=INK, pad=2)
        if autocorrelograms is not None:
            _autocorrelogram(figure.add_subplot(grid[row * (layers + 1) + 2, column]), autocorrelograms[unit])
    scale_bar(figure.add_subplot(grid[-1, 0]), extent[1] - extent[0])
    return figure


def _check(
    maps: np.ndarray, x_edges: np.ndarray, y_edges: np.ndarray, autocorrelograms: np.ndarray | None, columns: int
) -> None:
    if maps.ndim != 3 or maps.shape[1:] != (len(x_edges) - 1, len(y_edges) - 1):
        raise ValueError(
            f"maps must be (unit, {len(x_edges) - 1}, {len(y_edges) - 1}) to fit the bin edges, got shape {maps.shape}"
        )
    if autocorrelograms is not None and len(autocorrelograms) != len(maps):
        raise ValueError(f"autocorrelograms must be one per unit, {len(maps)}, got {len(autocorrelograms)}")
    if columns < 1:
        raise ValueError(f"columns must be 1 or more, got {columns}")


def _number(value: float, unit: str) -> str:
    return f"{value:.2f}{unit}" if np.isfinite(value) else "–"


def draw_map(axes: Axes, rate_map: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """A rate map from 0 to its peak, x right and y up."""
    peak = np.nanmax(rate_map) if np.isfinite(rate_map).any() else 0.0
    axes.imshow(
        rate_map.T, origin="lower", extent=extent, cmap=RATE_COLORS, vmin=0, vmax=peak or 1.0, aspect="equal",
        interpolation="nearest",
    )  # fmt: skip


def _autocorrelogram(axes: Axes, autocorrelogram: np.ndarray) -> None:
    axes.imshow(
        autocorrelogram.T, origin="lower", cmap=AUTOCORRELOGRAM_COLORS, vmin=-1, vmax=1, aspect="equal",
        interpolation="nearest",
    )  # fmt: skip
    bare(axes)
