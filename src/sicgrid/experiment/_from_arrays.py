"""Positions and activity at hand, in whatever holds them, as a run without a network."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from .._axes import column_names
from .._clock import in_seconds
from .._numbers import shown
from ..evaluation import part_labels
from ..storage import DOUBT, StoredRecording, UserError, check_unused, external_arrays
from ._config import RunConfig
from ._external import Imported, keep_recording, place_recording, recording_arrays, suited_settings
from ._holders import check_index, is_frame, plain, spike_trains, with_times, xy

NAME = "recording"  # stands for the file in messages


def import_arrays(
    position: Any,
    units: Any,
    out: Path,
    config: RunConfig,
    *,
    times: Any = None,
    box: tuple[float, float, float, float] | None = None,
) -> Imported:
    """Make a run from positions and activity, or spikes, that are at hand.

    Parameters
    ----------
    position
        Meters: (time, 2); or (trials, time, 2), or a list of such trials of any length. An array, an xarray DataArray
        (dimensions ``trial``, ``time`` and a third, in any order, times from its coordinate), a DataFrame (an index of
        floats, dates or durations is its times, unless ``times`` are given) or a pynapple TsdFrame. Columns or
        coordinates that are called y and x are taken by their names. NaN, or masked: lost.
    units
        Activity of any sign or complex, (time, n), with trials as positions have them; a DataArray or TsdFrame of it,
        which may have a clock of its own; or spikes: a mapping from the unit's name to its times in seconds, or a
        pynapple TsGroup; a Ts or Tsd in it stands for its times. Of complex activity the real parts are kept, then the
        imaginary ones.
    out
        Folder of the run; new or empty.
    config
        Seed and settings of the analysis.
    times
        Seconds of each sample of positions that bring none. Times that are dates count from 1970.
    box
        (x0, x1, y0, y1), meters, where the box is; by default the path's extent in whole bins.

    Raises
    ------
    UserError
        If the shapes do not fit, the activity is not finite (masked counts as NaN), spikes come with trials, two units
        have one name, or the path does not fit into the box.

    Warns
    -----
    UserWarning
        If times are hardly seconds: of an animal too fast or too slow, of spikes that span another time than the path.

    Notes
    -----
    Trials of one length stay trials, each an animal's walk by itself, unless samples of them were lost or lie outside
    of the box; then, and where lengths differ, they are joined into one path. Samples outside of the time support of a
    TsGroup are left out where that has several intervals, as pynapple does (a single one may be no more than the time
    from the first spike to the last).

    """
    check_unused(out)
    notes: list[str] = []
    stored, trials = _stored(position, units, times, notes)
    assert stored.positions is not None
    samples = len(stored.positions)
    read = external_arrays(stored, NAME)
    notes += read.notes
    try:
        placed = place_recording(read, config, notes, box=box, certain=True, scales=None)
    except (UserError, ValueError) as error:
        raise UserError(f"{NAME}: {error}") from None
    arrays = recording_arrays(read, placed, notes)
    if trials > 1 and len(placed.positions) == samples:
        arrays = _by_trial(arrays, trials)
    elif trials > 1:
        notes.append(
            f"the {trials} trials were joined into one path, since samples were lost or lie outside of the box"
        )
    settings = suited_settings(read, arrays, placed.arena, config, notes)
    run = keep_recording(read, arrays, placed.arena, out, settings, notes)
    if doubts := [note for note in notes if note.startswith(DOUBT)]:
        warnings.warn("; ".join(doubts), stacklevel=3)  # too likely wrong to stand in the notes alone
    return run


def _by_trial(arrays: Mapping[str, np.ndarray], trials: int) -> dict[str, np.ndarray]:
    """One path cut into trials of one length; no step leads from one to the next."""
    positions = arrays["positions"].reshape(trials, -1, 2)
    return {
        "positions": positions,
        "velocities": np.diff(positions, axis=1, prepend=positions[:, :1]),
        "activity": arrays["activity"].reshape(trials, positions.shape[1], -1),
        "initial_state": arrays["initial_state"],
    }


def _stored(position: Any, units: Any, times: Any, notes: list[str]) -> tuple[StoredRecording, int]:
    """The arrays by the names of a file, and how many trials of one length they are (1: one path)."""
    where, own_times = with_times(position, "position", times is None)
    if times is not None and own_times is not None:
        raise UserError("position brings its own times; leave out times")
    clock = own_times if times is None else in_seconds(plain(times, "times"))
    stored = StoredRecording(times=clock, notes=[])
    spikes = spike_trains(units)
    if spikes is not None:
        if _is_trials(where) or plain(where, "position").ndim == 3:
            raise UserError(
                "trials need activity, (trials, time, n) or a list; spikes belong to one path (time, 2) on one clock: "
                "join the trials, and give times that go on from one to the next"
            )
        if clock is None:
            raise UserError("spikes need times: seconds of each position, without which spikes have no place")
        stored.positions = xy(where)
        _cut_to_support(stored, units, notes)
        stored.labels = list(spikes)
        stored.spike_times = np.concatenate(list(spikes.values()))
        stored.spike_units = np.repeat(np.arange(len(spikes)), [len(train) for train in spikes.values()])
        return stored, 1
    activity, frames = with_times(units, "units", times is None)
    if is_frame(position) and is_frame(units) and own_times is None and frames is None:
        check_index(position, units)
    trials, stored.positions, values = _trials(where, activity, notes)
    if trials > 1 and (clock is not None or frames is not None):
        stored.times = clock = frames = None  # each trial has a clock of its own, and bins count samples
        notes.append("times of the trials were left out: every sample counts alike")
    if values.ndim < 2:
        raise UserError(f"units must be activity (time, n), a column for each unit, got {shown(values)}")
    names = column_names(units)
    stored.labels = names if names is not None and len(names) == values.shape[-1] else None
    if np.iscomplexobj(values):
        notes.append(f"complex activity of {values.shape[-1]} units was kept as real parts, then imaginary ones")
        labels = stored.labels or part_labels(values.shape[-1], False)
        stored.labels = [f"{name} {part}" for part in ("re", "im") for name in labels]
        values = np.concatenate([values.real, values.imag], axis=-1)
    stored.activity = values
    if frames is not None and not (clock is not None and np.array_equal(frames, clock)):
        stored.activity_times = frames
    return stored, trials


def _cut_to_support(stored: StoredRecording, units: Any, notes: list[str]) -> None:
    """Leave out the samples at which a TsGroup of several intervals was not observed."""
    support: Any = getattr(units, "time_support", ())
    assert stored.times is not None
    assert stored.positions is not None
    if len(support) < 2 or len(stored.times) != len(stored.positions):
        return
    starts, ends = np.asarray(support.start), np.asarray(support.end)
    interval = np.searchsorted(starts, stored.times, side="right") - 1
    inside = (interval >= 0) & (stored.times <= ends[interval])
    if outside := int(np.count_nonzero(~inside)):
        notes.append(
            f"{outside:,} of {len(inside):,} samples lie outside of the units' time support ({len(support)} intervals) "
            "and were left out"
        )
        stored.times, stored.positions = stored.times[inside], stored.positions[inside]


def _is_trials(where: Any) -> bool:
    return isinstance(where, list | tuple) and len(where) > 0 and plain(where[0], "position").ndim == 2


def _trials(
    where: Any, activity: Any, notes: list[str]
) -> tuple[int, Shaped[np.ndarray, "samples 2"], Shaped[np.ndarray, "samples units"]]:
    """How many trials of one length there are, and all samples one after the other."""
    if _is_trials(where):
        if len(where) != len(activity):
            raise UserError(f"position has {len(where)} trials, units {len(activity)}")
        pairs = [(xy(path), plain(rates, "units")) for path, rates in zip(where, activity, strict=True)]
        for index, (path, rates) in enumerate(pairs):
            if rates.ndim != 2 or len(path) != len(rates):
                raise UserError(
                    f"trial {index} has positions of shape {path.shape} and activity of shape {rates.shape}"
                )
            if path.shape[1:] != pairs[0][0].shape[1:] or rates.shape[1:] != pairs[0][1].shape[1:]:
                raise UserError(
                    f"trial {index} has positions of shape {path.shape} and activity of shape {rates.shape}, the first "
                    f"{pairs[0][0].shape} and {pairs[0][1].shape}; all trials must have the same units"
                )
        lengths = {len(path) for path, _ in pairs}
        if len(lengths) > 1:
            notes.append(f"{len(pairs)} trials of {min(lengths)} to {max(lengths)} samples were joined into one path")
        joined = tuple(np.concatenate([pair[side] for pair in pairs]) for side in range(2))
        return (len(pairs) if len(lengths) == 1 else 1), joined[0], joined[1]
    positions, values = xy(where), plain(activity, "units")
    if positions.ndim == 3:
        if values.ndim != 3 or values.shape[:2] != positions.shape[:2]:
            raise UserError(
                f"units must have shape (trials, time, n) = {positions.shape[:2]} and units, as position has, got "
                f"{values.shape}"
            )
        return len(positions), positions.reshape(-1, positions.shape[-1]), values.reshape(-1, values.shape[-1])
    return 1, positions, values
