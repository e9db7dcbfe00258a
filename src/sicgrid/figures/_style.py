"""One look for all figures: colors that hold on light and dark paper, thin axes, no decoration."""

import math
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

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

MODULE_COLORS = (BLUE, ORANGE, GREEN, PURPLE, RED, TEAL)
BOX_COLORS = MODULE_COLORS[:4]

RATE_COLORS = "viridis"  # sequential, from 0 to the unit's peak
AUTOCORRELOGRAM_COLORS = "RdBu_r"  # diverging around 0, from -1 to 1

_NICE = (1.0, 2.0, 5.0)

# OKLab to the cubic roots of the cones' responses (each 1 for gray), and their cubes to linear sRGB (Ottosson 2020).
_OKLAB_A = np.array([0.3963377774, -0.1055613458, -0.0894841775])
_OKLAB_B = np.array([0.2158037573, -0.0638541728, -1.2914855480])
_CONES_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def new_figure(width: float = 4.2, height: float = 3.0) -> Figure:
    """A figure of the house's look; inches."""
    return Figure(figsize=(width, height), layout="constrained", facecolor=SURFACE)


def style_axes(axes: Axes, *, x: str = "", y: str = "", title: str = "", grid: str = "y") -> None:
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
    """Write a sentence in place of missing data, so that an empty figure explains itself."""
    axes.text(
        0.5, 0.5, sentence, color=MUTED, fontsize=9.5, ha="center", va="center", transform=axes.transAxes, wrap=True
    )


def scale_bar_length(extent: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is at most 0.3 of ``extent`` (same unit as ``extent``).

    Raises
    ------
    ValueError
        If ``extent`` is not positive and finite.

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
    selected = np.asarray(values, dtype=float)
    if chosen is not None:
        same_length(values=selected, chosen=np.asarray(chosen))
        selected = selected[np.asarray(chosen, dtype=bool)]
    return np.asarray(selected[np.isfinite(selected)])


def open_circle(orientation_deg: Float[np.ndarray, " unit"]) -> tuple[Float[np.ndarray, " unit"], float]:
    """Orientations wrapped into [start, start + 60) degrees, and start: the multiple of 10 farthest from all of them.

    0 and 60 degrees are the same, so that an axis from 0 would draw a module at 0 as two.
    """
    wrapped = np.mod(np.asarray(orientation_deg, dtype=float), 60.0)
    starts = np.arange(0.0, 60.0, 10.0)
    difference = np.abs(wrapped[np.isfinite(wrapped)] - starts[:, None])
    nearest = np.minimum(difference, 60.0 - difference).min(axis=1, initial=30.0)
    start = float(starts[nearest.argmax()])  # the first of several: 0 if no unit has an orientation
    return np.mod(wrapped - start, 60.0) + start, start


def orientation_ticks(axis: Axis, start: float) -> None:
    """Every 10 degrees, written modulo 60."""
    ticks = start + np.arange(0.0, 61.0, 10.0)
    axis.set_ticks(list(ticks), [f"{tick % 60 if tick > 60 else tick:.0f}" for tick in ticks])


def module_color(index: int) -> str:
    """Color of a module, the same in every figure; gray for -1, no module."""
    return MUTED if index < 0 else MODULE_COLORS[index % len(MODULE_COLORS)]


def module_name(index: int, spacing_m: float | None = None) -> str:
    """'module 1 · 0.45 m': modules are counted from 1, from the smallest spacing."""
    if index < 0:
        return "no module"
    finite = spacing_m is not None and math.isfinite(spacing_m)
    return f"module {index + 1} · {spacing_m:.2f} m" if finite else f"module {index + 1}"


def phase_colormap(levels: int = 256) -> ListedColormap:
    """A circular colormap, for a phase: 0 and 2 pi have one color; all stand out from light and dark backgrounds.

    Hues of OKLCH (Ottosson 2020) at chroma 0.105, which is within sRGB for all of them; lighter around yellow and
    darker around blue, so that opposite phases differ for color-blind readers too.
    """
    hue = np.linspace(0, 2 * np.pi, levels, endpoint=False)
    lightness = 0.66 + 0.09 * np.cos(hue - np.deg2rad(100))
    a, b = 0.105 * np.cos(hue), 0.105 * np.sin(hue)
    cones = (np.stack([lightness] * 3, axis=1) + np.outer(a, _OKLAB_A) + np.outer(b, _OKLAB_B)) ** 3
    linear = np.clip(cones @ _CONES_TO_RGB.T, 0, 1)
    rgb = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return ListedColormap(rgb, name="phase")


def bare(axes: Axes) -> None:
    """A picture without ticks in a thin frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(FAINT)
        spine.set_linewidth(0.5)


def scale_bar(axes: Axes, width: float) -> None:
    """A bar of a round length with its label, in axes of its own that span ``width`` meters."""
    length = scale_bar_length(width)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, 1)
    axes.add_line(Line2D([0, length], [0.55, 0.55], color=INK, linewidth=2, solid_capstyle="butt"))
    axes.text(length + 0.06 * width, 0.55, f"{length:g} m", fontsize=7, color=INK, va="center")


def color_bar(figure: Figure, image: ScalarMappable, axes: Axes, label: str) -> None:
    """The key of a map, in the house's look."""
    bar = figure.colorbar(image, ax=axes, fraction=0.05)
    bar.set_label(label, color=INK, fontsize=9.5)
    bar.ax.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)
    bar.outline.set_visible(False)


def style_space(axes: Any, labels: tuple[str, str, str] = ("", "", "")) -> None:
    """Style axes in three dimensions: no panes, faint edges."""
    axes.set_facecolor("none")
    for axis, label in zip((axes.xaxis, axes.yaxis, axes.zaxis), labels, strict=True):
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set_color(MUTED)
        axis.line.set_linewidth(0.8)
        axis._axinfo["grid"].update(color=FAINT, linewidth=0.5)
        axis.set_tick_params(labelsize=7.5, labelcolor=INK, color=MUTED, pad=-1)
        if label:
            axis.set_label_text(label)
            axis.label.set_color(INK)
            axis.label.set_fontsize(9)
