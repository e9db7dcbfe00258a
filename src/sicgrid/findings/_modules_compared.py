"""What several systems side by side show of their modules."""

import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from ._finding import ComparedNumber, Record
from ._names import MODULES
from ._part import TOO_FEW
from ._wording import meters


def _sought(record: Record) -> list[Mapping[str, Any]] | None:
    """The modules; None where none could be sought."""
    modules, reason = record.summary.get("modules") or [], record.part(MODULES).get("reason")
    return None if not modules and str(reason or "").startswith(TOO_FEW) else list(modules)


def _count(record: Record) -> int | None:
    modules = _sought(record)
    return None if modules is None else len(modules)


def _spacings(record: Record) -> list[float] | None:
    modules = _sought(record)
    return None if modules is None else sorted(float(module["spacing_m"]) for module in modules)


def median_ellipticity(modules: Iterable[Mapping[str, Any]]) -> float | None:
    """Of modules as the summary has them; None where there is none."""
    values = [float(module["ellipticity"]) for module in modules]
    return statistics.median(values) if values else None


def _text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "too few units"
    return f"{value:g}" + (f"|{meters(numbers['spacings_m'])}" if value else "")


MODULES_COMPARED = (
    ComparedNumber(
        "modules",
        place=300,
        read=_count,
        part=MODULES,
        head="modules",
        about="Groups of units on one lattice, independent of each other: lattices that stand out from a continuum of "
        "spacings.",
        text=_text,
    ),
    ComparedNumber(
        "ellipticity",
        place=500,
        read=lambda record: median_ellipticity(_sought(record) or ()),
        part=MODULES,
        head="ellipticity",
        about="Of the modules’ lattices, the median: 1 a hexagon, 1.73 a square.",
    ),
    ComparedNumber("spacings_m", place=930, read=_spacings, part=MODULES),
)
