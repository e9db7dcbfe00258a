"""Several systems side by side: their numbers, a table of them, and one page."""

import os
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from .._durations import rough_duration
from .._repr import brief
from ..experiment import load_run_config
from ..figures import RATE_COLORS
from ..findings import COMPARED_NUMBERS, REASONS, ComparedNumber, Record
from ..storage import (
    RunDirectory,
    activity_kind,
    length_name,
    read_json,
    read_provenance,
    read_units,
    recorded_arenas,
    write_atomically,
)
from ._pictures import gradient
from ._sweep_pictures import Typical, typical_of_run
from ._template import render

TYPICAL = 8
MEASURED_BY = ComparedNumber(
    "measured_by",
    905,
    lambda record: record.summary["measured_by"],
    head="measured by",
    about="The boxes that the numbers are of, the walks in them, and how many shuffles of each unit stand for chance.",
    text=lambda value, numbers: str(value).replace("; ", "|", 1),
)
COLUMNS = tuple(sorted((*COMPARED_NUMBERS, MEASURED_BY), key=lambda number: number.place))
"""Of the table, from the left."""
SHOWN = tuple(number for number in COLUMNS if number.head)
"""Of the page."""


@brief
class ComparedSystem(NamedTuple):
    """A row of the comparison: what it is, and the runs that its numbers are medians of."""

    name: str
    family: str
    title: str
    citation: str
    put_in_by_hand: str
    published: str
    runs: tuple[Path, ...]
    seconds: tuple[float, ...]
    """That each took to make: training, or drawing weights."""


class Row(NamedTuple):
    """A system on the page: ``cells`` are texts with a note below, in the order of the columns."""

    system: ComparedSystem
    href: str
    typical: Typical
    cells: list[tuple[str, str]]
    cost: str


def numbers_of(run: RunDirectory) -> dict[str, Any]:
    """The numbers of one analyzed run, by column; None where there is none."""
    summary = read_json(run.summary)
    evaluation = read_json(run.evaluation) if run.evaluation.is_file() else {}
    kind = activity_kind(read_provenance(run))
    summary["measured_by"] = _measured_by(run, kind)
    record = Record(summary, read_units(run.units()) if run.units().is_file() else {}, evaluation)
    reasons = {name: part.get("reason") for name, part in (summary.get("parts") or {}).items()}
    return {column.name: column.read(record) for column in COLUMNS} | {"kind": kind, REASONS: reasons}


def _measured_by(run: RunDirectory, kind: str) -> str:
    config = load_run_config(run)
    boxes, walk = " and ".join(length_name(side) for side in recorded_arenas(run)), config.evaluation.walk
    walked = "the recorded path" if kind == "recording" else f"{walk.animals} walks or more of {walk.steps} steps"
    return f"{boxes} m; {config.analysis.shuffles} shuffles, {walked}"


def row_in_words(run: RunDirectory) -> dict[str, str]:
    """The row of one analyzed run: head of the column -> its text, a note to it in brackets."""
    cells = zip(SHOWN, _cells(numbers_of(run)), strict=True)
    return {column.head: f"{text} ({note})" if note else text for column, (text, note) in cells}


def _cells(numbers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Text and note of each column of the page."""
    parted = (column.text(numbers[column.name], numbers).partition("|") for column in SHOWN)
    return [(text, note) for text, _, note in parted]


def write_comparison(systems: Sequence[ComparedSystem], out: Path) -> Path:
    """Write comparison.html, .csv and (where pyarrow is installed) .parquet into a folder; return the page's path."""
    numbers = [_medians([numbers_of(RunDirectory(run)) for run in system.runs]) for system in systems]
    rows = [_row(system, record, out) for system, record in zip(systems, numbers, strict=True)]
    table = _table(systems, numbers, rows)
    write_atomically(out / "comparison.csv", table.to_csv(index=False).encode())
    tables = ["comparison.csv"]
    if find_spec("pyarrow") is not None:  # pandas writes Parquet with it
        write_atomically(out / "comparison.parquet", table.to_parquet(index=False))
        tables.append("comparison.parquet")
    page = out / "comparison.html"
    same = len({record["measured_by"] for record in numbers}) == 1
    write_atomically(page, render_comparison(rows, same, tables).encode())
    return page


def render_comparison(rows: Sequence[Row], same: bool, tables: Sequence[str] = ("comparison.csv",)) -> str:
    """The page as one HTML text; beside links to the systems' own pages it refers to nothing outside itself.

    ``same``: whether all rows are of the same boxes, walks and shuffles; ``tables``: files of it beside the page.
    """
    inlined = {"css": "page.css", "more_css": "compare.css"}
    content = {
        "rows": rows,
        "same": same,
        "tables": " and ".join(tables),
        "columns": SHOWN,
        "rate": gradient(RATE_COLORS),
        "seeds": max(len(row.system.runs) for row in rows),
        "version": version("sicgrid"),
    }
    return render("compare.html.jinja", inlined, content)


def _row(system: ComparedSystem, numbers: Mapping[str, Any], out: Path) -> Row:
    run = RunDirectory(system.runs[0])
    href = quote(Path(os.path.relpath(run.report.resolve(), out.resolve())).as_posix())
    typical, cost = typical_of_run(run, system.title, TYPICAL), rough_duration(statistics.median(system.seconds))
    return Row(system, href, typical, _cells(numbers), cost)


def _medians(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The median over seeds of each number; of what is no number (spacings, a kind) the first seed's."""
    medians: dict[str, Any] = {}
    for name, value in records[0].items():
        values = [record[name] for record in records if record[name] is not None]
        if values and all(isinstance(entry, int | float) and not isinstance(entry, bool) for entry in values):
            medians[name] = float(statistics.median(values))
        else:
            medians[name] = value
    return medians


def _table(
    systems: Sequence[ComparedSystem], numbers: Sequence[Mapping[str, Any]], rows: Sequence[Row]
) -> pd.DataFrame:
    fields = ("name", "family", "title", "citation", "put_in_by_hand", "published")
    return pd.DataFrame(
        {
            **{field: getattr(system, field) for field in fields},
            "seeds": len(system.runs),
            **{name: value for name, value in record.items() if name != REASONS},
            "seconds_to_make": statistics.median(system.seconds),
            "page": row.href,
        }
        for system, record, row in zip(systems, numbers, rows, strict=True)
    )
