"""The page's figures with their captions."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from ..figures import (
    curves_of,
    occupancy_map,
    orientation_histogram,
    path_integration_error,
    score_against_null,
    score_histogram,
    spacing_histogram,
    spacing_orientation,
    training_curves,
)
from ..storage import length_name
from ._drawings import PARTS, Drawing, box_drawings, part_drawings
from ._pictures import inline_svg
from ._results import RunResults

_WIDTHS = (5.5, 9.0)  # inches above which a figure takes two columns, or all, so that letters are of one size


class Panel(NamedTuple):
    """A figure for the page and what is written below it."""

    svg: Markup
    caption: str
    columns: int = 1  # of the page's two or three that it takes


def panel(drawing: Drawing) -> Panel:
    """Draw a figure for the page."""
    figure = drawing.draw()
    columns = 1 + sum(figure.get_figwidth() > width for width in _WIDTHS)
    return Panel(inline_svg(figure, drawing.name, drawing.label), drawing.caption, columns)


def figure_drawings(results: RunResults, scorer: str) -> list[Drawing]:
    """Every figure of the run, for files; names are unique."""
    main = results.summary.get("arena_m") or results.config.evaluation.arenas[0]
    paths = (results.evaluation.get("arenas") or {}).get(length_name(main)) or {}
    curves = training_drawings(results).values()
    parts = [drawing for name in PARTS if name != "modules" for drawing in part_drawings(results, name)]
    return [
        *score_drawings(results, scorer),
        *lattice_drawings(results),
        *path_drawings(results, paths),
        *parts,
        *box_drawings(results),
        *(drawing for drawings in curves for drawing in drawings),
    ]


def score_drawings(results: RunResults, scorer: str) -> list[Drawing]:
    """Grid scores of the active units against chance."""
    active = np.asarray(results.units["active"], dtype=bool)
    score, null, grid = (np.asarray(results.units[name])[active] for name in ("grid_score", "null_p99", "is_grid"))
    return [
        Drawing(
            "scores",
            lambda: score_histogram(score, null, scorer=scorer),
            "Histogram of grid scores and of chance levels",
            "Grid scores of the active units over the 99th percentiles of their nulls (outline; dashed: the median).",
        ),
        Drawing(
            "against-null",
            lambda: score_against_null(score, null, is_grid=grid.astype(bool), scorer=scorer),
            "Grid score of each active unit against the 99th percentile of its own null",
            "Each unit against its own chance level: those above the dashed line are grid cells.",
        ),
    ]


def lattice_drawings(results: RunResults) -> list[Drawing]:
    """Spacing and orientation of the active units; by module where modules are known."""
    active = np.asarray(results.units["active"], dtype=bool)
    columns = (np.asarray(results.units[name])[active] for name in ("spacing_m", "orientation_deg", "is_grid"))
    spacing, orientation, grid = columns
    grid = grid.astype(bool)
    cloud = Drawing(
        "lattices",
        lambda: spacing_orientation(spacing, orientation, is_grid=grid),
        "Orientation of each unit against its spacing",
        "Both at once, one dot a unit: a module is one cloud.",
    )
    by_module = part_drawings(results, "modules")
    if by_module:
        return [*by_module, cloud]
    return [
        Drawing(
            "spacing",
            lambda: spacing_histogram(spacing, is_grid=grid),
            "Histogram of grid spacings",
            "Distance between neighboring fields. Modules are separate bars; a hill is a continuum.",
        ),
        Drawing(
            "orientation",
            lambda: orientation_histogram(orientation, is_grid=grid),
            "Histogram of orientations",
            "Direction of the lattice. Units of one module share it; 0 and 60 degrees are the same.",
        ),
        cloud,
    ]


def path_drawings(results: RunResults, paths: dict[str, Any]) -> list[Drawing]:
    """How the code holds along the walk in the main arena, and where that walk has been."""
    walked = _column(paths, "window_end")
    found = []
    for key, chance, name, label, caption in (
        (
            "error_by_window",
            1.0,
            "route",
            "path-integration error",
            "Distance between states at equal places reached by different routes, relative to far places.",
        ),
        (
            "decoding_error_by_window",
            paths.get("decoding_chance"),
            "decoding",
            "decoding error (m)",
            "Median distance from the place read off the state to the true one; a periodic code also confuses places.",
        ),
    ):
        error = _column(paths, key)
        if len(error) and len(error) == len(walked):
            draw = partial(path_integration_error, walked, error, chance=chance, error_label=label)
            found.append(Drawing(name, draw, f"{label} against steps walked", caption))
    visited = float(np.mean(results.maps.occupancy > 0))
    return [
        *found,
        Drawing(
            "occupancy",
            lambda: occupancy_map(results.maps.occupancy, results.maps.x_edges, results.maps.y_edges),
            "Map of how often each bin was visited",
            f"Coverage: {100 * visited:.1f} % of the bins were visited. Rate maps are means over these samples.",
        ),
    ]


def training_drawings(results: RunResults) -> dict[str, list[Drawing]]:
    """The curves on linear and on logarithmic steps; none if training left no record."""
    if len(results.metrics["step"]) == 0:
        return {}
    found: dict[str, list[Drawing]] = {"linear": [], "log": []}
    for scale, into in found.items():
        for key, (title, _) in curves_of(results.metrics).items():
            draw = partial(training_curves, results.metrics, curves=[key], log_steps=scale == "log")
            last = _last(results.metrics[key])
            into.append(Drawing(f"{scale}-{key}", draw, f"{title} against steps; at the end {last}", ""))
    return found


def _column(table: dict[str, Any], name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in table.get(name, [])], dtype=float)


def _last(values: np.ndarray) -> str:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return f"{known[-1]:.3g}" if known.size else "undefined"
