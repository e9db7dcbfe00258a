"""metrics.jsonl: what training reported, one JSON object a line."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from jaxtyping import Shaped

from ._atomic import write_atomically
from ._errors import UserError


class MetricsLog:
    """Appends records to a metrics file; a context manager.

    Each line goes out in one unbuffered write, so a killed process leaves whole lines only. A line that the disk has
    no room for is taken back before the error is passed on. Records hold no times: an interrupted and resumed run
    writes the same bytes as an uninterrupted one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)

    def append(self, record: Mapping[str, float]) -> None:
        """Write one record; numbers that are not finite become null, for which JSON has no other word."""
        clean = {name: value if math.isfinite(value) else None for name, value in record.items()}
        line = json.dumps(clean, allow_nan=False).encode() + b"\n"
        before = self._file.tell()
        try:
            written = self._file.write(line)
            if written != len(line):
                # The disk filled up in the middle of the line; the second write raises the reason.
                self._file.write(line[written:])
        except OSError as error:
            self._file.truncate(before)
            error.filename = str(self._path)
            raise

    def flush_to_disk(self) -> None:
        """Make the lines so far survive a power cut; called before the checkpoint that presumes them."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def cut_metrics(path: Path, step: int) -> None:
    """Drop the records after ``step`` (those that a run to be resumed will write again), atomically."""
    if not path.exists():
        return
    lines = path.read_bytes().splitlines(keepends=True)
    remaining = [line for line in lines if line.endswith(b"\n") and _step_of(line, path) <= step]
    if len(remaining) < len(lines):
        write_atomically(path, b"".join(remaining))


def read_metrics(path: Path) -> dict[str, Shaped[np.ndarray, " records"]]:
    """Columns of a metrics file: ``step`` (int64), the terms, ``learning_rate``, ``gradient_norm`` (float64).

    A last line without its end, as a power cut may leave, is not read; null is NaN.

    Raises
    ------
    UserError
        If a line is damaged.

    """
    records = [_parse(line, path) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    names = records[0].keys() if records else ["step"]
    columns: dict[str, Shaped[np.ndarray, " records"]] = {
        name: np.array([math.nan if record.get(name) is None else record[name] for record in records], dtype=np.float64)
        for name in names
    }
    columns["step"] = columns["step"].astype(np.int64)
    return columns


def _parse(line: bytes, path: Path) -> dict[str, float | None]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("step"), int):
        raise UserError(f"{path} is damaged: a line is not a JSON object with a step; delete that line")
    return record


def _step_of(line: bytes, path: Path) -> int:
    return int(_parse(line, path)["step"] or 0)
