"""Spacing and orientation of each module's units (claims C1b, C2, C5)."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._style import (
    legend,
    module_color,
    module_name,
    new_figure,
    open_circle,
    orientation_ticks,
    same_length,
    say_empty,
    style_axes,
)


def module_histograms(
    spacing_m: Float[np.ndarray, " unit"],
    orientation_deg: Float[np.ndarray, " unit"],
    *,
    module_of_unit: Int[np.ndarray, " unit"],
    module_spacing_m: Float[np.ndarray, " module"],
    bin_width_m: float = 0.05,
    bin_width_deg: float = 2.5,
) -> Figure:
    """Period and orientation of every unit's own lattice, in the color of its module, stacked; gray for no module.

    Claim C5 is one sharp bar a module. Units at 3 or 4 phases of a module's lattice have a finer lattice of their own:
    they stand in their module's color at 1/sqrt(3) or 1/2 of its spacing (dashed: the modules' spacings).

    Raises
    ------
    ValueError
        If the columns are not equally long, or a bin width is not positive.

    """
    spacing, (orientation, start) = np.asarray(spacing_m, dtype=float), open_circle(orientation_deg)
    members = np.asarray(module_of_unit)
    same_length(spacing_m=spacing, orientation_deg=orientation, module_of_unit=members)
    if not (bin_width_m > 0 and bin_width_deg > 0):
        raise ValueError(f"bin widths must be positive, got {bin_width_m!r} m and {bin_width_deg!r} degrees")
    figure = new_figure(8.4, 3.1)
    left, right = figure.subplots(1, 2)
    finite = np.isfinite(spacing) & np.isfinite(orientation)
    top = max([1.0, *spacing[finite], *np.asarray(module_spacing_m, dtype=float)])
    names = {k: module_name(k, float(module_spacing_m[k]) if k >= 0 else None) for k in np.unique(members[finite])}
    if not finite.any():
        for axes in (left, right):
            say_empty(axes, "no unit has a measured lattice")
    else:
        _stack(left, spacing, members, finite, np.arange(0, top + 2 * bin_width_m, bin_width_m), names)
        turns = np.linspace(start, start + 60, round(60 / bin_width_deg) + 1)
        _stack(right, orientation, members, finite, turns, names)
        for k, value in enumerate(module_spacing_m):
            left.axvline(float(value), color=module_color(k), linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        legend(left)
    left.set_xlim(0, top + bin_width_m)
    right.set_xlim(start, start + 60)
    orientation_ticks(right.xaxis, start)
    style_axes(left, x="spacing between neighboring fields (m)", y="units")
    style_axes(right, x="orientation (degrees, modulo 60)", y="units")
    return figure


def _stack(
    axes: Axes, values: np.ndarray, members: np.ndarray, finite: np.ndarray, edges: np.ndarray, names: dict[int, str]
) -> None:
    order = [*(k for k in names if k >= 0), *(k for k in names if k < 0)]
    axes.hist(
        [values[finite & (members == k)] for k in order], list(edges), stacked=True,
        color=[module_color(k) for k in order], label=[names[k] for k in order],
    )  # fmt: skip
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
