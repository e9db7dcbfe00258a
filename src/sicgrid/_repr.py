"""How results with arrays print themselves: a line a field, arrays by their shape."""

from dataclasses import fields, is_dataclass
from typing import Any

_MOST_LINES, _WIDTH, _PLAIN = 10, 100, 60


def short_repr(result: Any) -> str:
    """A dataclass or named tuple in ten lines at most: of an array its shape and type, of a long value its beginning.

    >>> from typing import NamedTuple
    >>> import numpy as np
    >>> class Maps(NamedTuple):
    ...     maps: np.ndarray
    ...     side_m: float
    >>> print(short_repr(Maps(np.zeros((3, 40, 40)), 2.0)))
    Maps(maps=float64 (3, 40, 40), side_m=2.0)

    """
    names = [field.name for field in fields(result)] if is_dataclass(result) else result._fields
    told = [f"{name}={_value(getattr(result, name))}" for name in names]
    lines = [f"{type(result).__name__}("]
    for index, part in enumerate(told):
        last = index == len(told) - 1
        piece = part + (")" if last else ",")
        if len(lines[-1]) + len(piece) + 1 > _WIDTH and lines[-1].strip():
            lines.append("    ")
        lines[-1] += piece if lines[-1].endswith(("(", "    ")) else f" {piece}"
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"    ... {len(told)} fields)"]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} {tuple(value.shape)}" if len(value.shape) else str(value)
    if is_dataclass(value) or hasattr(value, "_fields"):
        return type(value).__name__
    if isinstance(value, dict | list | tuple) and len(repr(value)) > _PLAIN:
        return f"{type(value).__name__} of {len(value)}"
    text = repr(value).replace("\n", " ")
    return text if len(text) <= _PLAIN else f"{text[: _PLAIN - 3]}..."
