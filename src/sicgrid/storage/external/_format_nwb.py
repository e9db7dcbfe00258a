"""Recordings from NWB files, through pynwb (the extra ``sicgrid[nwb]``)."""

import re
import warnings
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .._errors import UserError, install_command
from .._memory import require_memory
from ._arrays import GROUP_COLUMNS, MISSING, StoredRecording, distinct_labels, group_word, unit_names
from ._formats import Request, recording_format
from ._nwb_series import choose_series, series_path
from ._source import WRITTEN_HERE
from ._time_units import DOUBT

METERS = {"m": 1.0, "meter": 1.0, "metre": 1.0, "cm": 0.01, "centimeter": 0.01, "centimetre": 0.01}
METERS |= {"mm": 0.001, "millimeter": 0.001, "millimetre": 0.001}

NAME_COLUMNS = ("unit_name", "label")  # of the Units table, before the id
_OBSERVED = 0.95  # share of the path's time; units that were observed for less have rates that are too low


@recording_format(".nwb", "a SpatialSeries with Units or a RoiResponseSeries; needs sicgrid[nwb]", series=True)
def read_nwb(request: Request) -> StoredRecording:
    """Positions of a SpatialSeries and the spikes of the Units table, or the activities of a RoiResponseSeries.

    The series of positions is the one of two dimensions among the file's SpatialSeries, in the processing module
    "behavior" if it is there. Where there are several, ``series`` chooses by path in the file
    ("processing/behavior/epoch_0/SpatialSeries"), by an end of it ("epoch_0/SpatialSeries"), or by the container's name
    ("epoch_0"); "position[0,1]" takes these two columns of a series of three. Conversion, offset and unit are applied.

    A unit is a row of the Units table. Its name is that of the column unit_name or label if these are there and
    distinct, else unit_name, else its id; where they repeat (two probes that both count from 0) the first of
    `GROUP_COLUMNS` that tells them apart stands before it, else the row behind it. Where the column obs_intervals says
    that units were observed in a part of the path's time only, a note does.

    Where no unit has a column of spike times, or ``activity_series`` chooses one, activities are those of a
    RoiResponseSeries (of DfOverF where there are several), on its own clock; units are named by their regions' ids.
    Where there is none, a TimeSeries with a column for each row of the Units table serves, as `export_nwb` writes it;
    such a file says so (`WRITTEN_HERE`), and its activity may have any sign.
    ``path_only`` leaves all of it.

    Raises
    ------
    UserError
        If pynwb is not installed, the file cannot be read or does not fit into memory, or there is no such series or
        none that can be chosen.

    """
    path = request.path
    if find_spec("pynwb") is None:
        raise UserError(f"reading {path} needs pynwb; install it with {install_command('sicgrid[nwb]')}")
    from hdmf.build.errors import ConstructError
    from pynwb import NWBHDF5IO

    try:
        with warnings.catch_warnings():
            # pynwb warns of versions of cached specifications, about which a user can do nothing.
            warnings.simplefilter("ignore")
            with NWBHDF5IO(str(path), mode="r") as opened:
                file = opened.read()
                recording = _positions(file, path, request.series)
                recording.ours = str(file.experiment_description or "").startswith(WRITTEN_HERE)
                if not request.path_only:
                    _add_units(recording, file, path, request.activity_series)
                return recording
    except (OSError, KeyError, ValueError, TypeError, ConstructError) as error:
        raise UserError(f"{path} cannot be read as an NWB file ({' '.join(str(error).split())[:120]})") from None


def _positions(file: Any, path: Path, choice: str | None) -> StoredRecording:
    from pynwb.behavior import SpatialSeries

    columns = None
    if choice is not None and (match := re.fullmatch(r"(.*)\[(\d+), *(\d+)\]", choice)):
        choice, columns = match[1], [int(match[2]), int(match[3])]
    all_series = [item for item in file.objects.values() if isinstance(item, SpatialSeries)]
    planar = [item for item in all_series if _width(item) == 2]
    with_more_columns = [item for item in all_series if _width(item) > 2]
    candidates = planar
    if choice is None:
        candidates = [item for item in planar if series_path(item).startswith("processing/behavior/")] or planar
    if columns is not None or (not candidates and with_more_columns):
        candidates = planar + with_more_columns
    if not candidates:
        raise UserError(
            f"{path} has no SpatialSeries of shape (time, 2); rate maps need x and y of the animal (SpatialSeries: "
            f"{', '.join(sorted(map(series_path, all_series))) or 'none'})"
        )
    series = choose_series(candidates, choice, "positions", path)
    if columns is None and series in with_more_columns:
        raise UserError(
            f"{path}: {series_path(series)} has {_width(series)} columns; choose the two of the floor's plane, as in "
            f"the series {series.name}[0,1]"
        )
    columns = columns or [0, 1]
    if max(columns) >= _width(series) or columns[0] == columns[1]:
        raise UserError(
            f"{path}: {series_path(series)} has {_width(series)} columns, and {columns} are not two of them"
        )
    unit = str(series.unit).strip().lower()
    scale = METERS.get(unit) or METERS.get(unit.removesuffix("s"))
    if scale is None:
        raise UserError(
            f"{path}: the positions in {series_path(series)} are in {series.unit!r}; they must be in meters (or cm, mm)"
        )
    require_memory(path, 8 * 4 * len(series.data))
    values = np.asarray(series.data[:], dtype=np.float64)[:, columns]
    recording = StoredRecording(positions=(values * series.conversion + series.offset) * scale)
    recording.times = _times(series, len(values), path)
    return recording


def _width(item: Any) -> int:
    """Columns of a series of two axes, else 0."""
    shape = np.shape(item.data)
    return int(shape[1]) if len(shape) == 2 else 0


def _times(series: Any, samples: int, path: Path) -> Shaped[np.ndarray, "..."]:
    """Seconds of each sample: timestamps as they are, else from the start and the rate."""
    if series.timestamps is not None:
        return np.asarray(series.timestamps[:])
    if not series.rate or not np.isfinite(series.rate) or series.rate < 0:
        raise UserError(f"{path}: {series_path(series)} has neither timestamps nor a rate above 0, got {series.rate}")
    return float(series.starting_time or 0.0) + np.arange(samples) / float(series.rate)


def _add_units(recording: StoredRecording, file: Any, path: Path, choice: str | None) -> None:
    """Spikes, or the activities of a chosen series or where there are no spikes."""
    if choice is None and file.units is not None and "spike_times" in file.units.colnames:
        _add_spikes(recording, file.units, path)
        return
    from pynwb import TimeSeries
    from pynwb.ophys import DfOverF, RoiResponseSeries

    candidates = [item for item in file.objects.values() if isinstance(item, RoiResponseSeries)]
    rows = 0 if file.units is None else len(file.units.id)
    plain = [item for item in file.objects.values() if type(item) is TimeSeries and rows == _width(item) > 0]
    if choice is not None:
        candidates += plain
    elif not candidates:
        candidates = plain
    else:
        normalized = [item for item in candidates if isinstance(item.parent, DfOverF)]
        candidates = normalized if len(candidates) > 1 and normalized else candidates
    if choice is None and not candidates:
        return
    series = choose_series(candidates, choice, "activities", path)
    size = np.dtype(series.data.dtype).itemsize
    require_memory(path, 2 * prod(np.shape(series.data)) * max(size, 4))
    values = np.asarray(series.data[:])
    values = values[:, None] if values.ndim == 1 else values
    if (series.conversion, series.offset) != (1.0, 0.0):
        kind = values.dtype.type if values.dtype.kind == "f" else np.float64
        values = values * kind(series.conversion) + kind(series.offset)
    recording.activity = values
    recording.activity_times = _times(series, len(values), path)
    if not isinstance(series, RoiResponseSeries):
        recording.labels, notes = _labels(file.units, path)
        recording.notes += notes
    elif series.rois is not None:
        ids = np.asarray(series.rois.table.id[:])[np.asarray(series.rois.data[:])]
        recording.labels = [str(roi) for roi in ids.tolist()]
    recording.notes.append(f"activities are those of {series_path(series)}")


def _add_spikes(recording: StoredRecording, units: Any, path: Path) -> None:
    trains = units["spike_times"]
    # An index may be stored in a type as small as uint8, in which differences would wrap around.
    ends = np.asarray(trains.data[:]).astype(np.int64)
    require_memory(path, 3 * 8 * len(trains.target.data))
    times = np.asarray(trains.target.data[:])
    counts = np.diff(ends, prepend=0)
    if len(ends) != len(units.id) or (counts < 0).any() or counts.sum() != len(times):
        raise UserError(f"{path}: the index of the Units table's spike times does not fit them; the file is damaged")
    recording.spike_times = times
    recording.spike_units = np.repeat(np.arange(len(counts)), counts)
    recording.labels, notes = _labels(units, path)
    recording.notes += [*notes, *_unobserved(units, recording.labels, recording.times)]


def _unobserved(units: Any, labels: list[str], times: Any) -> list[str]:
    """A note if the table says that units were observed (column obs_intervals) in a part of the path's time only."""
    clock = times[np.isfinite(times)]
    if "obs_intervals" not in units.colnames or not len(clock):
        return []
    begin, end = float(clock.min()), float(clock.max())
    rows = (np.clip(np.reshape(rows, (-1, 2)), begin, end) for rows in units["obs_intervals"][:])
    seconds = np.array([float(np.diff(row, axis=1).sum()) for row in rows])
    partly = np.flatnonzero((seconds > 0) & (seconds < _OBSERVED * (end - begin)))
    if not len(partly):
        return []
    names = ", ".join(labels[unit] for unit in partly[:5])
    return [
        f"{DOUBT}: units {names} ({len(partly)} of {len(labels)}) were observed for {seconds[partly].min():,.6g} s "
        f"or more of the path's {end - begin:,.6g} s (obs_intervals); their rates are counted over the whole path and "
        "too low: cut it to the time in which they were"
    ]


def _labels(units: Any, path: Path) -> tuple[list[str], list[str]]:
    """A distinct name for each row of the Units table, and a note where it is not the name or id alone."""
    texts = {}
    for column in NAME_COLUMNS:
        if column in units.colnames:
            names = [str(name).strip() for name in units[column][:]]
            if not MISSING & {name.lower() for name in names}:
                texts[column] = names
    for column, names in texts.items():
        if len(set(names)) == len(names):
            return names, [f"units are named by the column {column} of the Units table"]
    ids = unit_names(np.asarray(units.id[:]), "ids of units", path)
    # Names that repeat still name cells, of several groups; a label that repeats says what they are ("good", "mua").
    if "unit_name" in texts:
        return _with_group(units, texts["unit_name"], "unit_name")
    if len(set(ids)) == len(ids):
        return ids, ["the column label of the Units table repeats; units are named by their ids"] if texts else []
    return _with_group(units, ids, "id")


def _with_group(units: Any, names: list[str], source: str) -> tuple[list[str], list[str]]:
    """Repeated names made distinct: by the first of `GROUP_COLUMNS` that does it, before the name, else by the row."""
    repeat = "ids of the Units table repeat" if source == "id" else f"the column {source} of the Units table repeats"
    for column in GROUP_COLUMNS:
        if column in units.colnames:
            combined = [f"{group} {name}" for group, name in zip(_groups(units, column), names, strict=True)]
            if len(set(combined)) == len(combined):
                return combined, [f"{repeat}; units are named by {column} and {source}"]
    labels, shared = distinct_labels(names, "row")
    return labels, [f"{repeat}; {shared} units that share theirs are told apart by their rows"]


def _groups(units: Any, column: str) -> list[str]:
    """What a column says of each row, in words."""
    if column != "electrodes":
        return [_word(value, column) for value in units[column][:]]
    region = units[column]
    rows, ends = np.asarray(region.target.data[:]).astype(np.int64), np.asarray(region.data[:]).astype(np.int64)
    table = region.target.table
    names = np.array(
        [_word(value, "group") for value in table["group" if "group" in table.colnames else "group_name"][:]]
    )
    starts = np.concatenate([[0], ends[:-1]])
    return [str(names[rows[start]]) if start < end else "" for start, end in zip(starts, ends, strict=True)]


def _word(value: Any, column: str) -> str:
    return str(value.name) if hasattr(value, "name") else group_word(value, column)
