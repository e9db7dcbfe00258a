"""Spacing and orientation of the population: one lattice, several, or a continuum?"""

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._style import (
    BLUE,
    GREEN,
    MUTED,
    PURPLE,
    finite,
    legend,
    new_figure,
    open_circle,
    orientation_ticks,
    same_length,
    say_empty,
    style_axes,
)

_NONE = "no unit has a measured lattice"


def spacing_histogram(
    spacing_m: Float[np.ndarray, " unit"],
    *,
    is_grid: Bool[np.ndarray, " unit"] | None = None,
    bin_width_m: float = 0.05,
) -> Figure:
    """Histogram of grid spacing in meters; grid cells in color over all units with a lattice.

    Modules are separate bars (Schaeffer et al. 2023, figure 3 shows three near 0.45, 0.8 and 1.3 m); a continuum is a
    hill. A ``bin_width_m`` narrower than a rate map's bin would show the grain of the estimate.

    Raises
    ------
    ValueError
        If ``bin_width_m`` is not positive.

    """
    if not bin_width_m > 0:
        raise ValueError(f"bin_width_m must be a positive length in meters, got {bin_width_m!r}")
    top = max([1.0, *finite(spacing_m)])
    edges = np.arange(0, top + 2 * bin_width_m, bin_width_m)
    return _histogram(spacing_m, is_grid, edges, "spacing between neighboring fields (m)", GREEN)


def orientation_histogram(
    orientation_deg: Float[np.ndarray, " unit"],
    *,
    is_grid: Bool[np.ndarray, " unit"] | None = None,
    bin_width_deg: float = 2.5,
) -> Figure:
    """Histogram of lattice orientation, degrees modulo 60.

    Units of one module share their orientation. The axis is a circle, opened where fewest units
    are: 59 and 1 degree are neighbors.

    Raises
    ------
    ValueError
        If ``bin_width_deg`` does not divide 60 degrees.

    """
    if not (bin_width_deg > 0 and np.isclose(60 / bin_width_deg, round(60 / bin_width_deg))):
        raise ValueError(f"bin_width_deg must divide 60 degrees, got {bin_width_deg!r}")
    turned, start = open_circle(orientation_deg)
    edges = np.linspace(start, start + 60, round(60 / bin_width_deg) + 1)
    figure = _histogram(turned, is_grid, edges, "orientation (degrees, modulo 60)", PURPLE)
    orientation_ticks(figure.axes[0].xaxis, start)
    return figure


def _histogram(
    values: Float[np.ndarray, " unit"],
    is_grid: Bool[np.ndarray, " unit"] | None,
    edges: Float[np.ndarray, " edges"],
    label: str,
    color: str,
) -> Figure:
    everything = finite(values)
    figure = new_figure()
    axes = figure.add_subplot()
    if everything.size == 0:
        say_empty(axes, _NONE)
    elif is_grid is None:
        axes.hist(everything, list(edges), color=color)
    else:
        axes.hist(everything, list(edges), color=MUTED, alpha=0.45, label="other units with a lattice")
        axes.hist(finite(values, is_grid), list(edges), color=color, label="grid cells")
        legend(axes)
    axes.set_xlim(edges[0], edges[-1])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    style_axes(axes, x=label, y="units")
    return figure


def spacing_orientation(
    spacing_m: Float[np.ndarray, " unit"],
    orientation_deg: Float[np.ndarray, " unit"],
    *,
    is_grid: Bool[np.ndarray, " unit"] | None = None,
) -> Figure:
    """Orientation against spacing, one dot a unit: a module is a cloud, whichever of the two tells it apart."""
    spacing_m, orientation_deg = np.asarray(spacing_m, dtype=float), np.asarray(orientation_deg, dtype=float)
    same_length(spacing_m=spacing_m, orientation_deg=orientation_deg)
    grid = np.ones(len(spacing_m), dtype=bool) if is_grid is None else np.asarray(is_grid, dtype=bool)
    same_length(spacing_m=spacing_m, is_grid=grid)
    finite = np.isfinite(spacing_m) & np.isfinite(orientation_deg)
    figure = new_figure()
    axes = figure.add_subplot()
    wrapped, start = open_circle(np.where(finite, orientation_deg, np.nan))
    if not finite.any():
        say_empty(axes, _NONE)
    else:
        other, cells = finite & ~grid, finite & grid
        if is_grid is not None:
            axes.scatter(
                spacing_m[other], wrapped[other], s=14, color=MUTED, alpha=0.6, linewidths=0, label="other units"
            )
        axes.scatter(spacing_m[cells], wrapped[cells], s=22, color=BLUE, alpha=0.75, linewidths=0, label="grid cells")
        if is_grid is not None:
            legend(axes)
    axes.set_xlim(0, max([1.0, *spacing_m[finite]]) * 1.08)
    axes.set_ylim(start, start + 60)
    orientation_ticks(axes.yaxis, start)
    style_axes(axes, x="spacing (m)", y="orientation (degrees, modulo 60)", grid="both")
    return figure
