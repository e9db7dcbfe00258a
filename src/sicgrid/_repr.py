"""How objects print themselves: in at most ten lines, field by field, arrays by their shape."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any, TypeVar

_MOST_LINES, _WIDTH = 10, 100  # of what is printed
_MOST_CHARACTERS, _MOST_ITEMS = 60, 20  # of a value that is printed in full
_FULL_WIDTH = 120  # of a line of external text

Kind = TypeVar("Kind", bound=type)


def brief(kind: Kind) -> Kind:
    """Let a dataclass or named tuple print itself by `short_repr`.

    >>> from typing import NamedTuple
    >>> @brief
    ... class Maps(NamedTuple):
    ...     maps: list
    >>> Maps(list(range(1000)))
    Maps(maps=list of 1000)

    """
    kind.__repr__ = short_repr  # type: ignore[method-assign, assignment] # a method where it is
    return kind


def short_repr(result: Any) -> str:
    """A dataclass or named tuple in at most ten lines: of an array its shape and type, of a long value its beginning.

    >>> from typing import NamedTuple
    >>> import numpy as np
    >>> class Maps(NamedTuple):
    ...     maps: np.ndarray
    ...     side_m: float
    >>> print(short_repr(Maps(np.zeros((3, 40, 40)), 2.0)))
    Maps(maps=float64 (3, 40, 40), side_m=2.0)

    """
    names = [field.name for field in fields(result)] if is_dataclass(result) else result._fields
    return _filled(type(result).__name__, [f"{name}={short_value(getattr(result, name))}" for name in names])


def first_lines(text: str) -> str:
    """At most ten lines of an external text, such as torch's repr of a module, none wider than 120 characters."""
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"... {len(lines) - _MOST_LINES + 1} lines more"]
    return "\n".join(line if len(line) <= _FULL_WIDTH else f"{line[: _FULL_WIDTH - 4]} ..." for line in lines)


class BriefDict(dict[str, Any]):
    """A dict that prints its beginning, ten lines at most; of nested values it prints the length.

    >>> BriefDict(units=128, modules=[{"spacing_m": 0.5}] * 9, verdict=None)
    {'units': 128, 'modules': list of 9, 'verdict': None}

    """

    def __repr__(self) -> str:
        return _filled("", (f"{name!r}: {short_value(value)}" for name, value in self.items()), "{}")


def _filled(name: str, parts: Iterable[str], brackets: str = "()") -> str:
    """The parts between brackets, as many on a line as fit."""
    parts, lines = list(parts), [name + brackets[0]]
    for index, part in enumerate(parts):
        piece = part + ("" if index == len(parts) - 1 else ",")
        if len(lines[-1]) + len(piece) + 2 > _WIDTH and lines[-1].strip():
            lines.append("    ")
        lines[-1] += piece if lines[-1].endswith((brackets[0], "    ")) else f" {piece}"
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"    ... {len(parts)} in all"]
    return "\n".join(lines) + brackets[1]


def short_value(value: Any) -> str:
    """One value in a line: of an array its shape and type, of a function its name, of a long collection its length.

    >>> short_value(short_value), short_value([0] * 99)
    ('short_value', 'list of 99')

    """
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} {tuple(value.shape)}" if len(value.shape) else str(value)
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    if is_dataclass(value) or hasattr(value, "_fields"):
        return type(value).__name__
    if isinstance(value, dict | list | tuple | set | frozenset) and (
        len(value) > _MOST_ITEMS or len(repr(value)) > _MOST_CHARACTERS
    ):
        return f"{type(value).__name__} of {len(value)}"
    text = " ".join(repr(value).split())
    most = _WIDTH - 10 if isinstance(value, PurePath) else _MOST_CHARACTERS
    return text if len(text) <= most else f"{text[: most - 3]}..."
