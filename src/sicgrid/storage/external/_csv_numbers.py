"""Numbers from the cells of a CSV file, whatever its decimal mark, and never a guess."""

import csv
import math
import re
import warnings
from pathlib import Path

import numpy as np
from jaxtyping import Float

from .._errors import UserError
from ._arrays import MISSING

DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?")
MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


class DecimalMark:
    """The decimal mark of one file, learned from its cells: a file that uses both marks is refused.

    A comma is decimal once a cell shows that it cannot stand between thousands; 1,234 alone does not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.points = False
        self.commas = False
        self.unclear: tuple[int, str] | None = None  # the first cell that could be either
        self.clear = False

    def column(self, cells: list[str], lines: list[int], name: str) -> Float[np.ndarray, " rows"]:
        """Numbers of a column's cells; ``lines`` are their places in the file."""
        text = "".join(cells)
        if "," not in text and "_" not in text and not self.commas:
            try:
                values = np.array(list(map(float, cells)), dtype=np.float64)
            except ValueError:
                pass
            else:
                self.points |= "." in text
                return values
        return np.array([self.number(*cell, name) for cell in zip(cells, lines, strict=True)], dtype=np.float64)

    def number(self, cell: str, line: int, name: str) -> float:
        """The number in a cell, NaN if there is none; `UserError` if it cannot be told."""
        text = cell.strip()
        if text.lower() in MISSING:
            return math.nan
        if "," in text and DECIMAL_COMMA.fullmatch(text):
            if self.points:
                raise self._both(cell, line, name)
            self.commas = True
            if not MAYBE_THOUSANDS.fullmatch(text):
                self.clear = True
            elif self.unclear is None:
                self.unclear = (line, text)
            return float(text.replace(",", "."))
        if "." in text:
            if self.commas:
                raise self._both(cell, line, name)
            self.points = True
        try:
            if "_" in text:  # which Python skips: 1_12 would be 112
                raise ValueError
            return float(text)
        except ValueError:
            raise UserError(f"{self.path}, line {line}: column {name} must be a number, found {cell[:40]!r}") from None

    def notes(self) -> list[str]:
        """Whether commas were read as decimal marks; `UserError` if they might stand between thousands."""
        if self.commas and not self.clear and self.unclear is not None:
            line, cell = self.unclear
            raise UserError(
                f"{self.path}, line {line}: {cell!r} may be a decimal or a thousand, and no other cell tells; write a "
                "decimal point"
            )
        return [f"numbers of {self.path.name} were read with a decimal comma"] if self.commas else []

    def _both(self, cell: str, line: int, name: str) -> UserError:
        return UserError(
            f"{self.path}, line {line}: column {name} holds {cell[:40]!r}, but the file has decimal points and commas; "
            "use one of them and none between thousands"
        )


def numbers_at_once(lines: list[str], delimiter: str, mark: DecimalMark) -> Float[np.ndarray, "rows columns"] | None:
    """All cells of these lines by numpy's parser, None if it cannot, or might read a cell otherwise than `number`."""
    text = "".join(lines)
    if mark.commas:
        if delimiter == "," or not mark.clear or "." in text or '"' in text:
            return None
        text = text.replace(",", ".")
    if f"{delimiter}{delimiter}" in text or f"{delimiter}\n" in text or f"\n{delimiter}" in text:
        if '"' in text or not all(line.strip(f"{delimiter} \n") for line in lines):
            return None
        for _ in range(2):  # a second time, since neighbors share a separator
            text = text.replace(f"{delimiter}{delimiter}", f"{delimiter}nan{delimiter}")
        text = text.replace(f"{delimiter}\n", f"{delimiter}nan\n").replace(f"\n{delimiter}", f"\nnan{delimiter}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that lines without content hold no numbers
            values = np.loadtxt(text.split("\n"), delimiter=delimiter, comments=None, quotechar='"', ndmin=2)
    except (ValueError, csv.Error):
        return None
    mark.points |= not mark.commas and "." in text
    return values
