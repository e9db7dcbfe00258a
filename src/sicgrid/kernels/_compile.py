"""How the inner loops are compiled: once for all of them."""

from collections.abc import Callable
from typing import Any, Literal

from numba import njit
from numpy.typing import NDArray

from ._cache import KernelCache

Array = NDArray[Any]  # shapes cannot be annotated on compiled functions

# Sums may be reordered and fused, which is what makes loops vectors. Not-a-number and infinity keep their meaning
# (no "nnan", "ninf"): a diverged network must show up in the loss and not turn into zeros.
_FAST_MATH = {"reassoc", "contract", "arcp", "nsz"}

Function = Callable[..., Any]


def exact(function: Function) -> Function:
    """Rounds as written: for comparisons that must agree with the reference to the last bit."""
    return _compiled(function, fastmath=False)


def vectorized(function: Function) -> Function:
    """For sums over units and points."""
    return _compiled(function, fastmath=_FAST_MATH)


def serial(function: Function) -> Function:
    """Rounds as written, on one thread: for small arrays. Division as in numpy, since a check keeps loops scalar."""
    return _compiled(function, fastmath=False, parallel=False, error_model="numpy")


def _compiled(
    function: Function,
    fastmath: bool | set[str],
    parallel: bool = True,
    error_model: Literal["python", "numpy"] = "python",
) -> Function:
    kernel: Any = njit(nogil=True, parallel=parallel, fastmath=fastmath, error_model=error_model)(function)
    kernel._cache = KernelCache(function)  # what cache=True does with a cache of Numba's
    return kernel  # type: ignore[no-any-return]
