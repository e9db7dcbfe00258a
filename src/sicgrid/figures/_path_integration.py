"""How the code holds along a walk."""

import numpy as np
from jaxtyping import Real
from matplotlib.figure import Figure

from ._style import MUTED, RED, legend, new_figure, same_length, say_empty, style_axes


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
    known = np.isfinite(error) & np.isfinite(walked)
    if not known.any():
        say_empty(axes, "no equal places were reached by two routes")
    else:
        axes.plot(walked[known], error[known], color=RED, linewidth=1.6, marker="o", markersize=4.5, label="network")
        axes.set_ylim(0, 1.15 * max([chance or 0.0, *error[known], 1e-6]))
        axes.set_xlim(0, 1.04 * walked[known].max())
        if chance is not None:
            axes.axhline(chance, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)), label="the place lost")
            legend(axes)
    style_axes(axes, x=walked_label, y=error_label)
    return figure
