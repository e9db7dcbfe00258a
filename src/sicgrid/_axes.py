"""Which column of positions is x: by the names of the columns if they are called x and y, else by their order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from ._numbers import plain_numbers


def x_first(positions: Shaped[np.ndarray, "*any columns"], names: Sequence[Any] | None) -> Shaped[np.ndarray, "..."]:
    """Positions with x, then y, along the last axis; unchanged where ``names`` does not hold one x and one y.

    Where it does, other columns (a z, a likelihood) are dropped.

    >>> place = np.array([[1.0, 2.0]])
    >>> x_first(place, ["y", "x"]).tolist(), x_first(place, ["row", "column"]).tolist()
    ([[2.0, 1.0]], [[1.0, 2.0]])

    """
    columns = [str(name).lower() for name in (() if names is None else names)]
    if positions.ndim == 0 or len(columns) != positions.shape[-1] or not columns.count("x") == columns.count("y") == 1:
        return positions
    return np.asarray(positions[..., [columns.index("x"), columns.index("y")]])


def column_names(held: Any) -> list[str] | None:
    """What the holder calls its columns: a TsdFrame or DataFrame says, a DataArray by its last coordinate."""
    columns = getattr(held, "columns", None)
    if columns is None and hasattr(held, "dims"):
        last = [dim for dim in held.dims if dim not in ("trial", "time")]
        columns = held.coords[last[0]].values if len(last) == 1 and last[0] in held.coords else None
    return None if columns is None else [str(name) for name in np.asarray(columns)]


def place_numbers(positions: Any, dtype: type[np.floating[Any]] | None = None) -> Float[np.ndarray, "..."]:
    """Positions as `plain_numbers`, of a holder whose columns are called x and y these two in this order.

    >>> import pandas as pd
    >>> place_numbers(pd.DataFrame({"y": [2.0], "likelihood": [0.9], "x": [1.0]})).tolist()
    [[1.0, 2.0]]
    """
    return x_first(plain_numbers("positions", positions, dtype), column_names(positions))
