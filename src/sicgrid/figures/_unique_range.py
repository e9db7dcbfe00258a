"""Out to what distance the code is unique."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._datasets import array, numbers, reason, unavailable
from ._style import BLUE, GREEN, INK, MUTED, new_figure, say_empty, style_axes


def unique_range_curves(unique_range: xr.Dataset) -> Figure:
    """Unique range against noise: the learned code, the ideal modular code of the same spacings, the largest spacing.

    Open dots with an arrow: no alias within the recorded box, so that the range is at least that. No dot: at that
    noise some place cannot be told from its neighbors.
    """
    if sentence := reason(unique_range):
        return unavailable(sentence)
    noise = numbers(unique_range, "noise")
    figure = new_figure(5.0, 3.4)
    axes = figure.add_subplot()
    drawn = False
    for name, flag, color, label in (
        ("ideal_range_m", "ideal_at_least", GREEN, "ideal modular code"),
        ("range_m", "at_least", BLUE, "learned code"),
    ):
        if name in unique_range:
            values = numbers(unique_range, name)
            beyond = array(unique_range, flag).astype(bool)
            _curve(axes, noise, values, beyond, color, label)
            drawn |= bool(np.isfinite(values).any())
    if not drawn:
        say_empty(axes, "at every level of noise some place cannot be told from its neighbors")
    if "largest_spacing_m" in unique_range:
        largest = float(unique_range["largest_spacing_m"])
        axes.axhline(
            largest, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), label=f"largest spacing, {largest:.2f} m"
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlim(noise.min() / 1.15, noise.max() * 1.15)
    axes.set_ylim(0, 1.18 * axes.dataLim.y1 if drawn else None)  # room for the arrows
    axes.legend(frameon=False, fontsize=8.5, labelcolor=INK, loc="best")
    style_axes(axes, x="noise (standard deviation per unit)", y="unique range (m)")
    return figure


def _curve(axes: Axes, noise: np.ndarray, values: np.ndarray, beyond: np.ndarray, color: str, label: str) -> None:
    axes.plot(noise, values, color=color, linewidth=1.6, label=label)
    axes.plot(noise[~beyond], values[~beyond], "o", color=color, markersize=5)
    axes.plot(noise[beyond], values[beyond], "o", color=color, markersize=6, markerfacecolor="none")
    for x, y in zip(noise[beyond], values[beyond], strict=True):
        if np.isfinite(y):
            axes.annotate(
                "",
                (x, y),
                (0, 15),
                textcoords="offset points",
                arrowprops={"arrowstyle": "<|-", "color": color, "linewidth": 1},
            )
