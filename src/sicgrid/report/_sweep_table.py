"""The table of all runs as a page shows it: which columns, and what stands in the cells."""

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from .._durations import describe_duration
from ..findings import METRICS
from ..losses import TERM_LABELS
from ._sweep_results import SweepResults

LOSS_PLACE = 700  # of the held-out loss among the columns

_COLUMNS = [(metric.name, metric.column) for metric in METRICS if metric.column is not None]
_LOSS = {
    "held_out_total": "held-out loss",
    **{f"held_out_{name}": label or name.replace("_", " ") for name, label in TERM_LABELS.items()},
}
_PLACED = [(column.place, name, column.head) for name, column in _COLUMNS]
_PLACED += [(LOSS_PLACE + row, name, head) for row, (name, head) in enumerate(_LOSS.items())]
# Shown first and under these names; further columns of the table follow under their descriptions.
HEADS = {
    "name": "run",
    **{name: name for name in ("variant", "seed", "status")},
    **{name: head for _, name, head in sorted(_PLACED)},
    "seconds": "time",
    "message": "message",
}
# Told by others here, or by the page of a run.
LEFT_OUT = {metric.name for metric in METRICS if not metric.listed}
ALWAYS = {"name", "seed", "status", *(name for name, column in _COLUMNS if column.always)}
WORDS = {"name", "variant", "status", "message", *(metric.name for metric in METRICS if metric.kind is str)}
PERCENT = {metric.name for metric in METRICS if metric.percent}
LISTS = {metric.name for metric in METRICS if metric.kind is list}
MOST_CHOICES = 40  # of a filter


class Head(NamedTuple):
    """A column of the page's table; ``kind`` is number or text, by which it sorts."""

    name: str
    label: str
    about: str
    kind: str


class Cell(NamedTuple):
    """What stands in a cell; ``sort`` is its value where the text does not say it, ``href`` the run's own page."""

    text: str
    sort: str = ""
    href: str = ""


class RunRow(NamedTuple):
    """A trial with its cells, in the order of the heads."""

    status: str
    cells: list[Cell]


class RunTable(NamedTuple):
    """All of it. ``filters`` are columns with few values: position, label, values."""

    heads: list[Head]
    rows: list[RunRow]
    filters: list[tuple[int, str, list[str]]]


def run_table(results: SweepResults) -> RunTable:
    """Every trial with its settings and numbers; columns that nobody has a value in are left out."""
    heads = _heads(results)
    rows = [
        RunRow(str(row["status"]), [_cell(results, row, head.name) for head in heads]) for row in results.rows
    ]  # fmt: skip
    filters = []
    for position, head in enumerate(heads):
        if head.name in ("status", "variant", "seed") or (head.name in results.varied and results.kind != "variants"):
            values = list(dict.fromkeys(row.cells[position].text for row in rows))
            if 1 < len(values) <= MOST_CHOICES:
                filters.append((position, head.label, values if head.kind == "text" else _in_order(values)))
    return RunTable(heads, rows, filters)


def value_text(value: Any) -> str:
    """A setting or a number as short text: 0.25, true, [1, 2]; a dash for None."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.4g}".replace("-", "−") if abs(value) < 1e15 else str(value)
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(value_text(item) for item in value) or "none"
    return json.dumps(value)


def page_link(results: SweepResults, row: Mapping[str, Any]) -> str:
    """The run's own page, seen from the sweep's; empty if it has none."""
    return f"runs/{quote(row['name'])}/report.html" if results.run(row).report.is_file() else ""


def _heads(results: SweepResults) -> list[Head]:
    varied = results.varied
    # A variant's name says what it changes, so there the settings come last.
    names = list(HEADS) if results.kind == "variants" else ["name", *varied, *list(HEADS)[1:]]
    names += [name for name in results.columns if name not in (*names, *varied, *LEFT_OUT)]
    names += [name for name in varied if name not in names]
    heads = []
    for name in names:
        column = results.columns.get(name)
        used = any(row.get(name) is not None for row in results.rows)
        if column is None or not (used or name in ALWAYS) or (name == "message" and not _any_message(results)):
            continue
        words = name in WORDS or any(isinstance(row.get(name), str | bool) for row in results.rows)
        label = HEADS.get(name, name if name in results.varied else column.description.lower())
        about = column.description + (f", {column.unit}" if column.unit else "")
        heads.append(Head(name, label, about, "text" if words else "number"))
    return heads


def _any_message(results: SweepResults) -> bool:
    return any(row.get("message") for row in results.rows)


def _cell(results: SweepResults, row: Mapping[str, Any], name: str) -> Cell:
    value = row.get(name)
    if name == "name":
        return Cell(str(value), href=page_link(results, row))
    if name == "seconds":
        return Cell(describe_duration(value), "" if value is None else f"{value:g}")
    if name in PERCENT and value is not None:
        return Cell(f"{100 * value:.0f} %", f"{value:g}")
    if name in LISTS and value is not None:
        return Cell(", ".join(f"{item:.2f}" for item in value) or "none", f"{max(value):g}" if value else "0")
    if name == "message":
        return Cell(value or "")
    return Cell(value_text(value))


def _in_order(values: list[str]) -> list[str]:
    def key(text: str) -> tuple[bool, float]:
        try:
            return False, float(text.replace("−", "-"))
        except ValueError:
            return True, 0.0

    return sorted(values, key=key)
