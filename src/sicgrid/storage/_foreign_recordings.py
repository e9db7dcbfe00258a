"""Recordings that are not ours: positions with activities or spike times, from files that others wrote.

Whatever a file's format, its arrays get the names they have in a npz file and pass the same checks.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from ._errors import UserError
from ._foreign_csv import read_csv
from ._foreign_npz import read_npz
from ._foreign_nwb import read_nwb
from ._provenance import read_provenance
from ._run_directory import RunDirectory

LARGEST_BOX = 20.0  # m; no laboratory box is larger, and positions in cm or pixels nearly always are
LARGEST_ACTIVITY = 2**30  # numbers: samples times units


Where = tuple[Float[np.ndarray, "time 2"], Float[np.ndarray, " time"] | None]


class ForeignPath(NamedTuple):
    """Where an animal was: seconds (None if the file has none), metres, the file's identity, what was left out."""

    positions: Float[np.ndarray, "time 2"]
    times: Float[np.ndarray, " time"] | None
    files: list[dict[str, str]]
    notes: list[str]


class ForeignRecording(NamedTuple):
    """A recording with either ``activity`` or spikes; ``spike_units`` are indices into ``labels``, the units' names.

    ``files`` are the names (without folders) and SHA-256 of the files read, ``notes`` what was left out of them.
    """

    positions: Float[np.ndarray, "time 2"]
    times: Float[np.ndarray, " time"] | None
    activity: Float[np.ndarray, "time units"] | None
    spike_times: Float[np.ndarray, " spikes"] | None
    spike_units: Int[np.ndarray, " spikes"] | None
    labels: list[str]
    files: list[dict[str, str]]
    notes: list[str]


def read_foreign_recording(path: Path, spikes: Path | None = None, series: str | None = None) -> ForeignRecording:
    """Positions with activities or spike times from a npz, CSV or NWB file.

    - ``.npz``: ``positions`` (time, 2) metres; ``times`` (time,) seconds; either ``activity`` (time, units) or
      ``spike_times`` (spikes,) seconds with ``spike_units`` (spikes,), the unit of each spike. With activities
      ``times`` may be left out. ``units`` may name the units, silent ones included.
    - ``.csv``: columns t, x, y; ``spikes`` is a second file with columns unit, t. Without it, further columns of the
      first are activities, one unit each.
    - ``.nwb``: a two-dimensional SpatialSeries (``series`` names it where there are several) and the Units table; needs
      pynwb, the extra ``sicgrid[nwb]``.

    Samples whose position is not finite (lost tracking) are dropped, and ``notes`` says how many. Nothing is unpickled.

    Raises
    ------
    UserError
        If something is missing, does not fit, or cannot be in metres and seconds. The line names the file, the array,
        the rule and what was found.

    """
    arrays, files = _read(path, spikes, series)
    where, tracked, notes = _path(arrays, path)
    if "activity" in arrays and "spike_times" in arrays:
        raise UserError(f"{path} holds both activity and spike_times; keep one of them")
    if "activity" in arrays:
        activity, labels = _activity(arrays, path, tracked)
        return ForeignRecording(*where, activity, None, None, labels, files, notes)
    if "spike_times" not in arrays:
        more = " (with a CSV of the path, name the file of spikes with --spikes)" if path.suffix == ".csv" else ""
        raise UserError(f"{path} has neither activity nor spike_times{more}; a path alone has nothing to analyze")
    if where[1] is None:
        raise UserError(f"{path} lacks times: seconds of each position, without which spikes have no place")
    spike_times, spike_units, labels = _spikes(arrays, spikes or path)
    return ForeignRecording(*where, None, spike_times, spike_units, labels, files, notes)


def read_foreign_path(path: Path, series: str | None = None) -> ForeignPath:
    """Only the positions and times of such a file; `UserError` as for `read_foreign_recording`."""
    arrays, files = _read(path, None, series)
    where, _, notes = _path(arrays, path)
    return ForeignPath(*where, files, notes)


def foreign_source(run: RunDirectory) -> dict[str, Any] | None:
    """What a run that holds somebody's recording says of its files; None for the run of a network.

    ``files`` (name and sha256 of each), ``sha256`` (of the recording as a whole), ``units`` (their names), ``notes``.
    """
    source = read_provenance(run).get("recording")
    return source if isinstance(source, dict) else None


def _read(
    path: Path, spikes: Path | None, series: str | None
) -> tuple[dict[str, Shaped[np.ndarray, "..."]], list[dict[str, str]]]:
    kind = path.suffix.lower()
    if kind not in (".npz", ".csv", ".nwb"):
        raise UserError(f"{path} is not a recording that can be read: give a .npz, .csv or .nwb file")
    for file in (path, *([spikes] if spikes else [])):
        if not file.is_file():
            raise UserError(f"no file {file}")
    if spikes is not None and kind != ".csv":
        raise UserError(f"--spikes goes with a CSV of positions; a {kind} file holds its spikes itself")
    if series is not None and kind != ".nwb":
        raise UserError(f"--series names the positions in a NWB file; {path} is none")
    match kind:
        case ".csv":
            arrays = read_csv(path, spikes)
        case ".npz":
            arrays = read_npz(path)
        case _:
            arrays = read_nwb(path, series)
    files = [identity(file) for file in (path, *([spikes] if spikes else []))]
    return arrays, files


def identity(path: Path) -> dict[str, str]:
    """The name of a file, without its folder, and its SHA-256."""
    with path.open("rb") as file:
        return {"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _path(
    arrays: dict[str, Shaped[np.ndarray, "..."]], path: Path
) -> tuple[Where, Bool[np.ndarray, " samples"], list[str]]:
    """Tracked positions and their times, checked; which of the samples they are; what was dropped."""
    if "positions" not in arrays:
        raise UserError(f"{path} lacks positions: (time, 2), x and y in metres of every sample")
    positions = _numbers(arrays, "positions", path)
    if positions.ndim != 2 or positions.shape[1] != 2:
        one = "; rate maps are two-dimensional, a 1-D track has no grid score" if positions.shape[-1:] != (3,) else ""
        raise UserError(f"{path}: positions must have shape (time, 2), x and y in metres, got {positions.shape}{one}")
    times = _numbers(arrays, "times", path) if "times" in arrays else None
    if times is not None:
        _check_times(times, len(positions), path)
    tracked = np.asarray(np.isfinite(positions).all(axis=1))
    lost = int((~tracked).sum())
    if len(positions) - lost < 2:
        raise UserError(f"{path}: positions need at least 2 finite samples, {len(positions) - lost} of them are")
    positions = positions[tracked]
    extent = float(np.ptp(positions, axis=0).max())
    if extent > LARGEST_BOX:
        raise UserError(
            f"{path}: positions span {extent:.4g} m, and boxes above {LARGEST_BOX:g} m are refused; are they in cm "
            "(divide by 100), mm or pixels?"
        )
    notes = [f"{lost:,} of {len(tracked):,} samples without a position were dropped"] if lost else []
    return (positions, times if times is None else times[tracked]), tracked, notes


def _check_times(times: Float[np.ndarray, "..."], samples: int, path: Path) -> None:
    if times.shape != (samples,):
        raise UserError(f"{path}: times must have shape ({samples},), one a position, got {times.shape}")
    if not np.isfinite(times).all():
        raise UserError(f"{path}: times must be finite, {int((~np.isfinite(times)).sum())} of {samples} are not")
    back = np.flatnonzero(np.diff(times) <= 0)
    if len(back):
        first = int(back[0])
        raise UserError(
            f"{path}: times must increase from sample to sample, but sample {first + 1} is at {times[first + 1]:g} s "
            f"after {times[first]:g} s ({len(back)} such places); sort the samples and drop doubles"
        )


def _activity(
    arrays: dict[str, Shaped[np.ndarray, "..."]], path: Path, tracked: Bool[np.ndarray, " samples"]
) -> tuple[Float[np.ndarray, "time units"], list[str]]:
    activity = _numbers(arrays, "activity", path)
    samples = len(tracked)
    if activity.ndim != 2 or len(activity) != samples or activity.shape[1] == 0:
        raise UserError(
            f"{path}: activity must have shape ({samples}, units), a row for each position, got {activity.shape}"
        )
    activity = activity[tracked]
    bad = np.flatnonzero(~np.isfinite(activity).all(axis=0))
    if len(bad):
        raise UserError(f"{path}: activity must be finite, units {bad[:5].tolist()} ({len(bad)} in all) hold NaN")
    if (activity < 0).any():
        raise UserError(f"{path}: activity must not be negative (rates or counts), its least value is {activity.min()}")
    labels = [str(name) for name in arrays["units"]] if "units" in arrays else list(map(str, range(activity.shape[1])))
    if len(labels) != activity.shape[1]:
        raise UserError(f"{path}: units names {len(labels)} units, activity has {activity.shape[1]} columns")
    return activity, labels


def _spikes(
    arrays: dict[str, Shaped[np.ndarray, "..."]], path: Path
) -> tuple[Float[np.ndarray, " spikes"], Int[np.ndarray, " spikes"], list[str]]:
    times = _numbers(arrays, "spike_times", path)
    if "spike_units" not in arrays:
        raise UserError(f"{path} lacks spike_units: the unit of each spike in spike_times")
    of_unit = arrays["spike_units"]
    if times.ndim != 1 or of_unit.shape != times.shape:
        raise UserError(
            f"{path}: spike_times and spike_units must be lists of one length, got {times.shape} and {of_unit.shape}"
        )
    if of_unit.dtype.kind not in "iuU":
        raise UserError(f"{path}: spike_units must be whole numbers or names, found numbers of type {of_unit.dtype}")
    if len(times) == 0:
        raise UserError(f"{path} holds no spike")
    if not np.isfinite(times).all():
        raise UserError(f"{path}: spike_times must be finite, {int((~np.isfinite(times)).sum())} are not")
    known = np.unique(arrays.get("units", of_unit))
    missing = np.setdiff1d(of_unit, known)
    if len(missing):
        raise UserError(f"{path}: spike_units names {missing[:5].tolist()}, which units does not")
    return times, np.searchsorted(known, of_unit).astype(np.int64), [str(name) for name in known]


def _numbers(arrays: dict[str, Shaped[np.ndarray, "..."]], name: str, path: Path) -> Float[np.ndarray, "..."]:
    array = np.asarray(arrays[name])
    if array.dtype.kind not in "fiub":
        raise UserError(f"{path}: {name} must be real numbers, found an array of type {array.dtype}")
    if array.size > LARGEST_ACTIVITY:
        raise UserError(f"{path}: {name} holds {array.size:,} numbers, more than the {LARGEST_ACTIVITY:,} that fit")
    return array.astype(np.float64)
