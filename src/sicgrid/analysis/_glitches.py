"""Samples of a path that no animal walked: reflections and swapped trackers, far off for a moment."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float

from .._clock import checked_times

FASTEST = 10.0  # m/s; no animal in a laboratory's box is faster, and bats come near it
_JITTER = 0.1  # m; a tracker may jump that far between two marks on one animal, at any speed
_BRIEF_S = 1.0  # s; a stretch that long is no glitch, wherever it lies
_MOST = 0.05  # share of samples; more are no glitches, but a path in another unit or no path at all


def glitches(times: npt.ArrayLike, positions: npt.ArrayLike) -> Bool[np.ndarray, " time"]:
    """Which samples lie where no animal could have got in the time.

    The path is cut where two samples are farther apart than 0.1 m plus 10 m/s times the time between them. Of the
    stretches, those shorter than 1 s are glitches. If that is more than one sample in twenty, none is called so: such a
    path is in other units or unordered, and dropping samples would hide it.

    Parameters
    ----------
    times : (time,)
        Seconds, increasing.
    positions : (time, 2)
        Metres, finite.

    Raises
    ------
    ValueError
        For arrays that do not fit.

    >>> import numpy as np
    >>> times = np.arange(500) / 50
    >>> path = np.stack([0.1 * times, 0 * times], axis=1)
    >>> path[100] = 3.0
    >>> np.flatnonzero(glitches(times, path)).tolist()
    [100]

    """
    clock, points = checked_times(times), np.asarray(positions, dtype=np.float64)
    if points.shape != (len(clock), 2):
        raise ValueError(f"positions must be ({len(clock)}, 2), one a time, got {points.shape}")
    stretch = _stretches(clock, points)
    begin, end = np.full(stretch[-1] + 1, np.inf), np.full(stretch[-1] + 1, -np.inf)
    np.minimum.at(begin, stretch, clock)
    np.maximum.at(end, stretch, clock)
    brief = (end - begin < _BRIEF_S)[stretch]
    return brief if 0 < brief.mean() <= _MOST else np.zeros(len(clock), dtype=bool)


def jump_share(times: npt.ArrayLike, positions: npt.ArrayLike) -> float:
    """Share of steps that no animal could have made; near 0 for a path with a few glitches."""
    clock, points = checked_times(times), np.asarray(positions, dtype=np.float64)
    return float(_stretches(clock, points)[-1]) / (len(clock) - 1)


def _stretches(clock: Float[np.ndarray, " time"], points: Float[np.ndarray, "time 2"]) -> np.ndarray:
    """Number of the stretch of each sample."""
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate(([0], np.cumsum(step > _JITTER + FASTEST * np.diff(clock))))
