"""One look for all figures: colors that hold on light and dark paper, thin axes, no decoration."""

import math

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# The neutral colors are exact and unique, so that the report can exchange them for the page's own, light or dark.
INK = "#20242b"
MUTED = "#69707d"
FAINT = "#d9dde3"
SURFACE = "#fefefe"

# Each at least 3:1 against white and against near-black.
BLUE = "#3b7dd8"
ORANGE = "#d0702a"
GREEN = "#2c9a6b"
PURPLE = "#9566d3"
RED = "#d4504c"
TEAL = "#2596a8"

RATE_COLORS = "viridis"  # sequential, from 0 to the unit's peak
AUTOCORRELOGRAM_COLORS = "RdBu_r"  # diverging around 0, from -1 to 1

_NICE = (1.0, 2.0, 5.0)


def new_figure(width: float = 4.2, height: float = 3.0) -> Figure:
    """A figure of the house's look; inches."""
    return Figure(figsize=(width, height), layout="constrained", facecolor=SURFACE)


def dress(axes: Axes, *, x: str = "", y: str = "", title: str = "", grid: str = "y") -> None:
    """Label and style one pair of axes; ``grid`` is 'x', 'y', 'both' or ''."""
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(which="both", colors=MUTED, labelcolor=INK, labelsize=9, width=0.8)
    axes.set_xlabel(x, color=INK, fontsize=9.5)
    axes.set_ylabel(y, color=INK, fontsize=9.5)
    if title:
        axes.set_title(title, color=INK, fontsize=10.5, fontweight="bold", loc="left")
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis=grid, color=FAINT, linewidth=0.7)  # type: ignore[arg-type]


def legend(axes: Axes) -> None:
    """A frameless legend above the axes, where it never covers data."""
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(labels), frameon=False,
        fontsize=8.5, labelcolor=INK, borderpad=0, borderaxespad=0.3, handletextpad=0.5, columnspacing=1.4,
    )  # fmt: skip


def say_empty(axes: Axes, sentence: str) -> None:
    """Stand in for data that are not there, so that an empty figure explains itself."""
    axes.text(
        0.5, 0.5, sentence, color=MUTED, fontsize=9.5, ha="center", va="center", transform=axes.transAxes, wrap=True
    )


def scale_bar_length(extent: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is at most 0.3 of ``extent`` (same unit as ``extent``).

    Raises ``ValueError`` if ``extent`` is not positive.
    """
    if not (math.isfinite(extent) and extent > 0):
        raise ValueError(f"extent must be a positive length, got {extent!r}")
    limit = 0.3 * extent * (1 + 1e-9)  # 0.3 * 2/3 falls short of 0.2 by rounding
    power = 10.0 ** math.floor(math.log10(limit))
    return max(step * power for step in _NICE if step * power <= limit)


def same_length(**columns: np.ndarray) -> None:
    """Raise ``ValueError`` unless all columns are 1-D and equally long."""
    lengths = {name: np.shape(values) for name, values in columns.items()}
    if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
        raise ValueError(f"the columns must be 1-D and equally long, got shapes {lengths}; pass one value per unit")


def finite(values: Float[np.ndarray, " n"], chosen: Bool[np.ndarray, " n"] | None = None) -> Float[np.ndarray, " k"]:
    """The finite values, of the chosen units only if a mask is given."""
    kept = np.asarray(values, dtype=float)
    if chosen is not None:
        same_length(values=kept, chosen=np.asarray(chosen))
        kept = kept[np.asarray(chosen, dtype=bool)]
    return np.asarray(kept[np.isfinite(kept)])
