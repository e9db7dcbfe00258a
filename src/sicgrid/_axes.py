"""Which column of positions is x: said by the names that their holder gives, else by their order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped


def x_first(positions: Shaped[np.ndarray, "*any columns"], names: Sequence[Any] | None) -> Shaped[np.ndarray, "..."]:
    """Positions with x, then y, along the last axis; as they are where the names of its columns do not say which.

    Columns beside x and y (a z, a likelihood) are left out then.

    >>> place = np.array([[1.0, 2.0]])
    >>> x_first(place, ["y", "x"]).tolist(), x_first(place, ["row", "column"]).tolist()
    ([[2.0, 1.0]], [[1.0, 2.0]])

    """
    called = [str(name).lower() for name in (() if names is None else names)]
    if positions.ndim == 0 or len(called) != positions.shape[-1] or not called.count("x") == called.count("y") == 1:
        return positions
    return np.asarray(positions[..., [called.index("x"), called.index("y")]])
