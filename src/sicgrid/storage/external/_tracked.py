"""The path of a recording: tracked positions in meters and their times in seconds, checked."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from ..._clock import typical_interval
from .._errors import UserError
from ._arrays import StoredRecording
from ._clocks import check_resolution, increasing, real_numbers

LARGEST_BOX = 20.0  # m; no laboratory box is larger, and positions in cm or pixels nearly always are


class TrackedPath(NamedTuple):
    """Tracked positions and their times; which of the samples they are."""

    positions: Float[np.ndarray, "time 2"]
    times: Float[np.ndarray, " time"] | None
    tracked: Bool[np.ndarray, " samples"]


def tracked_path(stored: StoredRecording, path: Path, time_scale: float) -> TrackedPath:
    """Tracked positions and their times in seconds, checked; ``stored`` gets the notes."""
    if stored.positions is None:
        raise UserError(f"{path} lacks positions: (time, 2), x and y in meters of every sample")
    positions = real_numbers(stored.positions, "positions", path)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise UserError(
            f"{path}: positions must have shape (time, 2), x and y in meters, got {positions.shape}"
            f"{_shape_advice(positions.shape)}"
        )
    tracked = np.isfinite(positions[:, 0]) & np.isfinite(positions[:, 1])
    lost = int((~tracked).sum())
    samples = len(positions)
    if samples - lost < 2:
        raise UserError(f"{path}: positions need at least 2 finite samples, {samples - lost} of them are")
    positions = positions[tracked] if lost else positions
    times = None
    if stored.times is not None:
        times = _path_times(stored, tracked, path, time_scale)
    elif time_scale != 1:
        raise UserError(f"{path} lacks times, which time_scale could apply to")
    # A few samples far off are glitches of the tracking, and tell nothing about the unit.
    extent = float(np.ptp(np.quantile(positions, [0.001, 0.999], axis=0), axis=0).max())
    if extent > LARGEST_BOX:
        raise UserError(
            f"{path}: positions span {extent:.4g} m, and boxes above {LARGEST_BOX:g} m are refused; are they in cm "
            "(divide by 100), mm or pixels?"
        )
    if lost:
        stored.notes.append(f"{lost:,} of {samples:,} samples without a position were dropped")
    return TrackedPath(positions, times, tracked)


def _shape_advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 2 and shape[0] == 2:
        return "; save positions.T, a row for each sample"
    if shape[-1:] == (3,):
        return "; rate maps are two-dimensional: save the two columns of the floor's plane"
    return "; rate maps are two-dimensional, a 1-D track has no grid score"


def _path_times(
    stored: StoredRecording, tracked: Bool[np.ndarray, " samples"], path: Path, scale: float
) -> Float[np.ndarray, " time"]:
    raw = stored.times
    assert raw is not None
    if raw.shape == tracked.shape and raw.dtype.kind == "f":
        used = tracked | np.isfinite(raw)  # a sample with neither position nor time is no sample
        raw, tracked = (raw, tracked) if used.all() else (raw[used], tracked[used])
    times = increasing(raw, "times", path, len(tracked), scale)
    times = times if tracked.all() else times[tracked]
    if scale != 1:
        stored.notes.append(f"times of the path were multiplied by {scale:g}")
    stored.notes += check_resolution(raw, "times", path, scale, typical_interval(times))
    return times
