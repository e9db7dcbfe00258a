"""What several systems side by side show of their periods."""

from collections.abc import Mapping
from typing import Any

from ._finding import ComparedNumber, Record
from ._names import PERIODS
from ._wording import meters


def _spacings(record: Record) -> list[float] | None:
    periods = record.part(PERIODS).get("periods")
    return None if periods is None else sorted(float(period["spacing_m"]) for period in periods)


def _text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "too few units" if numbers["modules"] is None else "–"
    return meters(value) if len(value) else "none"


PERIODS_COMPARED = (
    ComparedNumber(
        "periods_m",
        place=200,
        read=_spacings,
        part=PERIODS,
        head="periods",
        about="Spacings that stand out among the units’ own lattices, as the field counts modules; several may belong "
        "to one module. Three units are enough for one, so that one of few units may come or go with the walks.",
        text=_text,
    ),
)
