"""The units of each module side by side."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from ._gallery import draw_map
from ._style import INK, MUTED, SURFACE, bare, module_color, module_name, same_length, scale_bar


def module_rate_maps(
    maps: Float[np.ndarray, "unit x y"],
    x_edges: Float[np.ndarray, " x_edges"],
    y_edges: Float[np.ndarray, " y_edges"],
    *,
    module_of_unit: Int[np.ndarray, " unit"],
    spacing_m: Float[np.ndarray, " module"],
    grid_score: Float[np.ndarray, " unit"] | None = None,
    shown: int = 12,
) -> Figure:
    """Rate maps of each module's units in a row, from the smallest spacing to the largest; one scale bar for all.

    A module with more than ``shown`` units is drawn from evenly, from its highest score to its lowest, so that a row
    shows the module and not its best examples. Units of no module, if they are active, make the last row.

    Parameters
    ----------
    maps, x_edges, y_edges
        Rate maps, NaN where unvisited, each drawn from 0 to its own peak; bin edges in meters.
    module_of_unit
        Index into ``spacing_m``, or -1.
    spacing_m
        Of each module, meters.
    grid_score
        To order and label the maps by.
    shown
        Maps in a row, at least 1.

    Raises
    ------
    ValueError
        If shapes do not belong together, or no unit is active.

    """
    maps, members = np.asarray(maps, dtype=float), np.asarray(module_of_unit)
    score = np.full(len(maps), np.nan) if grid_score is None else np.asarray(grid_score, dtype=float)
    same_length(unit=maps[:, 0, 0], module_of_unit=members, grid_score=score)
    if maps.shape[1:] != (len(x_edges) - 1, len(y_edges) - 1) or shown < 1:
        raise ValueError(f"maps must fit their edges and shown be 1 or more, got {maps.shape} and {shown}")
    active = np.nan_to_num(maps).max(axis=(1, 2)) > 0
    rows = [(k, np.flatnonzero(members == k)) for k in range(len(spacing_m))]
    rows = [(k, units) for k, units in [*rows, (-1, np.flatnonzero((members < 0) & active))] if len(units)]
    if not rows:
        raise ValueError("module_of_unit and maps hold no active unit; there is nothing to draw")
    columns = max(min(shown, max(len(units) for _, units in rows)), 6)
    figure = Figure(figsize=(1.25 + 0.82 * columns, 1.02 * len(rows) + 0.3), facecolor=SURFACE)
    grid = figure.add_gridspec(
        len(rows) + 1, columns + 1, width_ratios=[1.5, *[1.0] * columns], height_ratios=[1.0] * len(rows) + [0.22],
        left=0.01, right=0.99, top=1 - 0.16 / (len(rows) + 0.3), bottom=0.01, wspace=0.07, hspace=0.26,
    )  # fmt: skip
    extent = (float(x_edges[0]), float(x_edges[-1]), float(y_edges[0]), float(y_edges[-1]))
    for row, (k, units) in enumerate(rows):
        title = figure.add_subplot(grid[row, 0])
        title.set_axis_off()
        name, _, spacing = module_name(k, float(spacing_m[k]) if k >= 0 else None).partition(" · ")
        title.text(0, 0.62, name.capitalize(), color=module_color(k), fontsize=9.5, fontweight="bold", va="bottom")
        lines = ([spacing] if spacing else []) + [f"{len(units)} unit{'s' if len(units) > 1 else ''}"]
        title.text(0, 0.56, "\n".join(lines), color=MUTED, fontsize=8, va="top")
        for column, unit in enumerate(_drawn(units, score, columns)):
            axes = figure.add_subplot(grid[row, column + 1])
            draw_map(axes, maps[unit], extent)
            bare(axes)
            if np.isfinite(score[unit]):
                axes.set_title(f"{score[unit]:.2f}", fontsize=6.5, color=INK, pad=2)
    scale_bar(figure.add_subplot(grid[-1, 1]), extent[1] - extent[0])
    return figure


def _drawn(units: np.ndarray, score: np.ndarray, count: int) -> np.ndarray:
    """``count`` of the units, evenly from the highest score to the lowest."""
    order = units[np.lexsort((units, -np.nan_to_num(score[units], nan=-np.inf)))]
    if len(order) <= count:
        return np.asarray(order)
    return np.asarray(order[np.round(np.linspace(0, len(order) - 1, count)).astype(int)])
