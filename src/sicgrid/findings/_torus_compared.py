"""What several systems side by side show of their tori."""

from collections.abc import Mapping
from typing import Any

from ._finding import REASONS, ComparedNumber, Record
from ._loops import TORUS
from ._names import TOPOLOGY


def betti_numbers(record: Record) -> list[list[int]]:
    """Of each module that was tested."""
    return [list(entry.get("betti") or ()) for entry in record.summary.get("torus") or ()]


def _count(record: Record) -> int | None:
    tested = betti_numbers(record)
    return tested.count(TORUS) if tested else None


def _text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "not tested|no module" if TOPOLOGY in numbers[REASONS] and not numbers["modules"] else "–"
    return f"{value:g} of {numbers['modules']:g}"


TORUS_COMPARED = (
    ComparedNumber(
        "torus_modules",
        place=400,
        read=_count,
        part=TOPOLOGY,
        head="torus",
        about="Modules whose states have the Betti numbers of a torus, (1, 2, 1), by persistent homology against "
        "shuffles.",
        text=_text,
    ),
)
