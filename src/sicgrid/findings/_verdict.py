"""What a claim is, and how those of the paper are judged: each by a rule that is stated beforehand."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from ._part import Unavailable

HOLDS, FAILS, OPEN = "holds", "does not hold", "not testable here"
ALPHA = 0.05
NO_PHASES = "No module has the 5 units of one definite phase that a test of the tiling needs."

Results = Mapping[str, xr.Dataset]


class Judgment(NamedTuple):
    """A verdict with the measured number, its null (what chance gives), and one sentence."""

    verdict: str
    number: Any
    null: Any
    sentence: str


class Claim(NamedTuple):
    """A claim of the paper."""

    id: str
    says: str
    short: str
    judge: Callable[[Results, float], Judgment]
    """From the results by part and the loss's sigma_x, meters; `Unavailable` where they cannot tell. The rule is in its
    docstring."""
    formerly: str = ""
    """Its id in the summaries and cards of earlier versions."""


def claim_order(name: str) -> tuple[int, str]:
    """Sorts C2 before C10, and C1a before C1b."""
    return int("".join(filter(str.isdigit, name))), name


def judged(claim: Claim, results: Results, sigma_x: float) -> Judgment:
    """The verdict on a claim; open, with the reason, where the results cannot tell."""
    try:
        return claim.judge(results, sigma_x)
    except Unavailable as why:
        return Judgment(OPEN, None, None, str(why))


def required_result(results: Results, name: str) -> xr.Dataset:
    """A part's result; `Unavailable`, with the reason, if there is none."""
    if name not in results or results[name].attrs.get("reason"):
        raise Unavailable(why_missing(results, name))
    return results[name]


def why_missing(results: Results, name: str) -> str:
    """Why a part has no result."""
    part = results.get(name)
    if part is None:
        return f"The part {name} has not been computed; `sicgrid analyze` does so."
    return str(part.attrs.get("reason") or f"The part {name} holds no result.")


def digits(values: np.ndarray) -> str:
    """Numbers with two digits, as text."""
    return ", ".join(f"{value:.2g}" for value in np.atleast_1d(values))


def percents(values: np.ndarray) -> str:
    """Shares in percent with two digits, as text."""
    return ", ".join(f"{100 * value:.2g} %" if np.isfinite(value) else "an unknown share" for value in values)
