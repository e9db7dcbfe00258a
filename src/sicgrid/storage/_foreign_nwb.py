"""Recordings from NWB files, through pynwb (the extra ``sicgrid[nwb]``)."""

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from ._errors import UserError

METRES = {"m": 1.0, "meter": 1.0, "metre": 1.0, "cm": 0.01, "centimeter": 0.01, "centimetre": 0.01}
METRES |= {"mm": 0.001, "millimeter": 0.001, "millimetre": 0.001}


def read_nwb(path: Path, series: str | None = None) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Positions of a SpatialSeries and the spikes of the Units table, under the names that a npz file has.

    The series is the one of two dimensions among the file's SpatialSeries, in the processing module "behavior" if it
    is there; ``series`` chooses by name where there are several. Its conversion, offset and unit are applied. A unit's
    name is its id.

    Raises
    ------
    UserError
        If pynwb is not installed, the file cannot be read, or there is no such series or none that can be chosen.

    """
    if find_spec("pynwb") is None:
        raise UserError(f"reading {path} needs pynwb; install it with `pip install 'sicgrid[nwb]'`")
    from pynwb import NWBHDF5IO

    try:
        with warnings.catch_warnings():
            # What pynwb has to say about versions of cached specifications helps nobody here.
            warnings.simplefilter("ignore")
            with NWBHDF5IO(str(path), mode="r") as opened:
                return _arrays(opened.read(), path, series)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise UserError(f"{path} cannot be read as a NWB file ({' '.join(str(error).split())[:120]})") from None


def _arrays(file: Any, path: Path, name: str | None) -> dict[str, Shaped[np.ndarray, "..."]]:
    found = _choose(file, path, name)
    unit = str(found.unit).strip().lower()
    scale = METRES.get(unit) or METRES.get(unit.removesuffix("s"))
    if scale is None:
        raise UserError(
            f"{path}: the positions in {found.name} are in {found.unit!r}; they must be in metres (or cm, mm)"
        )
    positions = (np.asarray(found.data, dtype=np.float64) * found.conversion + found.offset) * scale
    if found.timestamps is not None:
        times = np.asarray(found.timestamps, dtype=np.float64)
    else:
        times = found.starting_time + np.arange(len(positions)) / found.rate
    arrays = {"positions": positions, "times": times}
    if file.units is None or "spike_times" not in file.units.colnames:
        return arrays
    ids = np.asarray(file.units.id[:])
    trains = [np.asarray(file.units["spike_times"][row], dtype=np.float64) for row in range(len(ids))]
    return arrays | {
        "spike_times": np.concatenate([*trains, np.empty(0)]),
        "spike_units": np.repeat(ids, [len(train) for train in trains]),
        "units": ids,
    }


def _choose(file: Any, path: Path, name: str | None) -> Any:
    """The SpatialSeries to use."""
    from pynwb.behavior import SpatialSeries

    every = [item for item in file.objects.values() if isinstance(item, SpatialSeries)]
    flat = [item for item in every if np.ndim(item.data) == 2 and np.shape(item.data)[1] == 2]
    behavior = [item for item in flat if _within(item, "behavior")]
    candidates = behavior or flat
    if name is not None:
        candidates = [item for item in flat if item.name == name]
    names = ", ".join(sorted({item.name for item in flat})) or "none"
    if not candidates:
        wanted = f"no SpatialSeries {name!r}" if name else "no SpatialSeries of shape (time, 2)"
        raise UserError(f"{path} has {wanted}; rate maps need x and y of the animal (two-dimensional series: {names})")
    if len(candidates) > 1:
        raise UserError(f"{path} has several series of positions ({names}); choose one with --series NAME")
    return candidates[0]


def _within(item: Any, module: str) -> bool:
    """Whether the item lies in the processing module of that name."""
    from pynwb import ProcessingModule

    while item is not None:
        if isinstance(item, ProcessingModule):
            return bool(item.name == module)
        item = item.parent
    return False
