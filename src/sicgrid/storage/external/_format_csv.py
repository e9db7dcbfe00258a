"""Recordings from CSV files: a table of the path, and a second one of spikes or of activities on their own clock."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .._errors import UserError
from .._memory import require_memory
from ._arrays import (
    GROUP_COLUMNS,
    MISSING,
    StoredRecording,
    distinct_labels,
    group_word,
    missing_numbers,
    natural_order,
)
from ._csv_numbers import DecimalMark, numbers_at_once
from ._formats import Request, recording_format

PATH_COLUMNS = ("t", "x", "y")
SPIKE_WORDS = {
    "cell",
    "cells",
    "cell_id",
    "cluster",
    "cluster_id",
    "id",
    "label",
    "neuron",
    "neuron_id",
    "tetrode",
    "unit_id",
}
"""Names under which the unit of a spike is known, too: a table with one of them is not one of activities."""
LINES = 50_000  # read at once


class _Table(NamedTuple):
    """A file's layout: columns of its first line, separator, encoding, the lines before the first row."""

    path: Path
    names: list[str]
    delimiter: str
    encoding: str
    header_lines: int


@recording_format(".csv", "columns t, x, y; spikes in a second file, columns unit, t", second_file=True)
def read_csv(request: Request) -> StoredRecording:
    """A path (columns t in s, x and y in m) with spikes or activities.

    A second file holds spikes, columns unit and t, or activities on a clock of their own, column t and one a unit.
    Without it every further column of the path's file is the activity of the unit it is named after;
    ``request.path_only`` leaves these.

    Files begin with a line of column names, in any order; t (or time), x, y and unit may be in capitals. Columns are
    separated by commas, semicolons or tabs, as the first line is; numbers may have a decimal comma; the encoding is
    UTF-8 or UTF-16. An empty cell is NaN, a line without content nothing. A unit's name is the text of its cell; where
    the spikes of one name are of several groups (columns of `GROUP_COLUMNS`, as tetrode), each is a unit of its own,
    named with its group.

    Raises
    ------
    UserError
        If a column is missing, a cell is no number, or a comma could stand between thousands as well as before
        decimals; the line is named. If the table does not fit into memory.

    """
    path, spikes = request.path, request.second
    table = _table(path, PATH_COLUMNS)
    if "unit" in table.names:
        raise UserError(f"{path}: a column unit belongs into a file of spikes, not beside the positions")
    columns = None if spikes is None and not request.path_only else PATH_COLUMNS
    names, values, notes = _read_numbers(table, columns)
    place = {name: at for at, name in enumerate(names)}
    recording = StoredRecording(notes=notes)
    recording.times = values[:, place["t"]].copy()
    recording.positions = values[:, [place["x"], place["y"]]]
    if spikes is not None:
        _add_second_file(recording, spikes)
    elif units := [name for name in names if name not in PATH_COLUMNS]:
        recording.activity, recording.labels = values[:, [place[name] for name in units]], units
        more = f" and {len(units) - 5} more" if len(units) > 5 else ""
        recording.notes.append(f"further columns are the activity of a unit each: {', '.join(units[:5])}{more}")
    return recording


def _add_second_file(recording: StoredRecording, path: Path) -> None:
    table = _table(path, ("t",))
    units = [name for name in table.names if name != "t"]
    if "unit" in units:
        _add_spikes(recording, table)
    elif len(units) < 2 or {name.lower() for name in units} & SPIKE_WORDS:
        raise UserError(
            f"{path} lacks the column unit: its first line must name unit, t (spikes), or t and two or more units "
            f"(activities on their own clock), it is {','.join(table.names)[:80]!r}"
        )
    else:
        names, values, notes = _read_numbers(table, None)
        at = names.index("t")
        recording.activity_times = values[:, at].copy()
        recording.activity = np.delete(values, at, axis=1)
        recording.labels = [name for name in names if name != "t"]
        recording.notes += [
            *notes,
            f"{path.name} was read as activities of {len(names) - 1} units on a clock of their own",
        ]


def _table(path: Path, needed: tuple[str, ...]) -> _Table:
    """Find the separator and the columns from the first line with content."""
    encoding = _encoding(path)
    header, lines = "", 0
    try:
        with path.open(encoding=encoding) as file:
            for lines, line in enumerate(file, start=1):  # noqa: B007
                if line.strip() and not line.startswith("sep="):  # with which Excel may name the separator
                    header = line
                    break
        layouts = {mark: _names(header, mark, needed) for mark in (",", ";", "\t")}
    except (UnicodeError, csv.Error):
        raise UserError(f"{path} is not a CSV file in UTF-8 or UTF-16") from None
    # More columns decide between separators only where none shows all that are needed.
    delimiter = max(layouts, key=lambda mark: (set(needed) <= set(layouts[mark]), len(layouts[mark])))
    names = layouts[delimiter]
    missing = [name for name in needed if name not in names]
    if missing:
        raise UserError(
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: its first line must name "
            f"{', '.join(needed)}, separated by commas, semicolons or tabs, it is {header.strip()[:80]!r}"
        )
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise UserError(f"{path}: a column's name stands twice in its first line; give each its own")
    return _Table(path, names, delimiter, encoding, lines)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(start) == 4 and 0 in start:  # UTF-16 without its mark: every other byte of plain letters is 0
        return "utf-16-le" if start[1] == 0 else "utf-16-be"
    return "utf-8-sig"


def _names(header: str, delimiter: str, needed: tuple[str, ...]) -> list[str]:
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter, skipinitialspace=True), [])]
    for standard in {*needed, "unit"} - set(names):
        names = [standard if name.lower() == standard else name for name in names]
    if "t" in needed and "t" not in names:
        names = ["t" if name.lower() == "time" else name for name in names]
    return names


def _blocks(table: _Table) -> Iterator[tuple[int, list[str]]]:
    """The rows, `LINES` at once, with the number of the first line of each."""
    try:
        with table.path.open(encoding=table.encoding) as file:
            for _ in range(table.header_lines):
                file.readline()
            first = table.header_lines + 1
            while lines := list(islice(file, LINES)):
                yield first, lines
                first += len(lines)
    except UnicodeError:
        raise UserError(f"{table.path} is not a CSV file in UTF-8 or UTF-16") from None


def _rows(table: _Table, first: int, lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Cells of each line that has content, with its number."""
    reader = csv.reader(lines, delimiter=table.delimiter, skipinitialspace=True)
    try:
        for row in reader:
            number = first + reader.line_num - 1
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(table.names):
                comma = "; are there decimal commas? Then separate columns by ;" if table.delimiter == "," else ""
                raise UserError(
                    f"{table.path}, line {number}: {len(row)} cells, but the first line names {len(table.names)} "
                    f"columns{comma * (len(row) > len(table.names))}"
                )
            yield number, row
    except csv.Error as error:
        raise UserError(f"{table.path}, line {first + reader.line_num - 1}: {error}") from None


def _read_numbers(
    table: _Table, columns: tuple[str, ...] | None
) -> tuple[list[str], Float[np.ndarray, "rows columns"], list[str]]:
    """Columns (all if ``columns`` is None) with their names, and notes."""
    keep = [at for at, name in enumerate(table.names) if columns is None or name in columns]
    mark = DecimalMark(table.path)
    parts: list[Float[np.ndarray, "rows columns"]] = []
    for first, lines in _blocks(table):
        if not parts:
            _require_memory(table, lines, len(keep))
        values = numbers_at_once(lines, table.delimiter, mark)
        if values is not None and values.shape[1] == len(table.names):
            parts.append(values[:, keep])
            continue
        cells = [
            [mark.number(row[at], number, table.names[at]) for at in keep] for number, row in _rows(table, first, lines)
        ]
        parts.append(np.array(cells, dtype=np.float64).reshape(len(cells), len(keep)))
    values = np.concatenate([np.empty((0, len(keep))), *parts])
    nameless = [
        at for at, column in enumerate(keep) if table.names[column].startswith("Unnamed: ") or not table.names[column]
    ]
    for at in nameless:
        if not np.isnan(values[:, at]).all():
            raise UserError(
                f"{table.path}: column {keep[at] + 1} has no name in the first line; name the unit, or drop the column "
                "if it only numbers the rows (pandas: index=False)"
            )
    named = [at for at in range(len(keep)) if at not in nameless]
    names = [table.names[keep[at]] for at in named]
    return names, values[:, named] if nameless else values, mark.notes()


def _require_memory(table: _Table, lines: list[str], columns: int) -> None:
    """The number of rows is told from the length of the first ones; blocks are joined at the end, hence twice."""
    width = 2 if table.encoding.startswith("utf-16") else 1
    bytes_a_line = width * sum(map(len, lines)) / len(lines)
    require_memory(table.path, int(2 * 8 * columns * table.path.stat().st_size / bytes_a_line))


def _add_spikes(recording: StoredRecording, table: _Table) -> None:
    at_unit, at_time = table.names.index("unit"), table.names.index("t")
    lowered = [name.lower() for name in table.names]
    groups = {column: lowered.index(column) for column in GROUP_COLUMNS if column in lowered}
    mark = DecimalMark(table.path)
    index: dict[tuple[str, ...], int] = {}
    times, units = [np.empty(0)], [np.empty(0, dtype=np.int64)]
    for first, lines in _blocks(table):
        if not index:
            _require_memory(table, lines, 2)
        numbers, cells, names = [], [], []
        for number, row in _rows(table, first, lines):
            unit = (row[at_unit].strip(), *[row[at].strip() for at in groups.values()])
            if unit not in index:
                if unit[0].lower() in MISSING:
                    raise UserError(f"{table.path}, line {number}: column unit holds {unit[0]!r}, which names no unit")
                index[unit] = len(index)
            numbers.append(number)
            cells.append(row[at_time])
            names.append(index[unit])
        times.append(mark.column(cells, numbers, "t"))
        units.append(np.array(names, dtype=np.int64))
    names_of, notes = _unit_names(list(index), list(groups))
    order = sorted(range(len(names_of)), key=lambda unit: natural_order(names_of[unit]))
    recording.labels = [names_of[unit] for unit in order]
    recording.spike_times, recording.spike_units = np.concatenate(times), np.argsort(order)[np.concatenate(units)]
    recording.notes += [*mark.notes(), *notes, *missing_numbers(recording.labels)]


def _unit_names(units: list[tuple[str, ...]], columns: list[str]) -> tuple[list[str], list[str]]:
    """Names of units, each with its groups only where names repeat among groups, which a note then says."""
    names = [name for name, *_ in units]
    if len(set(names)) == len(names):
        return names, []
    distinguishing = [at for at in range(len(columns)) if len({groups[at] for _, *groups in units}) > 1]
    combined = [
        " ".join([*(word for at in distinguishing if (word := group_word(groups[at], columns[at]))), name])
        for name, *groups in units
    ]
    labels, _ = distinct_labels(combined, "unit")
    columns_text = " and ".join(columns[at] for at in distinguishing)
    return labels, [f"units of several groups share their names; units are named by {columns_text} and unit"]
