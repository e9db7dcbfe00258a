"""Arguments that are to be numbers, taken so that whatever else arrives is refused by the argument's name."""

import decimal
import numbers
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from ._masked import filled

_SHOWN = 60  # characters of a value in a message
_REAL = (numbers.Real, decimal.Decimal, np.bool_, type(None))  # of an array of objects; None is missing


def real_numbers(
    name: str, values: Any, rule: str, shape: tuple[int | None, ...], *, missing: bool = False
) -> Float[np.ndarray, "..."]:
    """Values as float64 of a shape (None: any length but 0); else ValueError "NAME must be RULE, got ...".

    Text is no number, even if it reads as one, nor are complex numbers. With ``missing`` NaN and infinity may be in it;
    what is masked is NaN.

    >>> real_numbers("origin", (1, 2), "x and y, meters", (2,)).tolist()
    [1.0, 2.0]
    >>> real_numbers("origin", "middle", "x and y, meters", (2,))
    Traceback (most recent call last):
        ...
    ValueError: origin must be x and y, meters, got 'middle'

    """
    try:
        array = _filled_numbers(values)
    except (TypeError, ValueError):  # text or dates, masked; rows of several lengths
        raise ValueError(f"{name} must be {rule}, got {shown(values)}") from None
    fits = array.ndim == len(shape) and all(
        length > 0 and expected in (None, length) for expected, length in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must be {rule}, got {shown(values)}")
    if not (missing or np.isfinite(array).all()):
        raise ValueError(f"{name} must be {rule}, got NaN or infinity in {shown(values)}")
    return array.astype(np.float64)


def plain_numbers(name: str, values: Any, dtype: type[np.floating[Any]] | None = None) -> Float[np.ndarray, "..."]:
    """Real numbers of any shape as a plain array, NaN where they were masked; else ValueError by the argument's name.

    Of `dtype`; by default single precision stays, and all else becomes double.

    >>> plain_numbers("rate_map", np.ma.masked_array([1, 2], mask=[False, True])).tolist()
    [1.0, nan]
    >>> plain_numbers("rate_map", [1j])
    Traceback (most recent call last):
        ...
    ValueError: rate_map must be real numbers, got [1j]

    """
    try:
        array = _filled_numbers(values)
        if array.dtype.kind not in "fiubO":
            raise TypeError(array.dtype)
        if array.dtype.kind == "O" and not all(isinstance(value, _REAL) for value in array.flat):
            raise TypeError("text or dates among objects")
        if dtype is None:
            dtype = np.float32 if array.dtype == np.float32 else np.float64
        return array.astype(dtype, copy=False)
    except (TypeError, ValueError, OverflowError):  # no numbers, rows of several lengths, or beyond double precision
        raise ValueError(f"{name} must be real numbers, got {shown(values)}") from None


def _filled_numbers(values: Any) -> Shaped[np.ndarray, "..."]:
    """`filled`, which makes a number of all that is masked: TypeError where that would be of text or of dates."""
    if isinstance(values, np.ma.MaskedArray) and values.dtype.kind not in "fciubO":
        raise TypeError(values.dtype)
    return filled(values)


def shown(value: Any) -> str:
    """A value in a message: in full where that is short, else what it is.

    >>> shown((1, "a")), shown(np.zeros((100, 3))), shown([[1, 2]] * 100)
    ("(1, 'a')", 'an array of float64 of shape (100, 3)', 'a list of 100')

    """
    if hasattr(value, "shape") and hasattr(value, "dtype") and np.size(value) > 4:
        return f"an array of {value.dtype} of shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())
    if len(text) <= _SHOWN:
        return text
    try:
        return f"a {type(value).__name__} of {len(value)}"
    except TypeError:  # some have a length only in name, as sparse arrays
        return f"a {type(value).__name__}"
