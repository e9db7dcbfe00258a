"""What holds positions and activity in a user's hands: arrays, xarray's, pandas' and pynapple's objects, mappings.

They are known by what they have, so that none of these packages is needed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .._axes import column_names, x_first
from .._clock import in_seconds
from .._masked import filled
from .._numbers import shown
from ..storage import UserError


def with_times(values: Any, name: str, read_index: bool) -> tuple[Any, Shaped[np.ndarray, " time"] | None]:
    """Values and, where their holder has them, times in seconds.

    Of a DataFrame these are its index, where ``read_index`` and it holds floats, dates or durations: whole numbers
    mostly count rows.
    """
    if hasattr(values, "toarray"):
        raise UserError(
            f"{name} must be an array, a DataArray or a TsdFrame, got a sparse {type(values).__name__}; give "
            f"{name}.toarray()" + (", or the spikes' times" if name == "units" else "")
        )
    if hasattr(values, "time_support"):
        if not hasattr(values, "values"):
            raise UserError(f"{name} must be an array, a DataArray or a TsdFrame, got {type(values).__name__}")
        array = np.asarray(xy(values) if name == "position" else values.values)
        return (array[:, None] if array.ndim == 1 else array), np.asarray(values.t)
    if is_frame(values) and read_index and values.index.values.dtype.kind in "fmM":
        return (xy(values) if name == "position" else plain(values, name)), in_seconds(values.index.values)
    if hasattr(values, "data_vars"):
        variables = ", ".join(map(str, values.data_vars)) or "none"
        raise UserError(
            f"{name} must be an array or a DataArray, got a Dataset; give one of its variables ({variables}), or what "
            "sicgrid.bridges.from_movement takes out of a movement dataset"
        )
    if hasattr(values, "dims") and hasattr(values, "coords"):
        _check_dims(values, name)
        order = [dim for dim in ("trial", "time") if dim in values.dims]
        turned = values.transpose(*order, ...)
        array = xy(turned) if name == "position" else turned.values
        if "time" not in values.coords:
            return array, None
        clock = np.asarray(values.coords["time"].values)
        if clock.dtype.kind not in "fiumM":
            raise UserError(f"the times of {name} must be seconds, dates or durations, got {clock.dtype}")
        return array, in_seconds(clock)
    if isinstance(values, Mapping | str) or not hasattr(values, "__len__") or getattr(values, "ndim", 1) == 0:
        raise UserError(f"{name} must be an array, a DataArray or a TsdFrame, got {type(values).__name__}")
    return values, None


def spike_trains(units: Any) -> dict[str, np.ndarray] | None:
    """Name -> times of spikes, of a mapping or a TsGroup; None for activity."""
    if hasattr(units, "time_support") and not hasattr(units, "values"):
        trains = [(0, units)]  # a Ts by itself
    elif hasattr(units, "time_support") and hasattr(units, "keys"):
        trains = [(name, units[name]) for name in units.keys()]  # noqa: SIM118 (a TsGroup iterates otherwise)
    elif isinstance(units, Mapping):
        trains = list(units.items())
    else:
        return None
    if not trains:
        raise UserError(f"units holds no unit, got an empty {type(units).__name__}")
    spikes: dict[str, np.ndarray] = {}
    for name, train in trains:
        if str(name) in spikes:
            raise UserError(f"units names {str(name)!r} twice, as a number and as text perhaps; give each its own name")
        times = plain(train.t if hasattr(train, "time_support") else train, f"the spikes of {str(name)!r}")
        if times.dtype.kind not in "fiub":
            raise UserError(f"the spikes of {str(name)!r} must be times in seconds, got an array of {times.dtype}")
        spikes[str(name)] = times.astype(np.float64).ravel()
    return spikes


def is_frame(values: Any) -> bool:
    """Whether it is a DataFrame."""
    return hasattr(values, "columns") and hasattr(values, "index")


def check_index(position: Any, units: Any) -> None:
    """`UserError` if two DataFrames go by different indexes, so that their order may pair the wrong rows."""
    if not np.array_equal(position.index.values, units.index.values):
        raise UserError(
            "position and units are DataFrames with different indexes, and which rows belong together is not known; "
            "give both the same index, or times as the index"
        )


def xy(values: Any) -> Shaped[np.ndarray, "... 2"]:
    """Positions as an array, x first where the holder's names say which it is, NaN where they are masked."""
    return x_first(plain(values, "position"), column_names(values))


def plain(values: Any, name: str) -> Shaped[np.ndarray, "..."]:
    """As an array, NaN where it is masked; `UserError` if its rows are of several lengths."""
    held = getattr(values, "values", None)
    try:
        return filled(values if held is None or callable(held) else held)  # of a tensor it is a method
    except ValueError:
        raise UserError(f"{name} must be an array, got {shown(values)} whose rows are of several lengths") from None


def _check_dims(values: Any, name: str) -> None:
    """`UserError` for a DataArray of more than (trial, time, one other), whose order nothing tells."""
    others = [str(dim) for dim in values.dims if dim not in ("trial", "time")]
    if "time" in values.dims and len(others) != 1:
        raise UserError(
            f"{name} must have the dims (trial,) time and one more, got {', '.join(map(str, values.dims))}; select "
            "what is meant along the others"
        )
