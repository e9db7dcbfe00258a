"""One number of several variants: every seed, the median and its interval."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._style import BLUE, FAINT, INK, MUTED, SURFACE, say_empty, style_axes


def seeds_by_variant(
    names: Sequence[str],
    seeds: Sequence[Float[np.ndarray, " seed"]],
    intervals: Float[np.ndarray, "variant median_low_high"],
    *,
    label: str,
    title: str,
    reference: int | None = None,
) -> Figure:
    """A row a variant: a dot for each seed, a tick at the median, a bar over its interval.

    Parameters
    ----------
    names, seeds
        Variants from above, and the values of each one's seeds; none leaves its row empty.
    intervals
        Median, lower and upper end; NaN is left out.
    label, title
        Below the axis (the unit, as a rule), and above the figure.
    reference
        Row of the baseline, whose interval is drawn as a band over all rows.

    Raises
    ------
    ValueError
        If the three are not equally long, or empty.

    """
    intervals = np.asarray(intervals, dtype=float)
    if not names or len(seeds) != len(names) or intervals.shape != (len(names), 3):
        raise ValueError(
            f"names, seeds and intervals (median, low, high) must be one a variant, at least one, got {len(names)}, "
            f"{len(seeds)} and shape {intervals.shape}"
        )
    figure = Figure(figsize=(5.2, 1.0 + 0.3 * len(names)), layout="constrained", facecolor=SURFACE)
    axes = figure.add_subplot()
    if reference is not None and np.isfinite(intervals[reference]).all():
        axes.axvspan(intervals[reference, 1], intervals[reference, 2], color=FAINT, alpha=0.6, linewidth=0)
        axes.axvline(intervals[reference, 0], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    for row, (values, (median, low, high)) in enumerate(zip(seeds, intervals, strict=True)):
        if np.isfinite(low) and np.isfinite(high):
            axes.plot([low, high], [row, row], color=BLUE, linewidth=5, alpha=0.35, solid_capstyle="butt")
        finite = np.asarray(values, dtype=float)
        finite = finite[np.isfinite(finite)]
        axes.plot(finite, np.full(finite.size, row), "o", color=BLUE, markersize=4, markeredgewidth=0, alpha=0.8)
        if np.isfinite(median):
            axes.plot([median, median], [row - 0.28, row + 0.28], color=INK, linewidth=2)
    if not np.isfinite(intervals[:, 0]).any():
        say_empty(axes, "no run has this number yet")
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    style_axes(axes, x=label, title=title, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure
