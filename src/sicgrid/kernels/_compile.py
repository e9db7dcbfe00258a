"""How the inner loops are compiled: once for all of them."""

from collections.abc import Callable
from typing import Any

from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]  # shapes cannot be annotated on compiled functions

# Sums may be reordered and fused, which is what makes loops vectors. Not-a-number and infinity keep their meaning
# (no "nnan", "ninf"): a diverged network must show up in the loss and not turn into zeros.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

exact: Decorator = njit(cache=True, nogil=True, parallel=True)
"""Rounds as written: for comparisons that must agree with the reference to the last bit."""

vectorised: Decorator = njit(cache=True, nogil=True, fastmath=_FAST_MATH, parallel=True)
"""For sums over units and points."""
