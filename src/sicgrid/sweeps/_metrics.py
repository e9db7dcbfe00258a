"""The metrics of a run: each a number by name, read from the files that the stages of the run have written."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..losses import TERMS
from ..storage import RunDirectory, read_json


class Metric(NamedTuple):
    """What a metric says; ``unit`` is empty for a pure number."""

    description: str
    unit: str


LOSS_TERMS = ("total", *TERMS)

METRICS: dict[str, Metric] = {
    "fraction_grid": Metric("Share of grid cells among the active units", ""),
    "active_units": Metric("Active units", ""),
    "grid_units": Metric("Grid cells", ""),
    "grid_score_median": Metric("Median grid score of the active units", ""),
    "fraction_beats_field_shuffle": Metric("Share of active units above the field-shuffle null", ""),
    "path_integration_error": Metric("States at equal places over states at far places: 0 place alone, 1 lost", ""),
    "decoding_error_m": Metric("Median distance from the decoded to the true place", "m"),
    "modules": Metric("Modules", ""),
    "largest_module_units": Metric("Units of the largest module", ""),
    "spacing_smallest_m": Metric("Spacing of the finest module", "m"),
    "spacing_largest_m": Metric("Spacing of the coarsest module", "m"),
    "spacing_median_m": Metric("Median of the spacing peaks of the grid cells", "m"),
    "ellipticity_median": Metric("Median ellipticity of the modules' lattices", ""),
    "torus_modules": Metric("Modules with the Betti numbers of a torus", ""),
    "single_field_units": Metric("Units with exactly one field, a whole one", ""),
    "field_diameter_m": Metric("Median diameter of whole fields", "m"),
    "unique_range_m": Metric("Side of the box within which the code is unique", "m"),
    **{
        f"held_out_{term}": Metric(f"Held-out {'loss' if term == 'total' else term.replace('_', ' ')}", "")
        for term in LOSS_TERMS
    },
}
"""Name -> what it is. In the order of a table's columns."""

PART_OF = {
    "modules": "modules",
    "largest_module_units": "modules",
    "spacing_smallest_m": "modules",
    "spacing_largest_m": "modules",
    "ellipticity_median": "modules",
    "torus_modules": "topology",
    "single_field_units": "fields",
    "field_diameter_m": "fields",
    "unique_range_m": "unique_range",
}
"""Metric -> part of the analysis that it needs beside the units; the others need no more than these."""


def read_metrics(run: RunDirectory) -> dict[str, float | int | None]:
    """Every metric of `METRICS` by name, None where the run does not have it (yet, or at all).

    Reads summary.json, and evaluation.json for the held-out loss; numbers that are not finite are None.

    Raises
    ------
    UserError
        If one of the two is damaged.

    """
    summary = read_json(run.summary) if run.summary.exists() else {}
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    direct = (
        "fraction_grid",
        "active_units",
        "grid_units",
        "grid_score_median",
        "fraction_beats_field_shuffle",
        "path_integration_error",
        "decoding_error_m",
        "unique_range_m",
    )
    found: dict[str, Any] = {name: summary.get(name) for name in direct}
    found |= _of_modules(summary) | _of_parts(summary)
    peaks = [value for value in summary.get("spacing_m") or () if _finite(value)]
    found["spacing_median_m"] = _median(peaks)
    held_out = evaluation.get("held_out") or {}
    found |= {f"held_out_{term}": held_out.get(term) for term in LOSS_TERMS}
    return {name: found[name] if _finite(found.get(name)) else None for name in METRICS}


def _of_modules(summary: Mapping[str, Any]) -> dict[str, Any]:
    if "modules" not in _computed(summary):
        return {}
    modules = summary.get("modules") or []
    spacings = [module["spacing_m"] for module in modules]
    return {
        "modules": len(modules),
        "largest_module_units": max((len(module["units"]) for module in modules), default=0),
        "spacing_smallest_m": min(spacings, default=None),
        "spacing_largest_m": max(spacings, default=None),
        "ellipticity_median": _median([module["ellipticity"] for module in modules]),
    }


def _of_parts(summary: Mapping[str, Any]) -> dict[str, Any]:
    parts = _computed(summary)
    found: dict[str, Any] = {}
    if "topology" in parts:
        found["torus_modules"] = sum(list(one.get("betti", ())) == [1, 2, 1] for one in summary.get("torus") or ())
    fields = parts.get("fields") or {}
    found["single_field_units"] = fields.get("single_field_units")
    found["field_diameter_m"] = fields.get("field_diameter_m_median")
    return found


def _computed(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = summary.get("parts")
    return parts if isinstance(parts, Mapping) else {}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _median(values: list[float]) -> float | None:
    ordered, middle = sorted(values), len(values) // 2
    if not ordered:
        return None
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
