"""The settings and the provenance as tables."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel


class Setting(NamedTuple):
    """One row: ``changed`` says that the value is not the default."""

    name: str
    value: str
    default: str
    changed: bool
    description: str
    source: str


def setting_groups(config: BaseModel, default: BaseModel, title: str = "run") -> list[tuple[str, list[Setting]]]:
    """All settings by the part they belong to; nested parts after the one that holds them."""
    rows: list[Setting] = []
    groups: list[tuple[str, list[Setting]]] = [(title, rows)]
    for name, field in type(config).model_fields.items():
        value, usual = getattr(config, name), getattr(default, name)
        if isinstance(value, BaseModel):
            groups += setting_groups(value, usual, name if title == "run" else f"{title}.{name}")
        else:
            text, _, source = (field.description or "").partition("Source:")
            rows.append(
                Setting(name, _text(value), _text(usual), value != usual, text.strip(), source.strip().rstrip("."))
            )
    return groups


def provenance_rows(record: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Name and value of each entry, nested names joined by spaces; the sessions are left to their own table."""
    rows: list[tuple[str, str]] = []
    for name, value in record.items():
        if isinstance(value, Mapping):
            rows += provenance_rows(value, f"{prefix}{name} ")
        elif name != "sessions":
            rows.append((f"{prefix}{name}", _text(value)))
    return rows


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "–"
