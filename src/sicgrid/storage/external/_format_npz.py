"""Recordings from npz files: the arrays by name, and nothing that would have to be unpickled."""

import zipfile
import zlib
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from .._errors import UserError
from .._memory import require_memory
from ._arrays import StoredRecording, index_spikes, missing_numbers, unit_names
from ._formats import Request, recording_format

PATH_KEYS = ("positions", "times")
KEYS = (*PATH_KEYS, "activity", "activity_times", "spike_times", "spike_units", "units")
"""Names of the arrays of a recording; see `read_external_recording`."""


@recording_format(".npz", "positions, times, activity or spike_times and spike_units")
def read_npz(request: Request) -> StoredRecording:
    """Arrays of an npz file under the names in `KEYS`; others are left where they are.

    ``request.path_only`` leaves all but positions and times there.

    Raises
    ------
    UserError
        If it is no npz file, is damaged or does not fit into memory, or one of these arrays is pickled (an object
        array, as a ragged list becomes).

    """
    path, path_only = request.path, request.path_only
    try:
        with path.open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise UserError(
                    f"{path} holds a single array; save an npz file with np.savez(file, positions=..., ...)"
                )
            names = [name for name in (PATH_KEYS if path_only else KEYS) if name in stored.files]
            if "positions" not in names and {"x", "y"} <= set(stored.files):
                raise UserError(
                    f"{path} holds x and y in place of positions; save positions=np.stack([x, y], axis=1) in meters"
                )
            with zipfile.ZipFile(path) as archive:
                sizes = [_size(archive, name, path) for name in names]
            # The largest array may need a copy, where rows are dropped or numbers converted.
            require_memory(path, sum(sizes) + max(sizes, default=0))
            arrays = {name: stored[name] for name in names}
    except (ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        raise UserError(f"{path} is not an npz file, or it is damaged") from None
    return _recording(arrays, path)


def _size(archive: zipfile.ZipFile, name: str, path: Path) -> int:
    """Bytes of an array once it is read, from its header alone."""
    with archive.open(f"{name}.npy" if f"{name}.npy" in archive.namelist() else name) as member:
        version = np.lib.format.read_magic(member)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(member)
    if dtype.hasobject:
        raise UserError(
            f"{path}: {name} cannot be read without unpickling, which could run code; save it as an array of numbers "
            "(spikes of all units in one spike_times, with the unit of each in spike_units)"
        )
    # All but names and activities that are floats become numbers of 8 bytes, activities of up to 2 bytes such of 4.
    as_stored = name == "units" or (name == "activity" and dtype.kind == "f")
    least_bytes = 0 if as_stored else 4 if name == "activity" and dtype.itemsize <= 2 else 8
    return prod(shape) * max(least_bytes, dtype.itemsize)


def _recording(arrays: dict[str, Shaped[np.ndarray, "..."]], path: Path) -> StoredRecording:
    units = arrays.pop("units", None)
    of_spike = arrays.pop("spike_units", None)
    recording = StoredRecording(
        positions=arrays.get("positions"),
        times=arrays.get("times"),
        activity=arrays.get("activity"),
        activity_times=arrays.get("activity_times"),
        spike_times=arrays.get("spike_times"),
    )
    if of_spike is not None:
        if of_spike.ndim != 1:
            raise UserError(
                f"{path}: spike_units must be a list, the unit of each spike, got the shape {of_spike.shape}"
            )
        recording.spike_units, recording.labels = index_spikes(of_spike, units, path)
        if units is None:
            recording.notes += missing_numbers(recording.labels)
    elif units is not None:
        recording.labels = unit_names(units, "units", path)
    return recording
