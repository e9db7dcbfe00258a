"""Grid scores against what chance gives."""

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._style import BLUE, GREEN, INK, MUTED, finite, legend, new_figure, same_length, say_empty, style_axes

_NONE = "no unit has a grid score"


def score_histogram(
    grid_score: Float[np.ndarray, " unit"], null_p99: Float[np.ndarray, " unit"], *, scorer: str = ""
) -> Figure:
    """Distribution of grid scores over that of the units' own chance levels.

    Parameters
    ----------
    grid_score, null_p99
        Score of each unit and the 99th percentile of its null distribution; NaN where undefined.
    scorer
        Name of the scorer, for the axis: scores of different scorers are not comparable.

    """
    same_length(grid_score=np.asarray(grid_score), null_p99=np.asarray(null_p99))
    scores, null = finite(grid_score), finite(null_p99)
    figure = new_figure()
    axes = figure.add_subplot()
    if scores.size == 0:
        say_empty(axes, _NONE)
    else:
        both = np.concatenate([scores, null])
        edges = list(np.arange(np.floor(both.min() * 10), np.ceil(both.max() * 10) + 2) / 10)
        axes.hist(scores, edges, color=BLUE, label="grid score")
        if null.size:
            axes.hist(null, edges, histtype="step", color=INK, linewidth=1.3, label="99th percentile of null")
            axes.axvline(np.median(null), color=INK, linewidth=1, linestyle=(0, (4, 3)))
        legend(axes)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    style_axes(axes, x=_label("grid score", scorer), y="units")
    return figure


def score_against_null(
    grid_score: Float[np.ndarray, " unit"],
    null_p99: Float[np.ndarray, " unit"],
    *,
    above: Bool[np.ndarray, " unit"] | None = None,
    scorer: str = "",
) -> Figure:
    """Each unit's score against the 99th percentile of its own null: above the diagonal is more than chance.

    ``above`` is the verdict to color by; default ``grid_score > null_p99``.
    """
    score, null = np.asarray(grid_score, dtype=float), np.asarray(null_p99, dtype=float)
    same_length(grid_score=score, null_p99=null)
    beyond = score > null if above is None else np.asarray(above, dtype=bool)
    same_length(grid_score=score, above=beyond)
    finite = np.isfinite(score) & np.isfinite(null)
    figure = new_figure()
    axes = figure.add_subplot()
    if not finite.any():
        say_empty(axes, _NONE)
    else:
        ends = np.array([min(null[finite].min(), score[finite].min()), max(null[finite].max(), score[finite].max())])
        ends += np.array([-0.08, 0.08]) * (np.ptp(ends) or 1.0)
        axes.plot(ends, ends, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        for chosen, color, label in ((~beyond, MUTED, "within its null"), (beyond, GREEN, "above its null")):
            chosen = finite & chosen
            axes.scatter(null[chosen], score[chosen], s=18, color=color, alpha=0.75, linewidths=0, label=label)
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
        legend(axes)
    style_axes(axes, x="99th percentile of the unit's null", y=_label("grid score", scorer), grid="both")
    return figure


def _label(what: str, scorer: str) -> str:
    return f"{what} ({scorer})" if scorer else what
