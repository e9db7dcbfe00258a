"""What the times of a path's samples say: how long a sample usually lasts, what is a gap, for which time each stands.

Cameras deliver frames in pairs, in bursts, late and all at once, or not for a while. Nothing here assumes a constant
rate; numpy alone, because rooms with and without torch need it.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

_TOGETHER = 0.1  # of the typical interval: frames nearer than this were delivered together
_SELDOM = 0.01  # share of the intervals
_LONG = 5.0  # typical intervals; a longer one is a gap in the tracking
_SHORT_S = 0.1  # s; no interval is a gap below it: an animal at 0.5 m/s moves by one bin of 5 cm


class Shares(NamedTuple):
    """The stretch of time, ``begin`` to ``end`` in seconds, that each sample of a path stands for; none overlap."""

    begin: Float[np.ndarray, " time"]
    end: Float[np.ndarray, " time"]

    @property
    def seconds(self) -> Float[np.ndarray, " time"]:
        """How long each sample stands for."""
        return np.asarray(self.end - self.begin)


def checked_times(times: npt.ArrayLike) -> Float[np.ndarray, " time"]:
    """Times as float64; ``ValueError`` unless they are at least two, finite and increasing."""
    clock = np.asarray(times, dtype=np.float64)
    if clock.ndim != 1 or len(clock) < 2 or not np.isfinite(clock).all() or not (np.diff(clock) > 0).all():
        raise ValueError(f"times must be at least 2 increasing seconds, got an array of shape {clock.shape}")
    return clock


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
        intervals = intervals[: -math.ceil(_SELDOM * len(intervals))]
    weight = np.cumsum(np.sqrt(intervals))
    return float(intervals[np.searchsorted(weight, weight[-1] / 2)])


def longest_bridged(times: npt.ArrayLike) -> float:
    """Seconds above which an interval is a gap in the tracking: 5 typical intervals, and never less than 0.1 s."""
    return _longest(typical_interval(times))


def shares_of_time(times: npt.ArrayLike) -> Shares:
    """Deal the time of a path out to its samples.

    A sample stands for the time from midway to the sample before it to midway to the next. Samples that were delivered
    together (within a tenth of the typical interval) share theirs evenly. A gap (see `longest_bridged`) belongs to
    nobody, but for half a typical interval on either side of it; nor does the time before the first and after the last
    sample, but for as much.

    Raises
    ------
    ValueError
        For times that do not increase.

    >>> shares_of_time([0.0, 1.0, 2.0, 20.0, 21.0]).seconds.tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]

    """
    clock = checked_times(times)
    typical = typical_interval(clock)
    first = np.flatnonzero(np.diff(clock, prepend=-np.inf) > _TOGETHER * typical)  # of each bunch
    size = np.diff(first, append=len(clock))
    last = first + size - 1
    between = clock[first[1:]] - clock[last[:-1]]
    reach = np.where(between > _longest(typical), typical, between) / 2
    begin = clock[first] - np.concatenate(([typical / 2], reach))
    end = clock[last] + np.concatenate((reach, [typical / 2]))
    each = np.repeat((end - begin) / size, size)
    start = np.repeat(begin, size) + each * (np.arange(len(clock)) - np.repeat(first, size))
    # Neighbors share one number, so that no spike falls between them.
    stop = np.append(start[1:], end[-1])
    stop[last] = end
    return Shares(start, stop)


def _longest(typical: float) -> float:
    return max(_LONG * typical, _SHORT_S)
