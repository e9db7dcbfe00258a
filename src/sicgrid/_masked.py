"""numpy's masked arrays, whose mask is lost where they are taken for plain ones: what is masked is missing."""

from typing import Any

import numpy as np
from jaxtyping import Shaped


def is_masked(values: Any) -> bool:
    """Whether it is a masked array of which something is masked."""
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.getmaskarray(values).any())


def filled(values: Any) -> Shaped[np.ndarray, "..."]:
    """As a plain array, NaN where it was masked.

    >>> filled(np.ma.masked_array([1, 2], mask=[False, True])).tolist()
    [1.0, nan]

    """
    if not is_masked(values):
        return np.asarray(values)
    inexact = values.dtype if values.dtype.kind in "fc" else np.float64
    return np.asarray(values.astype(inexact).filled(np.nan))
