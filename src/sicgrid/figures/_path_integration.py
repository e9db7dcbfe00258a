"""How the code holds along a walk."""

import numpy as np
import xarray as xr
from jaxtyping import Real
from matplotlib.figure import Figure

from ._datasets import array, numbers, reason, unavailable
from ._style import BOX_COLORS, MUTED, RED, legend, new_figure, same_length, say_empty, style_axes

_LINES = {"smooth": "-", "iid": (0, (3, 2))}


def path_integration_error(
    walked: Real[np.ndarray, " windows"],
    error: Real[np.ndarray, " windows"],
    *,
    chance: float | None = None,
    walked_label: str = "steps walked",
    error_label: str = "path-integration error",
) -> Figure:
    """Error of the code against how far the animals have walked.

    Parameters
    ----------
    walked
        End of each window of the walk: steps, or meters with another ``walked_label``; ascending.
    error
        Error in that window: the fraction of the distance between far states that states at equal places keep, or a
        decoding error in meters with another ``error_label``; NaN where there was no pair to compare.
    chance
        Value of a code that has lost the place, drawn as a dashed line.
    walked_label, error_label
        Names of the axes.

    """
    walked, error = np.asarray(walked, dtype=float), np.asarray(error, dtype=float)
    same_length(walked=walked, error=error)
    figure = new_figure()
    axes = figure.add_subplot()
    finite = np.isfinite(error) & np.isfinite(walked)
    if not finite.any():
        say_empty(axes, "no equal places were reached by two routes")
    else:
        axes.plot(walked[finite], error[finite], color=RED, linewidth=1.6, marker="o", markersize=4.5, label="network")
        axes.set_ylim(0, 1.15 * max([chance or 0.0, *error[finite], 1e-6]))
        axes.set_xlim(0, 1.04 * walked[finite].max())
        if chance is not None:
            axes.axhline(chance, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), label="the place lost")
            legend(axes)
    style_axes(axes, x=walked_label, y=error_label)
    return figure


def path_error_by_box(generalization: xr.Dataset) -> Figure:
    """Path-integration error against distance walked, a color a box; solid smooth walks, dashed jerky (i.i.d.) ones.

    0: the state depends on the place alone; 1: it keeps no trace of the place.
    """
    if sentence := reason(generalization):
        return unavailable(sentence)
    arenas = array(generalization, "arena").astype(float)
    kinds = [str(kind) for kind in array(generalization, "kind")]
    walked = numbers(generalization, "walked")
    error = numbers(generalization, "path_error", "arena", "kind", "walked")
    figure = new_figure(4.8, 3.2)
    axes = figure.add_subplot()
    for i, arena in enumerate(arenas):
        for j, kind in enumerate(kinds):
            finite = np.isfinite(error[i, j])
            label = f"{arena:g} m" if j == 0 else None
            axes.plot(
                walked[finite], error[i, j, finite], color=BOX_COLORS[i % len(BOX_COLORS)],
                linestyle=_LINES.get(kind, "-"), linewidth=1.6, marker="o", markersize=3.2, label=label,
            )  # fmt: skip
    if np.isfinite(error).any():
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.text(
            0.99,
            0.995,
            "the place lost",
            color=MUTED,
            fontsize=8,
            ha="right",
            va="top",
            transform=axes.get_yaxis_transform(),
        )
        axes.set_ylim(0, max(1.08, 1.1 * float(np.nanmax(error))))
        axes.set_xlim(0, None)
        legend(axes)
    else:
        say_empty(axes, "no equal places were reached by two routes")
    unit = generalization["walked"].attrs.get("units", "m")
    style_axes(axes, x=f"walked ({unit})", y="path-integration error")
    return figure
