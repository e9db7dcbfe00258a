"""The page's figures with their captions."""

from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from ..figures import (
    TRAINING_CURVES,
    occupancy_map,
    orientation_histogram,
    path_integration_error,
    score_against_null,
    score_histogram,
    spacing_histogram,
    spacing_orientation,
    training_curves,
)
from ._pictures import inline_svg
from ._results import RunResults


class Panel(NamedTuple):
    """A figure for the page and what is written below it."""

    svg: Markup
    caption: str


def score_panels(results: RunResults, scorer: str) -> list[Panel]:
    """Grid scores of the active units against chance."""
    active = np.asarray(results.units["active"], dtype=bool)
    score, null, grid = (np.asarray(results.units[name])[active] for name in ("grid_score", "null_p99", "is_grid"))
    levels = "Histogram of grid scores and of chance levels"
    return [
        Panel(
            inline_svg(score_histogram(score, null, scorer=scorer), "scores", levels),
            "Grid scores of the active units over the 99th percentiles of their nulls (outline; dashed: the median).",
        ),
        Panel(
            inline_svg(
                score_against_null(score, null, is_grid=grid.astype(bool), scorer=scorer),
                "against-null",
                "Grid score of each active unit against the 99th percentile of its own null",
            ),
            "Each unit against its own chance level: those above the dashed line are grid cells.",
        ),
    ]


def lattice_panels(results: RunResults) -> list[Panel]:
    """Spacing and orientation of the active units."""
    active = np.asarray(results.units["active"], dtype=bool)
    columns = (np.asarray(results.units[name])[active] for name in ("spacing_m", "orientation_deg", "is_grid"))
    spacing, orientation, grid = columns
    grid = grid.astype(bool)
    return [
        Panel(
            inline_svg(spacing_histogram(spacing, is_grid=grid), "spacing", "Histogram of grid spacings"),
            "Distance between neighboring fields. Modules are separate bars; a hill is a continuum.",
        ),
        Panel(
            inline_svg(orientation_histogram(orientation, is_grid=grid), "orientation", "Histogram of orientations"),
            "Direction of the lattice. Units of one module share it; 0 and 60 degrees are the same.",
        ),
        Panel(
            inline_svg(
                spacing_orientation(spacing, orientation, is_grid=grid),
                "lattices",
                "Orientation of each unit against its spacing",
            ),
            "Both at once, one dot a unit: a module is one cloud.",
        ),
    ]


def path_panels(results: RunResults, paths: dict[str, Any]) -> list[Panel]:
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
            figure = path_integration_error(walked, error, chance=chance, error_label=label)
            found.append(Panel(inline_svg(figure, name, f"{label} against steps walked"), caption))
    occupancy = occupancy_map(results.maps.occupancy, results.maps.x_edges, results.maps.y_edges)
    visited = float(np.mean(results.maps.occupancy > 0))
    return [
        *found,
        Panel(
            inline_svg(occupancy, "occupancy", "Map of how often each bin was visited"),
            f"Coverage: {100 * visited:.1f} % of the bins were visited. Rate maps are means over these samples.",
        ),
    ]


def training_panels(results: RunResults) -> dict[str, list[Panel]]:
    """The curves on linear and on logarithmic steps; none if training left no record."""
    if len(results.metrics["step"]) == 0:
        return {}
    panels: dict[str, list[Panel]] = {"linear": [], "log": []}
    for scale, into in panels.items():
        for key, (title, _) in TRAINING_CURVES.items():
            if key in results.metrics:
                figure = training_curves(results.metrics, curves=[key], log_steps=scale == "log")
                last = _last(results.metrics[key])
                into.append(
                    Panel(inline_svg(figure, f"{scale}-{key}", f"{title} against steps; at the end {last}"), "")
                )
    return panels


def _column(table: dict[str, Any], name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in table.get(name, [])], dtype=float)


def _last(values: np.ndarray) -> str:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return f"{known[-1]:.3g}" if known.size else "undefined"
