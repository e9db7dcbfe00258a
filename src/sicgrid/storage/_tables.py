"""Results as tables and numbers: units.csv, maps.npz and JSON files."""

import csv
import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .._maps import RateMaps
from ._atomic import write_atomically
from ._errors import UserError

_MAPS = ("maps", "occupancy", "x_edges", "y_edges")  # arrays of maps.npz


def write_units(path: Path, columns: Mapping[str, Shaped[np.ndarray, " unit"]]) -> None:
    """Write a table of units, one row a unit, columns in the order given.

    Numbers are written so that they read back exactly; booleans as True and False; NaN as an empty cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(map(_cell, np.asarray(column).tolist()) for column in columns.values()), strict=True))
    write_atomically(path, text.getvalue().encode())


def read_units(path: Path | str) -> dict[str, Shaped[np.ndarray, " unit"]]:
    """Columns of a table written by `write_units`: booleans, integers, floats (empty is NaN) or strings.

    ``name`` is text, whatever it looks like.

    Raises
    ------
    UserError
        If it is empty or no such table, or a row has not as many cells as the header.

    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            names, *rows = list(csv.reader(file)) or [[]]
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{path} is damaged: not a table; make it anew with analyze") from None
    if not names:
        raise UserError(f"{path} is damaged: it is empty; make it anew with analyze")
    if any(len(row) != len(names) for row in rows):
        raise UserError(f"{path} is damaged: a row has not as many cells as the header; make it anew with analyze")
    cells = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    return {name: np.array(column) if name == "name" else _column(column) for name, column in cells.items()}


def write_maps(path: Path, maps: RateMaps) -> None:
    """Write rate maps, their bin edges and, if they have them, the units' names as npz, atomically."""
    buffer = io.BytesIO()
    arrays = {name: getattr(maps, name) for name in _MAPS}
    if maps.names is not None:
        arrays["names"] = maps.names
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def read_maps(path: Path | str) -> RateMaps:
    """Rate maps written by `write_maps`. Files of version 0.1 have no names.

    Raises
    ------
    UserError
        If the file is damaged.

    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            names = stored.get("names")
            return RateMaps(**{name: stored[name] for name in _MAPS}, names=names)
    except (ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        raise UserError(f"{path} is damaged or not a file of rate maps; make it anew with analyze") from None


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object, atomically; NaN and infinity become null, numpy's numbers become JSON's."""
    write_atomically(path, json.dumps(_plain(content), indent=1, allow_nan=False).encode() + b"\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    UserError
        If the file holds anything else.

    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UserError(f"{path} is damaged: not a JSON object")
    return content


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and math.isnan(value) else value


def _column(cells: list[str]) -> Shaped[np.ndarray, " unit"]:
    if cells and set(cells) <= {"True", "False"}:
        return np.array([cell == "True" for cell in cells])
    for kind in (int, float):
        try:
            return np.array([kind(cell) if cell or kind is int else math.nan for cell in cells], dtype=kind)
        except ValueError:
            continue
    return np.array(cells)
