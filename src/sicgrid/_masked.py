"""Plain arrays of masked arrays and torch tensors: `numpy.asarray` drops the mask of the one and fails on the other."""

from typing import Any

import numpy as np
from jaxtyping import Shaped


def is_masked(values: Any) -> bool:
    """Whether it is a masked array with at least one masked element."""
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.getmaskarray(values).any())


def filled(values: Any) -> Shaped[np.ndarray, "..."]:
    """Values as a plain array, NaN where they were masked; also of a torch tensor on any device.

    >>> filled(np.ma.masked_array([1, 2], mask=[False, True])).tolist()
    [1.0, nan]

    """
    if hasattr(values, "detach"):  # torch's, which is not imported for it
        values = (values.float() if "bfloat16" in str(values.dtype) else values).numpy(force=True)
    if not is_masked(values):
        return np.asarray(values)
    kind = values.dtype if values.dtype.kind in "fc" else np.float64
    return np.asarray(values.astype(kind).filled(np.nan))
