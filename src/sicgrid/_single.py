"""Single precision, in which recordings are kept: numbers that are finite in double precision may not be in it."""

import numpy as np
from jaxtyping import Bool, Shaped

LARGEST = float(np.finfo(np.float32).max)  # 3.4e38


def beyond_single(values: Shaped[np.ndarray, "*rows columns"]) -> Bool[np.ndarray, "*rows"]:
    """Which rows would hold NaN or infinity in single precision.

    >>> beyond_single(np.array([[1.0, -1e38], [1e39, 0.0], [np.nan, 0.0]])).tolist()
    [False, True, True]

    """
    kind = np.complex64 if np.iscomplexobj(values) else np.float32
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(~np.isfinite(values.astype(kind, copy=False)).all(axis=-1))


def why_beyond(values: Shaped[np.ndarray, "..."], largest: float = LARGEST) -> str:
    """Why values do not fit the precision whose largest number is given, for a message.

    >>> why_beyond(np.array([1e39])), why_beyond(np.array([np.inf]))
    ('numbers above 3.4e+38, too large for single precision', 'NaN or infinity')

    """
    if not np.isfinite(values).all():
        return "NaN or infinity"
    precision = "single" if largest >= LARGEST else "half"
    return f"numbers above {largest:.2g}, too large for {precision} precision"
