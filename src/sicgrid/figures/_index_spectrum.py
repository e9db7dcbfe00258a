"""Units by the index of their lattice in their module's: maps of each index, and the ladder of spacings."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._gallery import draw_map
from ._style import INK, MUTED, SURFACE, bare, module_color, same_length, scale_bar, style_axes


def index_ladder(
    maps: Float[np.ndarray, "unit x y"],
    x_edges: Float[np.ndarray, " x_edges"],
    y_edges: Float[np.ndarray, " y_edges"],
    *,
    index: Int[np.ndarray, " unit"],
    spacing_m: Float[np.ndarray, " unit"],
    orientation_deg: Float[np.ndarray, " unit"],
    shown: int = 8,
) -> Figure:
    """Rate maps of one module, a row for each index, beside the ladder of the units' spacings.

    The ladder draws each unit's spacing over its index and s_1 / sqrt(k), the spacing of a lattice of index k that has
    the shape of the module's; square and other lattices lie off it. Beside each rung stands the orientation.

    Parameters
    ----------
    maps, x_edges, y_edges
        Rate maps, NaN where unvisited, each drawn from 0 to its own peak; bin edges in meters.
    index
        Of each unit (``IndexSpectrum.index``); 0 for a unit that is not of the module.
    spacing_m, orientation_deg
        Of each unit's own lattice, meters and degrees.
    shown
        Maps in a row, at least 1, the strongest units first.

    Raises
    ------
    ValueError
        If shapes do not belong together, or no unit has an index.

    """
    maps, index = np.asarray(maps, dtype=float), np.asarray(index)
    spacing, angle = np.asarray(spacing_m, dtype=float), np.asarray(orientation_deg, dtype=float)
    same_length(unit=maps[:, 0, 0], index=index, spacing_m=spacing, orientation_deg=angle)
    if maps.shape[1:] != (len(x_edges) - 1, len(y_edges) - 1) or shown < 1:
        raise ValueError(f"maps must fit their edges and shown be 1 or more, got {maps.shape} and {shown}")
    indices = np.unique(index[index > 0])
    if len(indices) == 0:
        raise ValueError("index holds no unit of the module; there is nothing to draw")
    columns = max(min(shown, int(max((index == k).sum() for k in indices))), 3)
    figure = Figure(figsize=(4.9 + 0.82 * columns, max(2.6, 1.02 * len(indices) + 0.5)), facecolor=SURFACE)
    halves = figure.add_gridspec(1, 2, width_ratios=[1.2 + 0.82 * columns, 3.4], left=0.01, right=0.97, wspace=0.2)
    rows = halves[0].subgridspec(
        len(indices) + 1, columns + 1, width_ratios=[1.5, *[1.0] * columns],
        height_ratios=[1.0] * len(indices) + [0.22], wspace=0.07, hspace=0.2,
    )  # fmt: skip
    extent = (float(x_edges[0]), float(x_edges[-1]), float(y_edges[0]), float(y_edges[-1]))
    for row, k in enumerate(indices):
        units = np.flatnonzero(index == k)
        title = figure.add_subplot(rows[row, 0])
        title.set_axis_off()
        title.text(0, 0.62, f"Index {k}", color=module_color(row), fontsize=9.5, fontweight="bold", va="bottom")
        plural = "s" if len(units) > 1 else ""
        subtitle = f"{np.nanmedian(spacing[units]):.2f} m\n{len(units)} unit{plural}"
        title.text(0, 0.56, subtitle, color=MUTED, fontsize=8, va="top")
        strongest = units[np.argsort(-np.nanmax(maps[units], axis=(1, 2)), kind="stable")]
        for column, unit in enumerate(strongest[:columns]):
            axes = figure.add_subplot(rows[row, column + 1])
            draw_map(axes, maps[unit], extent)
            bare(axes)
    scale_bar(figure.add_subplot(rows[-1, 1]), extent[1] - extent[0])
    lower = halves[1].subgridspec(2, 1, height_ratios=[1.0, 0.16])
    _ladder(figure.add_subplot(lower[0]), index, spacing, angle, indices)
    return figure


def _ladder(axes: Axes, index: np.ndarray, spacing: np.ndarray, angle: np.ndarray, indices: np.ndarray) -> None:
    spacing_1 = np.nanmedian(spacing[index == indices[0]]) * np.sqrt(indices[0])  # s_1, of index 1
    curve_index = np.linspace(0.9, indices[-1] * 1.15, 200)
    axes.plot(curve_index, spacing_1 / np.sqrt(curve_index), color=MUTED, linewidth=1, linestyle=":")
    for row, k in enumerate(indices):
        units = index == k
        axes.plot(index[units], spacing[units], "o", color=module_color(row), markersize=5, alpha=0.7, linewidth=0)
        turned = angle[units] * np.pi / 30  # degrees modulo 60 as an angle
        mean = np.mod(np.angle(np.nanmean(np.exp(1j * turned))) * 30 / np.pi, 60)
        axes.annotate(
            f"{mean:.0f}°", (k, float(np.nanmax(spacing[units]))), xytext=(0, 6), textcoords="offset points",
            ha="center", fontsize=8, color=INK,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(indices.tolist(), [str(k) for k in indices])
    axes.minorticks_off()
    axes.set_xlim(0.8, float(indices[-1]) * 1.3)
    axes.set_ylim(0, float(np.nanmax(spacing[index > 0])) * 1.2)
    style_axes(axes, x="index: own cells in one of the module's", y="spacing (m)")
