"""Clocks of a recording: when its samples are, and where the animal was at the frames of another clock."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Shaped

from ..._clock import gaps, longest_bridged, typical_interval
from .._errors import UserError
from ._time_units import DOUBT

ROUNDING = 1e-6  # of the typical interval
MOST_DROPPED = 0.5  # share of the frames; where more are dropped, the note is a warning
COARSE = 0.1  # of the typical interval: a clock that resolves no less is worth a note


class AtFrames(NamedTuple):
    """Positions at the frames that lie on the path, which those are, and why others do not."""

    positions: Float[np.ndarray, "frames 2"]
    kept: Bool[np.ndarray, " all"]
    notes: list[str]


def real_numbers(array: Shaped[np.ndarray, "..."], name: str, path: Path) -> Float[np.ndarray, "..."]:
    """The array as float64, itself if it is; `UserError` if it holds no real numbers."""
    if array.dtype.kind not in "fiub":
        raise UserError(f"{path}: {name} must be real numbers, found an array of type {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float64) if array.ndim else array.astype(np.float64)


def positions_at(
    frames: Float[np.ndarray, " frames"],
    times: Float[np.ndarray, " time"],
    positions: Float[np.ndarray, "time 2"],
    path: Path,
) -> AtFrames:
    """Positions at ``frames`` (s), linear between the samples of the path at ``times`` (s), both increasing.

    Frames before or after the path, or within a gap of it (see `sicgrid._clock.gaps`), are left out.

    Raises
    ------
    UserError
        If fewer than two frames are left.

    """
    typical = typical_interval(times)
    slack = ROUNDING * typical  # so that a frame at a sample's time stays there when clocks were scaled
    outside = (frames < times[0] - slack) | (frames > times[-1] + slack)
    before = np.clip(np.searchsorted(times, frames, side="right") - 1, 0, len(times) - 2)
    within = gaps(times)[before] & (frames > times[before] + slack) & (frames < times[before + 1] - slack) & ~outside
    kept = ~(outside | within)
    if kept.sum() < 2:
        raise UserError(
            f"{path}: {int(kept.sum())} of the {len(frames):,} frames of the activity ({frames[0]:.9g} to "
            f"{frames[-1]:.9g} s) fall onto the tracked path ({times[0]:.9g} to {times[-1]:.9g} s); are both on one "
            "clock, in seconds?"
        )
    at = np.stack([np.interp(frames[kept], times, positions[:, axis]) for axis in range(2)], axis=1)
    notes = [f"positions were interpolated at {int(kept.sum()):,} frames of the activity's own clock"]
    gapped = f"in gaps of the tracking (above {longest_bridged(times):.3g} s)"
    for dropped, position in ((outside, "before or after the path"), (within, gapped)):
        if dropped.any():
            loud = f"{DOUBT}: " if dropped.mean() > MOST_DROPPED else ""
            notes.append(f"{loud}{int(dropped.sum()):,} of {len(frames):,} frames {position} were dropped")
    return AtFrames(at, kept, notes)


def increasing(
    stored: Shaped[np.ndarray, "..."], name: str, path: Path, samples: int, scale: float
) -> Float[np.ndarray, " time"]:
    """The times of ``samples`` samples in seconds (``scale`` times what is stored), checked to be finite and increase.

    Raises
    ------
    UserError
        Otherwise; the first place and the number of places are named, and whether float32 is to blame.

    """
    times = real_numbers(stored, name, path)
    if times.shape != (samples,):
        flat = f"; save {name}.ravel()" if times.size == samples else ""
        raise UserError(f"{path}: {name} must have shape ({samples},), one a sample, got {times.shape}{flat}")
    if not np.isfinite(times).all():
        raise UserError(f"{path}: {name} must be finite, {int((~np.isfinite(times)).sum())} of {samples} are not")
    steps = np.diff(times)
    back = np.flatnonzero(steps <= 0)
    if not len(back):
        return times if scale == 1 else times * scale
    first = int(back[0])
    coarse = resolution(stored, times[first])
    if steps[first] == 0 and coarse > (times[-1] - times[0]) / (samples - 1) / 4:
        raise UserError(
            f"{path}: {name} are stored as {stored.dtype}, which resolves only {coarse:g} at {times[first]:.9g}, so "
            f"that {len(back):,} of {samples:,} samples are at the time of the sample before; save them as float64, or "
            "subtract the start before saving"
        )
    same = int((steps[back] == 0).sum())
    raise UserError(
        f"{path}: {name} must increase from sample to sample, but sample {first + 1} is at {times[first + 1]:.15g} "
        f"after {times[first]:.15g} ({same:,} such places are equal, {len(back) - same:,} go back); sort the samples "
        "and keep one of each time"
    )


def resolution(stored: Shaped[np.ndarray, "..."], value: float) -> float:
    """The step between neighboring numbers of the stored type at a value; 0 for float64 and whole numbers."""
    if stored.dtype.kind != "f" or stored.dtype.itemsize >= 8:
        return 0.0
    return float(np.spacing(np.abs(np.asarray(value)).astype(stored.dtype)))


def check_resolution(
    stored: Shaped[np.ndarray, "..."], name: str, path: Path, scale: float, interval: float
) -> list[str]:
    """A note if the stored type resolves these times coarsely beside the path's typical interval (s).

    Raises
    ------
    UserError
        If it cannot tell one sample of the path from the next.

    """
    finite = stored[np.isfinite(stored)] if resolution(stored, 1.0) else stored[:0]
    if not len(finite):
        return []
    largest = float(np.abs(finite).max())
    coarse = scale * resolution(stored, largest)
    what = f"{name} are stored as {stored.dtype}, which resolves only {coarse:.3g} s at {largest * scale:.9g} s"
    if coarse > interval:
        raise UserError(
            f"{path}: {what}, more than the path's interval of {interval:.3g} s; save them as float64, or subtract the "
            "start of the recording before saving"
        )
    return [f"{what}"] if coarse > COARSE * interval else []
