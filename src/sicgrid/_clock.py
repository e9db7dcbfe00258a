"""From the times of a path's samples: the typical interval, which intervals are gaps, the time each sample stands for.

Cameras deliver frames in pairs, in bursts, late and all at once, or not for a while. Nothing here assumes a constant
rate; numpy alone, because rooms with and without torch need it.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int, Shaped

from ._masked import is_masked
from ._numbers import plain_numbers

_TOGETHER = 0.1  # of the typical interval: frames nearer than this were delivered together
_RARE = 0.01  # share of the intervals, the longest ones, that `typical_interval` leaves out
_LONG = 5.0  # typical intervals; a longer one is a gap in the tracking
_SHORT_S = 0.1  # s; no interval is a gap below it: an animal at 0.5 m/s moves by one bin of 5 cm
# An interval is the camera's rate there, and no gap, if 40 of the 50 intervals before it or after it are about as long.
_NEIGHBORS, _SIMILAR = 50, 40
_SLOWEST_S = 1.0  # s; a longer interval is no rate of a camera: an animal at 0.2 m/s moves by four bins
_BLOCK = 2**16  # intervals whose neighbors are counted at once


class Stretches(NamedTuple):
    """The stretches of a path between gaps in its tracking."""

    first: Int[np.ndarray, " stretches"]
    """The first sample of each; of the first stretch sample 0."""
    begins: Float[np.ndarray, " stretches"]
    """When it begins, seconds on the path's clock."""


class Shares(NamedTuple):
    """The stretch of time, ``begin`` to ``end`` in seconds, that each sample of a path stands for; none overlap."""

    begin: Float[np.ndarray, " time"]
    end: Float[np.ndarray, " time"]

    @property
    def seconds(self) -> Float[np.ndarray, " time"]:
        """How long each sample stands for."""
        return np.asarray(self.end - self.begin)

    @property
    def stretches(self) -> Stretches:
        """Where time goes on without a gap; within a stretch neighbors share one number."""
        first = np.flatnonzero(np.append(True, self.begin[1:] > self.end[:-1]))
        return Stretches(first, self.begin[first])


def checked_times(times: npt.ArrayLike) -> Float[np.ndarray, " time"]:
    """Times by `seconds_of`; ``ValueError`` unless they are at least two, finite and increasing."""
    clock = seconds_of("times", times)
    if clock.ndim != 1 or len(clock) < 2:
        raise ValueError(f"times must be at least 2 increasing seconds, got an array of shape {clock.shape}")
    wrong = np.flatnonzero(~np.isfinite(clock) | np.append(False, clock[1:] <= clock[:-1]))
    if len(wrong):
        raise ValueError(
            f"times must be increasing seconds, got {clock[wrong[0]]:.10g} as number {wrong[0]} of {len(clock)}"
            + (f" after {clock[wrong[0] - 1]:.10g}" if wrong[0] else "")
        )
    return clock


def in_seconds(times: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    """Times as numbers: of dates (numpy's datetime64) the seconds since 1970, of durations their seconds.

    >>> in_seconds(np.array(["1970-01-02T00:00:00.5"], dtype="datetime64[ms]")), in_seconds(np.array([3.0]))
    (array([86400.5]), array([3.]))
    """
    if times.dtype.kind == "M":
        times = times - np.datetime64(0, "s")
    return np.asarray(times / np.timedelta64(1, "s")) if times.dtype.kind == "m" else times


def seconds_of(name: str, times: npt.ArrayLike) -> Float[np.ndarray, "..."]:
    """Times as float64 seconds, of dates and durations too; ValueError by the argument's name for what is no times."""
    held = np.asarray(times)
    if held.dtype.kind in "mM" and not is_masked(times):
        return in_seconds(held)
    return plain_numbers(name, times, np.float64)


def typical_interval(times: npt.ArrayLike) -> float:
    """Seconds from one sample (or bunch of samples) to the next: the median of intervals weighted by their roots.

    The weight lies between the two obvious ones, each of which is fooled: the median of the intervals by frames in
    pairs (half of the intervals are short), the median of the time by one gap as long as the rest. The longest
    hundredth of the intervals, one at least, is left out: what happens so seldom is not typical, however long it lasts.

    >>> typical_interval([0.0, 0.04, 0.08, 0.12, 30.0])
    0.04
    >>> import numpy as np
    >>> pairs = np.sort(np.concatenate([np.arange(50) * 0.04, np.arange(50) * 0.04 + 0.001]))
    >>> round(typical_interval(pairs), 6)
    0.039
    """
    intervals = np.sort(np.diff(checked_times(times)))
    if len(intervals) > 2:
        intervals = intervals[: -math.ceil(_RARE * len(intervals))]
    weight = np.cumsum(np.sqrt(intervals))
    return float(intervals[np.searchsorted(weight, weight[-1] / 2)])


def longest_bridged(times: npt.ArrayLike) -> float:
    """Seconds above which an interval may be a gap in the tracking: 5 typical intervals, and never less than 0.1 s."""
    return _longest_bridged(typical_interval(times))


def gaps(times: npt.ArrayLike) -> Bool[np.ndarray, " intervals"]:
    """Which intervals between samples are gaps in the tracking.

    Those above `longest_bridged`, but for cameras that were slower for a while: an interval up to 1 s is none where 40
    of the 50 before it, or of the 50 after it, last a fifth of it or more.

    >>> import numpy as np
    >>> slower = np.concatenate([np.arange(500) * 0.02, 10 + np.arange(100) * 0.2, 30.8 + np.arange(100) * 0.02])
    >>> np.diff(slower)[gaps(slower)].round(2).tolist()  # at 0.02, at 0.2 and at 0.02 s
    [1.0]
    """
    clock = checked_times(times)
    typical = typical_interval(clock)
    first, last = _bunches(clock, typical)
    gap = np.zeros(len(clock) - 1, dtype=bool)
    gap[last[:-1]] = _gaps(clock[first[1:]] - clock[last[:-1]], typical)
    return gap


def shares_of_time(times: npt.ArrayLike) -> Shares:
    """Divide the time of a path among its samples.

    A sample stands for the time from midway to the sample before it to midway to the next. Samples that were delivered
    together (within a tenth of the typical interval, and all of them within one) share theirs evenly. A gap (see
    `gaps`) belongs to no sample, except for half a typical interval on either side of it; so does the time before the
    first and after the last sample.

    Raises
    ------
    ValueError
        For times that do not increase.

    >>> shares_of_time([0.0, 1.0, 2.0, 20.0, 21.0]).seconds.tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]

    """
    clock = checked_times(times)
    typical = typical_interval(clock)
    first, last = _bunches(clock, typical)
    size = last - first + 1
    between = clock[first[1:]] - clock[last[:-1]]
    reach = np.where(_gaps(between, typical), typical, between) / 2
    begin = clock[first] - np.concatenate(([typical / 2], reach))
    end = clock[last] + np.concatenate((reach, [typical / 2]))
    duration = np.repeat((end - begin) / size, size)
    start = np.repeat(begin, size) + duration * (np.arange(len(clock)) - np.repeat(first, size))
    # Neighbors share one number, so that no spike falls between them.
    stop = np.append(start[1:], end[-1])
    stop[last] = end
    return Shares(start, stop)


def _bunches(
    clock: Float[np.ndarray, " time"], typical: float
) -> tuple[Int[np.ndarray, " bunches"], Int[np.ndarray, " bunches"]]:
    """First and last sample of each bunch of samples that were delivered together."""
    begins = np.diff(clock, prepend=-np.inf) > _TOGETHER * typical
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(clock)) - 1
    # A chain of near samples longer than one interval is no bunch: the camera was faster for a while.
    chained = clock[last] - clock[first] > typical
    if chained.any():
        first = np.flatnonzero(begins | np.repeat(chained, last - first + 1))
        last = np.append(first[1:], len(clock)) - 1
    return first, last


def _gaps(between: Float[np.ndarray, " intervals"], typical: float) -> Bool[np.ndarray, " intervals"]:
    """Which intervals between bunches are gaps, see `gaps`."""
    gap = between > _longest_bridged(typical)
    padding = np.zeros(_NEIGHBORS)
    stretches = np.lib.stride_tricks.sliding_window_view(np.concatenate([padding, between, padding]), _NEIGHBORS)
    doubtful = np.flatnonzero(gap & (between <= _SLOWEST_S))
    for start in range(0, len(doubtful), _BLOCK):
        at = doubtful[start : start + _BLOCK]
        shortest = between[at, None] / _LONG
        similar = [np.count_nonzero(stretches[around] >= shortest, axis=1) for around in (at, at + _NEIGHBORS + 1)]
        gap[at] = np.maximum(*similar) < _SIMILAR
    return gap


def _longest_bridged(typical: float) -> float:
    return max(_LONG * typical, _SHORT_S)
