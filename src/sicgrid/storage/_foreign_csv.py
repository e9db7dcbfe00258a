"""Recordings from CSV files: a table of the path, and a second one of the spikes."""

import csv
import math
from pathlib import Path

import numpy as np
from jaxtyping import Float, Shaped

from ._errors import UserError

PATH_COLUMNS = ("t", "x", "y")
SPIKE_COLUMNS = ("unit", "t")
MISSING = {"", "nan", "na", "null"}


def read_csv(path: Path, spikes: Path | None = None) -> dict[str, Shaped[np.ndarray, "..."]]:
    """A path (columns t in s, x and y in m) with spikes (a second file, columns unit and t) or activities.

    Without a file of spikes every further column of the path's file is the activity of the unit it is named after.
    Both files begin with a line of column names, in any order; an empty cell is NaN. Arrays are returned under the
    names that a npz file has.

    Raises
    ------
    UserError
        If a column is missing or a cell is no number; the line is named.

    """
    columns = _read(path, PATH_COLUMNS)
    found: dict[str, Shaped[np.ndarray, ...]] = {
        "times": _numbers(columns, "t", path),
        "positions": np.stack([_numbers(columns, "x", path), _numbers(columns, "y", path)], axis=1),
    }
    if spikes is not None:
        listed = _read(spikes, SPIKE_COLUMNS)
        return found | {"spike_times": _numbers(listed, "t", spikes), "spike_units": _labels(listed["unit"])}
    units = [name for name in columns if name not in PATH_COLUMNS]
    if units:
        found["activity"] = np.stack([_numbers(columns, name, path) for name in units], axis=1)
        found["units"] = np.array(units)
    return found


def _read(path: Path, needed: tuple[str, ...]) -> dict[str, list[str]]:
    """Cells by column."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = list(csv.reader(file)) or [[]]
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{path} is not a CSV file") from None
    names = [name.strip() for name in header]
    missing = [name for name in needed if name not in names]
    if missing:
        raise UserError(
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}: its first line must name "
            f"{', '.join(needed)}, it is {','.join(names)[:80]!r}"
        )
    if len(set(names)) < len(names):
        raise UserError(f"{path}: a column's name stands twice in its first line; give each its own")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise UserError(f"{path}, line {number}: {len(row)} cells, but the first line names {len(names)} columns")
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}


def _numbers(columns: dict[str, list[str]], name: str, path: Path) -> Float[np.ndarray, " rows"]:
    values = []
    for number, cell in enumerate(columns[name], start=2):
        try:
            values.append(math.nan if cell.strip().lower() in MISSING else float(cell))
        except ValueError:
            raise UserError(f"{path}, line {number}: column {name} must be a number, found {cell[:40]!r}") from None
    return np.array(values, dtype=np.float64)


def _labels(cells: list[str]) -> Shaped[np.ndarray, " rows"]:
    """Names of units; as integers where all are, so that unit 10 comes after unit 9."""
    names = [cell.strip() for cell in cells]
    try:
        return np.array([int(name) for name in names], dtype=np.int64)
    except ValueError:
        return np.array(names)
