"""Typical rate maps of a group of runs."""

from typing import NamedTuple

import numpy as np

from ..findings import Group
from ..storage import RunDirectory, UserError, read_maps, read_units
from ._pictures import rate_map_png, signed_map_png
from ._sweep_results import SweepResults


class Thumbnail(NamedTuple):
    """A unit's rate map as data URI, and the picture in words."""

    uri: str
    description: str


class Typical(NamedTuple):
    """Some units of one run; ``missing`` says why there are none."""

    run: str
    units: list[Thumbnail]
    missing: str = ""


def typical_units(results: SweepResults, group: Group, count: int) -> Typical:
    """Units of a group's typical run, evenly spread from the highest grid score to the lowest.

    That is the finished run whose share of units above shifts in time is nearest to the group's median, the first of
    several. Units that are silent or always on are left out.
    """
    if not group.finished:
        return Typical("", [], "no run has finished")
    share = np.array([row["fraction_grid"] or 0.0 for row in group.finished], dtype=float)
    row = group.finished[int(np.abs(share - np.median(share)).argmin())]
    return typical_of_run(results.run(row), row["name"], count)


def typical_of_run(run: RunDirectory, name: str, count: int) -> Typical:
    """Units of one run, chosen as in `typical_units`."""
    try:
        units, maps = read_units(run.units()), read_maps(run.maps()).maps
    except (OSError, UserError):
        return Typical(name, [], "its rate maps cannot be read")
    if not {"active", "grid_score"} <= set(units) or len(units["active"]) != len(maps):
        return Typical(name, [], "its rate maps do not fit its units")
    constant = units.get("constant", np.zeros(len(maps), dtype=bool))
    candidates = np.flatnonzero(np.asarray(units["active"], dtype=bool) & ~np.asarray(constant, dtype=bool))
    if not len(candidates):
        return Typical(name, [], "no unit is active in some places only")
    score = np.asarray(units["grid_score"], dtype=float)
    finite_score = np.where(np.isfinite(score[candidates]), score[candidates], -np.inf)
    ranked = candidates[np.argsort(-finite_score, kind="stable")]
    units_shown = ranked[np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int)]
    return Typical(name, [_thumbnail(maps[unit], unit, score[unit], name) for unit in units_shown])


def _thumbnail(rate_map: np.ndarray, unit: int, score: float, run: str) -> Thumbnail:
    scored = f", grid score {score:.2f}" if np.isfinite(score) else ""
    picture = signed_map_png(rate_map) if np.nanmin(rate_map) < 0 else rate_map_png(rate_map)
    return Thumbnail(picture, f"Rate map of unit {unit} of {run}{scored}")
