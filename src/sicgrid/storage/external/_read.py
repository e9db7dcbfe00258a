"""External recordings: positions with activities or spike times, from files that others wrote.

Whatever a file's format, its arrays get the names they have in an npz file and pass the same checks.
"""

import math
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float

from ..._clock import typical_interval
from .._errors import UserError
from ._activity import dense_activity, without_negatives
from ._arrays import ExternalPath, ExternalRecording, StoredRecording
from ._clocks import check_resolution, increasing, positions_at, real_numbers
from ._formats import Request, formats
from ._source import identity, identity_of_arrays
from ._time_units import Scales, check_activity_clock
from ._tracked import TrackedPath, tracked_path


def read_external_recording(
    path: Path,
    spikes: Path | None = None,
    series: str | None = None,
    *,
    activity_series: str | None = None,
    activity_offset: float | Literal["auto"] | None = None,
    rectify: bool = False,
    time_scale: float | None = None,
    spike_time_scale: float | None = None,
    names: Scales = Scales(),  # noqa: B008 (immutable)
) -> ExternalRecording:
    """Positions with activities or spike times from a npz, CSV or NWB file.

    - ``.npz``: ``positions`` (time, 2) meters; ``times`` (time,) seconds; either ``activity`` (time, units) or
      ``spike_times`` (spikes,) seconds with ``spike_units`` (spikes,), the unit of each spike. With activities
      ``times`` may be left out; ``activity_times`` (frames,) seconds give them a clock of their own. ``units`` may name
      the units, silent ones included.
    - ``.csv``: columns t, x, y; ``spikes`` is a second file with columns unit, t, or t and a column a unit: activities
      on a clock of their own. Without it, further columns of the first are activities. See `read_csv`.
    - ``.nwb``: a two-dimensional SpatialSeries with the Units table, or with a RoiResponseSeries (imaging) where there
      are no spikes or ``activity_series`` names it; paths within the file choose where there are several. See
      `read_nwb`; needs pynwb, the extra ``sicgrid[nwb]``.

    A unit is what the file has as one: a row, a column, or the text of its name, so '01' and '1' are two. Samples whose
    position is not finite (lost tracking) are dropped. At frames of another clock the position is linear between
    samples, and frames off the path or in a gap of the tracking (an interval above max(5 typical ones, 0.1 s), where
    the camera was not that slow all along) are dropped. Nothing is unpickled. ``notes`` count all of it.

    ``activity_offset`` is added to the activity of every unit ("auto": minus the unit's least value); ``rectify`` sets
    negative values to 0. Without either negative activity is refused, but in files of `export_nwb`, whose activity may
    have any sign. ``time_scale`` and ``spike_time_scale`` are the seconds in a unit of the path's times and of the
    times of spikes or of the activity's own clock; with either, an activity's clock that does not go with the path's is
    a note and no error. ``names`` is what messages call the two.

    Raises
    ------
    UserError
        If something is missing, does not fit (into memory, either), or cannot be in meters and seconds. The line names
        the file, the array, the rule and what was found.

    """
    certain = time_scale is not None or spike_time_scale is not None
    scales = 1.0 if time_scale is None else time_scale, 1.0 if spike_time_scale is None else spike_time_scale
    _check_options(activity_offset, rectify, *scales)
    stored, files = _read(path, spikes, series, activity_series)
    if stored.activity is None and stored.spike_times is None and path.suffix.lower() == ".csv":
        raise UserError(
            f"{path} has neither activity nor spike_times: a CSV of the path needs a second file, of spikes "
            "(`--spikes FILE`, or spikes=FILE); a path alone has nothing to analyze"
        )
    return _checked(
        stored,
        files,
        path,
        spikes or path,
        scales,
        names,
        offset=activity_offset,
        rectify=rectify,
        certain=certain,
    )


def external_arrays(stored: StoredRecording, name: str) -> ExternalRecording:
    """Arrays at hand as a recording, under the checks of `read_external_recording`; activity may be of both signs.

    ``name`` stands for the file in messages and in ``files``, with the SHA-256 of all arrays.
    """
    return _checked(stored, [identity_of_arrays(stored, name)], Path(name), Path(name), (1.0, 1.0), None, signed=True)


def _checked(
    stored: StoredRecording,
    files: list[dict[str, str]],
    path: Path,
    of_units: Path,
    scales: tuple[float, float],
    names: Scales | None,
    *,
    offset: float | Literal["auto"] | None = None,
    rectify: bool = False,
    signed: bool = False,
    certain: bool = True,
) -> ExternalRecording:
    """The arrays of a recording, wherever they are from, checked; ``scales`` are of the path's times and the units'.

    ``signed`` activity is of arrays at hand. ``names`` are the scales' (None: of arrays), ``certain`` is that of
    `check_activity_clock`.
    """
    tracked = tracked_path(stored, path, scales[0])
    if stored.activity is not None and stored.spike_times is not None:
        raise UserError(f"{path} holds both activity and spike_times; keep one of them")
    if stored.activity is not None:
        certain = certain or stored.ours
        places, activity, labels = _activity(stored, tracked, of_units, scales[1], certain, names)
        if not (signed or stored.ours) or offset is not None or rectify:
            stored.notes += without_negatives(activity, labels, of_units, offset, rectify)
        elif not np.isfinite(activity).all():
            raise UserError(f"{of_units}: activity must be finite, it holds NaN (or is masked) or infinity")
        return ExternalRecording(*places, activity, None, None, labels, files, stored.notes, stored.ours)
    if stored.spike_times is None:
        raise UserError(f"{path} has neither activity nor spike_times; a path alone has nothing to analyze")
    if offset is not None or rectify:
        raise UserError(f"activity_offset and rectify change activities; {of_units} holds spikes")
    if tracked.times is None:
        raise UserError(f"{path} lacks times: seconds of each position, without which spikes have no place")
    times = _spike_times(stored, tracked.times, of_units, scales[1])
    return ExternalRecording(
        tracked.positions,
        tracked.times,
        None,
        times,
        stored.spike_units,
        stored.labels or [],
        files,
        stored.notes,
        stored.ours,
    )


def read_external_path(path: Path, series: str | None = None, *, time_scale: float = 1.0) -> ExternalPath:
    """Only the positions and times of such a file.

    Raises
    ------
    UserError
        As `read_external_recording`.

    """
    _check_options(None, False, time_scale, 1.0)
    stored, files = _read(path, None, series, None, path_only=True)
    tracked = tracked_path(stored, path, time_scale)
    return ExternalPath(tracked.positions, tracked.times, files, stored.notes, stored.ours)


def _check_options(
    offset: float | Literal["auto"] | None, rectify: bool, time_scale: float, spike_time_scale: float
) -> None:
    for name, scale in (("time_scale", time_scale), ("spike_time_scale", spike_time_scale)):
        if not (math.isfinite(scale) and scale > 0):
            raise UserError(f"{name} must be positive and finite, seconds in a unit of the file's times, got {scale}")
    if offset is not None and rectify:
        raise UserError("activity_offset and rectify are two ways with negative activity; choose one of them")
    if offset not in (None, "auto") and not (isinstance(offset, int | float) and math.isfinite(offset)):
        raise UserError(f"activity_offset must be a finite number or 'auto', got {offset}")


def _read(
    path: Path, spikes: Path | None, series: str | None, activity_series: str | None, *, path_only: bool = False
) -> tuple[StoredRecording, list[dict[str, str]]]:
    readers = formats()
    kind = readers.get(path.suffix.lower())
    if kind is None:
        *others, last = readers
        raise UserError(f"{path} is not a recording that can be read: give a {', '.join(others)} or {last} file")
    for file in (path, *([spikes] if spikes else [])):
        if not file.is_file():
            raise UserError(f"no file {file}")
    if spikes is not None and not kind.second_file:
        raise UserError(
            f"a second file of spikes goes with a CSV of positions; a {kind.ending} file holds its spikes itself"
        )
    if spikes is not None and spikes.resolve() == path.resolve():
        raise UserError(f"{path} is given twice, as the path and as its spikes; the second file holds spikes")
    if (series is not None or activity_series is not None) and not kind.series:
        raise UserError(f"a series is chosen within an NWB file; {path} is none")
    stored = kind.read(Request(path, spikes, series, activity_series, path_only))
    return stored, [identity(file) for file in (path, *([spikes] if spikes else []))]


def _activity(
    stored: StoredRecording, tracked_path: TrackedPath, path: Path, scale: float, certain: bool, names: Scales | None
) -> tuple[
    tuple[Float[np.ndarray, "time 2"], Float[np.ndarray, " time"] | None], Float[np.ndarray, "time units"], list[str]
]:
    """Positions and times of the rows of the activity that have a place; these rows; the labels."""
    if stored.activity_times is None:
        if scale != 1:
            raise UserError(f"{path}: spike_time_scale needs spikes, or an activity with a clock of its own")
        activity, labels = dense_activity(stored, path, len(tracked_path.tracked))
        return (
            (tracked_path.positions, tracked_path.times),
            (activity if tracked_path.tracked.all() else activity[tracked_path.tracked]),
            labels,
        )
    if tracked_path.times is None:
        raise UserError(f"{path} lacks times: seconds of each position, to be where the activity's frames are")
    activity, labels = dense_activity(stored, path, len(stored.activity_times))
    frames = increasing(stored.activity_times, "activity_times", path, len(activity), scale)
    if scale != 1:
        stored.notes.append(f"times of the activity were multiplied by {scale:g}")
    stored.notes += check_resolution(
        stored.activity_times, "activity_times", path, scale, typical_interval(tracked_path.times)
    )
    try:
        stored.notes += check_activity_clock(
            tracked_path.times, tracked_path.positions, frames, certain=certain, scales=names
        )
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    at_frames = positions_at(frames, tracked_path.times, tracked_path.positions, path)
    stored.notes += at_frames.notes
    if at_frames.kept.all():
        return (at_frames.positions, frames), activity, labels
    return (at_frames.positions, frames[at_frames.kept]), activity[at_frames.kept], labels


def _spike_times(
    stored: StoredRecording, path_times: Float[np.ndarray, " time"], path: Path, scale: float
) -> Float[np.ndarray, " spikes"]:
    assert stored.spike_times is not None
    if stored.spike_units is None:
        raise UserError(f"{path} lacks spike_units: the unit of each spike in spike_times")
    times = real_numbers(stored.spike_times, "spike_times", path)
    if times.shape != stored.spike_units.shape:
        raise UserError(
            f"{path}: spike_times and spike_units must be lists of one length, got {times.shape} and "
            f"{stored.spike_units.shape}"
        )
    if len(times) == 0:
        raise UserError(f"{path} holds no spike")
    finite = np.isfinite(times)
    if not finite.all():
        raise UserError(f"{path}: spike_times must be finite, {int((~finite).sum())} are not")
    stored.notes += check_resolution(stored.spike_times, "spike_times", path, scale, typical_interval(path_times))
    if scale == 1:
        return times
    stored.notes.append(f"times of the spikes were multiplied by {scale:g}")
    return times * scale


read_foreign_recording, read_foreign_path = read_external_recording, read_external_path  # their names in version 0.1
