"""Plain arrays of what others hold: numpy's masked arrays lose their mask otherwise, torch's tensors refuse."""

from typing import Any

import numpy as np
from jaxtyping import Shaped


def is_masked(values: Any) -> bool:
    """Whether it is a masked array of which something is masked."""
    return isinstance(values, np.ma.MaskedArray) and bool(np.ma.getmaskarray(values).any())


def filled(values: Any) -> Shaped[np.ndarray, "..."]:
    """As a plain array, NaN where it was masked; of a torch tensor its numbers, on any device.

    >>> filled(np.ma.masked_array([1, 2], mask=[False, True])).tolist()
    [1.0, nan]

    """
    if hasattr(values, "detach"):  # torch's, which is not imported for it
        values = (values.float() if "bfloat16" in str(values.dtype) else values).numpy(force=True)
    if not is_masked(values):
        return np.asarray(values)
    inexact = values.dtype if values.dtype.kind in "fc" else np.float64
    return np.asarray(values.astype(inexact).filled(np.nan))
