"""The same units in boxes of several sizes (claim C3)."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..analysis import RateMaps
from ._datasets import array, numbers, reason, unavailable
from ._gallery import draw_map
from ._style import (
    BOX_COLORS,
    FAINT,
    INK,
    SURFACE,
    bare,
    legend,
    new_figure,
    say_empty,
    style_axes,
)
from ._style import scale_bar as draw_scale_bar


def box_rate_maps(boxes: Mapping[float, RateMaps], units: Int[np.ndarray, " shown"]) -> Figure:
    """The same units in each box, a row a box, all at one scale; the dashed square is the smallest box.

    Parameters
    ----------
    boxes
        Side in meters -> maps, of the same units in the same order.
    units
        Which to show, a column each.

    Raises
    ------
    ValueError
        If there is no box or unit, boxes hold different units, or a unit does not exist.

    """
    chosen, sides = np.asarray(units), sorted(boxes)
    if not sides or len({len(box.maps) for box in boxes.values()}) != 1:
        raise ValueError(
            f"boxes must hold the same units, at least one box, got {[len(b.maps) for b in boxes.values()]}"
        )
    if chosen.size == 0 or chosen.min() < 0 or chosen.max() >= len(boxes[sides[0]].maps):
        raise ValueError(f"units must be one or more of 0 to {len(boxes[sides[0]].maps) - 1}, got {chosen.tolist()}")
    cell = 1.35 if len(chosen) <= 8 else 1.0
    heights = [side / sides[-1] for side in sides]
    width, height = 0.62 + cell * len(chosen), (cell + 0.06) * sum(heights) + 0.5
    figure = Figure(figsize=(width, height), facecolor=SURFACE)
    grid = figure.add_gridspec(
        len(sides) + 1, len(chosen) + 1, width_ratios=[0.5 / cell, *[1.0] * len(chosen)],
        height_ratios=[*heights, 0.17], left=0.01, right=0.99, top=1 - 0.22 / height, bottom=0.01,
        wspace=0.06, hspace=0.08,
    )  # fmt: skip
    half = sides[-1] / 2
    for row, side in enumerate(sides):
        title = figure.add_subplot(grid[row, 0])
        title.set_axis_off()
        title.text(0, 0.5, f"{side:g} m", color=INK, fontsize=9.5, fontweight="bold", va="center")
        box = boxes[side]
        extent = (float(box.x_edges[0]), float(box.x_edges[-1]), float(box.y_edges[0]), float(box.y_edges[-1]))
        for column, unit in enumerate(chosen):
            axes = figure.add_subplot(grid[row, column + 1])
            draw_map(axes, np.asarray(box.maps[unit], dtype=float), extent)
            bare(axes)
            axes.set_xlim(-half, half)
            axes.set_ylim(-side / 2, side / 2)
            for spine in axes.spines.values():
                spine.set_visible(False)
            if row > 0:
                corner = (-sides[0] / 2, -sides[0] / 2)
                axes.add_patch(
                    Rectangle(corner, sides[0], sides[0], fill=False, edgecolor="white", linewidth=0.9, linestyle="--")
                )
            else:
                axes.set_title(f"unit {unit}", fontsize=7.5, color=INK, pad=3)
    draw_scale_bar(figure.add_subplot(grid[-1, 1]), sides[-1])
    return figure


def box_stability(generalization: xr.Dataset) -> Figure:
    """How much each unit's map in other boxes is that of the main one, and by how much its lattice changed.

    Left: Pearson r over the bins that both boxes have. Right: the largest relative change of any lattice vector.
    """
    if sentence := reason(generalization):
        return unavailable(sentence)
    arenas = array(generalization, "arena").astype(float)
    reference = float(generalization.attrs.get("reference_m", arenas.min()))
    figure = new_figure(8.4, 3.0)
    left, right = figure.subplots(1, 2)
    drawn = 0
    for index, arena in enumerate(arenas):
        correlation = numbers(generalization, "correlation", "arena", "unit")[index]
        if not np.isfinite(correlation).any() or arena == reference:
            continue
        color, label = BOX_COLORS[drawn % len(BOX_COLORS)], f"{arena:g} m box"
        _steps(left, correlation, np.linspace(-1, 1, 41), color, label)
        if "strain" in generalization:
            strain = numbers(generalization, "strain", "arena", "unit")[index]
            _steps(right, strain, np.linspace(0, 0.5, 26), color, label)
        drawn += 1
    if drawn:
        legend(left)
    else:
        for axes in (left, right):
            say_empty(axes, "only one box was recorded")
    if "null_p95" in generalization and drawn:
        null = np.nanmax(numbers(generalization, "null_p95"))
        left.axvline(null, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    left.set_xlim(-1, 1)
    right.set_xlim(0, 0.5)
    style_axes(left, x=f"correlation with the {reference:g} m box", y="units")
    style_axes(right, x="change of the lattice (largest, relative)", y="units")
    return figure


def _steps(axes: Axes, values: np.ndarray, edges: np.ndarray, color: str, label: str) -> None:
    inside = np.clip(values[np.isfinite(values)], edges[0], edges[-1])
    axes.hist(inside, list(edges), histtype="stepfilled", facecolor=color, alpha=0.3)
    axes.hist(inside, list(edges), histtype="step", edgecolor=color, linewidth=1.4, label=label)
    axes.axhline(0, color=FAINT, linewidth=0.7)
