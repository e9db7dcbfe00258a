"""Numbers that a bridge is given: checked at its door, with an error that names the argument."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from .._numbers import real_numbers, shown
from ..evaluation import Recording
from ..storage import UserError


def finite(name: str, value: Any) -> float:
    """The number; `UserError` unless it is finite."""
    if not _is_finite(value):
        raise UserError(f"{name} must be a finite number, got {shown(value)}")
    return float(value)


def positive(name: str, value: Any) -> float:
    """The number; `UserError` unless it is positive and finite."""
    if not (_is_finite(value) and value > 0):
        raise UserError(f"{name} must be a positive finite number, got {shown(value)}")
    return float(value)


def a_recording(value: Any) -> Recording:
    """The recording; `UserError` for anything else."""
    if not isinstance(value, Recording):
        raise UserError(f"recording must be a sicgrid.evaluation.Recording, got {shown(value)}")
    return value


def place(name: str, value: Any) -> Float[np.ndarray, " two"]:
    """A place, x and y; `UserError` unless they are two finite numbers."""
    return _numbers(name, value, "a place, two finite numbers", (2,))


def path(name: str, values: Any, *, missing: bool = False) -> Float[np.ndarray, "time 2"]:
    """Places (time, 2); `UserError` for another shape, or, unless some may be ``missing``, if not all are finite."""
    rule = "a path of shape (time, 2), x and y" if missing else "finite, a path of shape (time, 2)"
    return _numbers(name, values, rule, (None, 2), missing=missing)


def one_each(name: str, values: Any, count: int, of: str) -> Float[np.ndarray, " count"]:
    """A number for each of so many; `UserError` unless they are."""
    return _numbers(name, values, f"one for each of {count} {of}", (count,), missing=True)


def _is_finite(value: Any) -> bool:
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _numbers(
    name: str, values: Any, rule: str, shape: tuple[int | None, ...], *, missing: bool = False
) -> Float[np.ndarray, "..."]:
    try:
        return real_numbers(name, values, rule, shape, missing=missing)
    except ValueError as error:
        raise UserError(str(error)) from None
