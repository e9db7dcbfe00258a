"""The page's figures with their captions."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from ..figures import curves_of, training_curves
from ..findings import Drawing, RunResults
from ._pictures import inline_svg

_WIDTHS = (5.5, 9.0)  # inches above which a figure takes two columns, or three, so that letters have one size


class Panel(NamedTuple):
    """A figure for the page and what is written below it."""

    svg: Markup
    caption: str
    columns: int = 1  # how many of the page's columns it takes


def panel(drawing: Drawing) -> Panel:
    """Draw a figure for the page."""
    figure = drawing.draw()
    columns = 1 + sum(figure.get_figwidth() > width for width in _WIDTHS)
    return Panel(inline_svg(figure, drawing.name, drawing.label), drawing.caption, columns)


def weighted_terms(results: RunResults, names: Iterable[str]) -> list[str]:
    """The names without terms of the loss whose weight is 0: a curve of one would look as if it had been trained."""
    return [name for name in names if getattr(results.config.loss, name, 1.0) != 0]


def training_drawings(results: RunResults) -> dict[str, list[Drawing]]:
    """The curves on linear and on logarithmic steps; none if training left no record."""
    if len(results.metrics["step"]) == 0:
        return {}
    drawings: dict[str, list[Drawing]] = {"linear": [], "log": []}
    for scale, into in drawings.items():
        for key, (title, _) in curves_of(weighted_terms(results, results.metrics)).items():
            draw = partial(training_curves, results.metrics, curves=[key], log_steps=scale == "log")
            last = _last(results.metrics[key])
            into.append(Drawing(f"{scale}-{key}", draw, f"{title} against steps; at the end {last}", ""))
    return drawings


def _last(values: np.ndarray) -> str:
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    return f"{finite[-1]:.3g}" if finite.size else "undefined"
