"""What the code and the network make of damage."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._datasets import array, numbers, reason, unavailable
from ._style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, new_figure, style_axes

_CODES = {
    "learned": (BLUE, "learned code"),
    "grid": (GREEN, "ideal grid code"),
    "largest": (PURPLE, "ideal code of the largest spacing"),
    "place": (ORANGE, "place-cell code"),
}
_CHANNELS = {
    "gaussian": ("noise (standard deviation per unit)", "Noise"),
    "loss": ("share of units lost", "Units lost"),
    "quantization": ("values that a unit can take", "Coarse values"),
}
_DRIVES = {"zero": "standing still", "walk": "walking on"}


def error_correction_curves(error_correction: xr.Dataset) -> Figure:
    """Error of the decoded place against damage, a column a kind of damage: the learned code beside ideal ones.

    All codes have the same units and the same mean overlap between states. Dashed: chance, a place drawn at random. The
    lower row, where it was computed, decodes among places within half a spacing of the true one: there a periodic code
    names each place once, so that its error correction is seen without its aliases.
    """
    if sentence := reason(error_correction):
        return unavailable(sentence)
    channels = [str(name) for name in array(error_correction, "channel")]
    rows = [name for name in ("error_m", "local_error_m") if name in error_correction]
    figure = new_figure(3.5 * len(channels) + 0.3, 0.8 + 2.5 * len(rows))
    grid = figure.subplots(len(rows), len(channels), squeeze=False, sharey="row", sharex="col")
    for row, name in enumerate(rows):
        for column, channel in enumerate(channels):
            axes = grid[row, column]
            _channel(axes, error_correction, name, column)
            if row == 0 and "chance_m" in error_correction:
                chance = float(numbers(error_correction, "chance_m").ravel()[column])
                axes.axhline(chance, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), label="chance")
            label, title = _CHANNELS.get(channel, (channel, channel))
            if channel == "quantization":
                axes.set_xscale("log", base=2)
                axes.xaxis.set_major_formatter("{x:.0f}")
                if row == 0:  # the rows share it
                    axes.invert_xaxis()
            axes.set_ylim(0, None)
            error = "error (m), place known\nto half a spacing" if row else "median error of the place (m)"
            last = row == len(rows) - 1
            style_axes(axes, x=label if last else "", y="" if column else error, title="" if row else title)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=8.5, labelcolor=INK
    )
    return figure


def _channel(axes: Axes, results: xr.Dataset, name: str, channel: int) -> None:
    codes = [str(code) for code in array(results, "code")]
    error = numbers(results, name, "code", "channel", "level")
    at = numbers(results, "levels", "channel", "level")[channel]
    for code, (color, label) in _CODES.items():
        if code in codes:
            values = error[codes.index(code), channel]
            finite = np.isfinite(values) & np.isfinite(at)
            # The learned code lies on top, thinner, so that an ideal one with the same errors still shows.
            first = code == "learned"
            axes.plot(
                at[finite], values[finite], color=color, linewidth=1.4 if first else 2.6, zorder=3 if first else 2,
                marker="o", markersize=3.5 if first else 5, label=label,
            )  # fmt: skip


def intrinsic_correction_curves(intrinsic_correction: xr.Dataset) -> Figure:
    """What becomes of a disturbed state while the network runs on: left standing still, right walking on.

    Above, the distance to the nearest undisturbed state (dashed: that of an undisturbed twin); below, the error of the
    place read off, where it was computed among places near the true one, so that a periodic code has no
    aliases. A network that corrects brings the upper curves down to the dashed line; a shift along the manifold, below,
    cannot be corrected by anyone.
    """
    if sentence := reason(intrinsic_correction):
        return unavailable(sentence)
    drives = [str(name) for name in array(intrinsic_correction, "drive")]
    noise, step = numbers(intrinsic_correction, "noise"), numbers(intrinsic_correction, "step")
    figure = new_figure(3.9 * len(drives) + 0.4, 5.2)
    grid = figure.subplots(2, len(drives), squeeze=False, sharex=True, sharey="row")
    local = "local_error" in intrinsic_correction
    place = ("local_error", "local_floor") if local else ("position_error", "position_floor")
    for column, drive in enumerate(drives):
        _runs(grid[0, column], intrinsic_correction, "to_manifold", "floor", column, noise, step)
        _runs(grid[1, column], intrinsic_correction, *place, column, noise, step)
        first = column == 0
        style_axes(
            grid[0, column], y="distance to the manifold" if first else "", title=_DRIVES.get(drive, drive).capitalize()
        )
        style_axes(
            grid[1, column],
            x="steps after the disturbance",
            y=("local " * local) + "error of the place (m)" if first else "",
        )
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=8.5, labelcolor=INK,
        title="disturbance (standard deviation per unit)", title_fontproperties={"size": 8.5},
    )  # fmt: skip
    return figure


def _runs(
    axes: Axes, results: xr.Dataset, name: str, floor: str, drive: int, noise: np.ndarray, step: np.ndarray
) -> None:
    if name not in results:
        axes.set_visible(False)
        return
    values = numbers(results, name, "drive", "noise", "step")[drive]
    for index, level in enumerate(noise):
        strength = 0.35 + 0.65 * (index + 1) / len(noise)
        axes.plot(step, values[index], color=BLUE, alpha=strength, linewidth=1.1 + 0.9 * strength, label=f"{level:g}")
    if floor in results:
        axes.plot(
            step,
            numbers(results, floor, "drive", "step")[drive],
            color=INK,
            linewidth=1.2,
            linestyle=(0, (4, 3)),
            label="none",
        )
    axes.set_ylim(0, None)
    axes.set_xlim(0, step.max())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
