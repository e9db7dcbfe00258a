"""Recordings from npz files: the arrays by name, and nothing that would have to be unpickled."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from ._errors import UserError

KEYS = ("positions", "times", "activity", "spike_times", "spike_units", "units")
"""Names of the arrays of a recording, whatever file it comes from; see `read_foreign_recording`."""


def read_npz(path: Path) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Arrays of an npz file under the names in `KEYS`; others are left where they are.

    Raises
    ------
    UserError
        If it is no npz file, is damaged, or one of these arrays is pickled (an object array, as a ragged list becomes).

    """
    try:
        with path.open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise UserError(f"{path} holds a single array; save a npz file with np.savez(file, positions=..., ...)")
            return {name: _array(stored, name, path) for name in KEYS if name in stored.files}
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        raise UserError(f"{path} is not a npz file, or it is damaged") from None


def _array(stored: np.lib.npyio.NpzFile, name: str, path: Path) -> Shaped[np.ndarray, "..."]:
    try:
        array: Shaped[np.ndarray, ...] = stored[name]
    except ValueError:
        raise UserError(
            f"{path}: {name} cannot be read without unpickling, which could run code; save it as an array of numbers "
            "(spikes of all units in one spike_times, with the unit of each in spike_units)"
        ) from None
    return array
