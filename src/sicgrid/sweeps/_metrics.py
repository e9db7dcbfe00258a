"""The metrics of a run: each a number by name, read from the files that the stages of the run have written."""

import math
from typing import Any, NamedTuple

from .._repr import brief
from ..findings import METRICS as OF_FINDINGS
from ..findings import Record
from ..losses import TERM_LABELS
from ..storage import RunDirectory, read_json, read_units


@brief
class Metric(NamedTuple):
    """What a metric says; ``unit`` is empty for a pure number."""

    description: str
    unit: str


LOSS_TERMS = ("total", *TERM_LABELS)

METRICS: dict[str, Metric] = {
    **{metric.name: Metric(metric.description, metric.unit) for metric in OF_FINDINGS if metric.aim},
    **{
        f"held_out_{term}": Metric(f"Held-out {'loss' if term == 'total' else term.replace('_', ' ')}", "")
        for term in LOSS_TERMS
    },
}
"""Name -> what it is. In the order of a table's columns."""

MORE: dict[str, Metric] = {
    metric.name: Metric(metric.description, metric.unit) for metric in OF_FINDINGS if not metric.aim
}
"""What a table has of a finished run beside its metrics: not numbers that a search could aim at."""

KINDS = {metric.name: metric.kind for metric in OF_FINDINGS if not metric.aim}
"""Of the values of `MORE`."""

PART_OF = {metric.name: metric.part for metric in OF_FINDINGS if metric.aim and metric.part}
"""Metric -> part of the analysis that it needs beside the units; the others need no more than these."""


def run_metrics(run: RunDirectory) -> dict[str, float | int | None]:
    """Every metric of `METRICS` by name, None where the run does not have it (yet, or at all).

    Reads summary.json, and evaluation.json for the held-out loss; numbers that are not finite are None.

    Raises
    ------
    UserError
        If one of the two is damaged.

    """
    record = Record(read_json(run.summary) if run.summary.exists() else {}, {})
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    values: dict[str, Any] = {metric.name: metric.read(record) for metric in OF_FINDINGS if metric.aim}
    held_out = evaluation.get("held_out") or {}
    values |= {f"held_out_{term}": held_out.get(term) for term in LOSS_TERMS}
    return {name: values[name] if _finite(values.get(name)) else None for name in METRICS}


def read_more(run: RunDirectory) -> dict[str, Any]:
    """Every column of `MORE` by name; raises as `run_metrics`."""
    record = Record(read_json(run.summary), read_units(run.units()) if run.units().is_file() else {})
    return {metric.name: metric.read(record) for metric in OF_FINDINGS if not metric.aim}


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
