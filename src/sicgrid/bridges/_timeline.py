"""Recordings of many walks on one clock, for tools that expect one animal and one time axis."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from .._clock import Stretches
from ..evaluation import Recording
from ._arguments import a_recording, positive

GAP_STEPS = 10  # from one walk to the next; readers take more than 5 intervals for a gap and not for a part of the path


class Timeline(NamedTuple):
    """Walks one after the other: the time of each sample, and where each walk begins and ends; all in seconds.

    Sample t of walk a is row ``a * steps + t`` of every array (time, ...). Of an animal's recording a walk is a stretch
    of its path without a gap in the tracking.
    """

    times: Float[np.ndarray, " time"]
    starts: Float[np.ndarray, " walks"]
    ends: Float[np.ndarray, " walks"]


class Spikes(NamedTuple):
    """Every spike of a recording, sorted by time: when, and of which unit."""

    times: Float[np.ndarray, " spikes"]
    units: Int[np.ndarray, " spikes"]


def timeline(recording: Recording, step_s: float = 1.0) -> Timeline:
    """Times of the samples of a recording; walks lie ``GAP_STEPS`` steps apart, so that none runs into the next.

    A network's step has no duration: ``step_s`` gives it one. An animal's samples keep the recording's clock, each at
    the middle of the time that it stands for; of a recording that does not know when its tracking had gaps (imported
    before sicgrid 0.2) they are laid end to end, from 0. `UserError` if ``step_s`` is not positive.
    """
    step_s = positive("step_s", step_s)
    animals, steps, _ = a_recording(recording).shape
    if recording.seconds is not None:
        seconds = np.asarray(recording.seconds, dtype=np.float64)
        first, begins = recording.stretches or Stretches(np.zeros(1, dtype=np.int64), np.zeros(1))
        ends = np.cumsum(seconds)
        ends += np.repeat(begins - (ends - seconds)[first], np.diff(first, append=len(ends)))
        return Timeline(ends - seconds / 2, begins, ends[np.append(first[1:], len(ends)) - 1])
    starts = step_s * (steps + GAP_STEPS) * np.arange(animals)
    times = (starts[:, None] + step_s * np.arange(steps)).ravel()
    return Timeline(times, starts, starts + step_s * (steps - 1))


def spikes_of(recording: Recording, times: Float[np.ndarray, " time"]) -> Spikes:
    """The spikes of a recording that holds some, each at the time of its sample."""
    assert recording.spikes
    assert recording.seconds is not None
    rates = recording.activity.tocoo()
    counts = np.rint(rates.data * recording.seconds[rates.row]).astype(np.int64)
    samples, units = np.repeat(rates.row, counts), np.repeat(rates.col, counts)
    order = np.lexsort((units, samples))
    return Spikes(times[samples[order]], units[order].astype(np.int64))
