"""The paper's claims and what this run says of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..findings import CLAIMS, MARKS, stored_claims


class ShownClaim(NamedTuple):
    """A claim with its verdict: ``mark`` is yes, no or untested."""

    id: str
    says: str
    verdict: str
    mark: str
    number: str
    null: str
    sentence: str


def claims(summary: Mapping[str, Any], origin: str = "trained") -> list[ShownClaim]:
    """All claims that a single run can test; those that were not judged are open. None of activity from elsewhere: the
    paper claims nothing about it.
    """
    if origin != "trained":
        return []
    judged, rows = stored_claims(summary), []
    for claim in CLAIMS:
        entry = judged.get(claim.id, {})
        verdict = str(entry.get("verdict") or "not judged yet")
        rows.append(
            ShownClaim(
                claim.id,
                claim.says,
                verdict,
                MARKS.get(verdict, "untested"),
                _text(entry.get("number")),
                _text(entry.get("null")),
                str(entry.get("sentence") or ""),
            )
        )
    return rows


def _text(value: object) -> str:
    """A number, a list or a table of numbers as short text."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}".replace("-", "−")
    if isinstance(value, list | tuple):
        parts = [f"({_text(item)})" if isinstance(item, list | tuple) else _text(item) for item in value]
        return ", ".join(parts) or "–"
    if isinstance(value, Mapping):
        return "; ".join(f"{str(name).replace('_', ' ')}: {_text(item)}" for name, item in value.items()) or "–"
    return str(value) or "–"
