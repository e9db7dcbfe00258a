"""How numbers are written for a person, and the one-line sentences that they stand in."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

NOT_APPLICABLE = "not applicable"
_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    """A number as text with a real minus sign, a dash where it is undefined."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-", "−") + unit


def percent(share: float | None) -> str:
    """A share as whole percent, a dash where it is undefined."""
    return number(None if share is None else 100 * share, 0, " %")


def meters(values: Iterable[float]) -> str:
    """``0.50 · 0.71 m``."""
    return " · ".join(number(value) for value in values) + " m"


def p_text(value: float) -> str:
    """``p = 0.012``; what no one reads to its last digit as ``p < 1e-6``."""
    return "p < 1e-6" if value < 1e-6 else f"p = {value:.2g}"


def counted(count: int, noun: str) -> str:
    """``1 unit``, ``3 units``."""
    return f"{count} {_plural(noun, count)}"


def counted_in_words(count: int, noun: str) -> str:
    """As a line begins: ``Three modules``, ``One module``, ``13 modules``."""
    return f"{_WORDS[count] if count < len(_WORDS) else count} {_plural(noun, count)}"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def listed(values: Any, digits: int) -> str:
    """Numbers with so many significant digits, a dash where one is undefined."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    return ", ".join(f"{value:.{digits}g}" if np.isfinite(value) else "–" for value in numbers)


def sentence(text: str) -> str:
    """With a capital letter and a full stop, on one line."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith(".") else ".")


def card_number(value: float | None, digits: int = 2, unit: str = "") -> str:
    """As a card writes it: "none" where there is no number."""
    return "none" if value is None else f"{value:.{digits}f}{unit}"


def card_percent(value: float | None) -> str:
    """As a card writes a share: "none" where there is no number."""
    return "none" if value is None else f"{100 * value:.0f} %"
