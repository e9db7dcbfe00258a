"""Samples of a path that no animal walked: reflections and swapped trackers, far off for a moment."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Int

from ..._axes import place_numbers
from ..._clock import checked_times
from ..._numbers import shown

FASTEST = 10.0  # m/s; no animal in a laboratory's box is faster, and bats come near it
_JITTER = 0.1  # m; a tracker may jump that far between two marks on one animal, at any speed
_BRIEF_S = 1.0  # s; a stretch that long is no glitch, wherever it lies
_LONG_S = 10.0  # s at exactly one place; a tracker jitters even where an animal sits
_MOST = 0.05  # share of samples; more are no glitches, but a path in another unit or no path at all
_MOST_LOST = 0.5  # share of samples without a place


def glitches(times: npt.ArrayLike, positions: npt.ArrayLike) -> Bool[np.ndarray, " time"]:
    """Which samples lie where no animal could have got in the time.

    The path is cut into stretches where two samples are farther apart than 0.1 m plus 10 m/s times the time between
    them. Three kinds of samples are glitches:

    - Stretches shorter than 1 s. The smallest are dropped first, since what they cut apart may then join into one
      walk. If these are more than one sample in twenty, none of them counts: the path is in other units or out of
      order, and dropping samples would hide that.
    - Longer stretches at exactly one point, with an impossible jump to it and from it: some trackers write a fixed
      point while they see nothing.
    - Samples at exactly one point for 1 s or longer that end with such a jump, except the first: other trackers repeat
      the last place that they saw.

    The last two kinds count only if together they are at most half of the path.

    Parameters
    ----------
    times : (time,)
        Seconds, increasing.
    positions : (time, 2)
        Meters, finite.

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
    clock, points = _checked(times, positions)
    stretch = _stretches(clock, points)
    no_sample = np.zeros(len(clock), dtype=bool)
    if stretch[-1] == 0:
        return no_sample
    first, last = _ends(stretch)
    brief = clock[last] - clock[first] < _BRIEF_S
    still = np.ones(len(first), dtype=bool)
    np.logical_and.at(still, stretch, (points == points[first[stretch]]).all(axis=1))
    lost = np.zeros(len(first), dtype=bool)
    walks = np.flatnonzero(~brief & ~still)
    for pause in np.flatnonzero(~brief & still):
        # Between those on which the animal moved: it may also sleep, and a reflection come and go meanwhile.
        after = int(np.searchsorted(walks, pause))
        jumps = [(last[earlier], first[pause]) for earlier in walks[after - 1 : after]]
        jumps += [(last[pause], first[later]) for later in walks[after : after + 1]]
        lost[pause] = bool(jumps) and all(_impossible(clock, points, *jump) for jump in jumps)
    glitch = _brief(clock, points)
    glitch = glitch if glitch.mean() <= _MOST else no_sample
    lost_samples = lost[stretch] | _stuck(clock, points, glitch | lost[stretch])
    return glitch | (lost_samples if lost_samples.mean() <= _MOST_LOST else no_sample)


def unmoved(times: npt.ArrayLike, positions: npt.ArrayLike) -> Bool[np.ndarray, " time"]:
    """Which samples lie at exactly one place with their neighbors, for 10 s or longer.

    >>> import numpy as np
    >>> path = np.stack([0.1 * np.arange(40.0), np.zeros(40)], axis=1)
    >>> path[5:20] = path[5]
    >>> np.flatnonzero(unmoved(np.arange(40.0), path)).tolist() == list(range(5, 20))
    True
    """
    clock, points = _checked(times, positions)
    run = _runs(points)
    first, last = _ends(run)
    return np.asarray((clock[last] - clock[first] >= _LONG_S)[run])


def jump_share(times: npt.ArrayLike, positions: npt.ArrayLike) -> float:
    """Share of steps that no animal could have made; near 0 for a path with a few glitches.

    >>> import numpy as np
    >>> times = np.arange(100) / 50
    >>> path = np.stack([0.1 * times, 0 * times], axis=1)
    >>> jump_share(times, path), jump_share(times, 1000 * path)  # in millimeters, taken for meters
    (0.0, 1.0)
    """
    clock, points = _checked(times, positions)
    return float(_stretches(clock, points)[-1]) / (len(clock) - 1)


def _checked(
    times: npt.ArrayLike, positions: npt.ArrayLike
) -> tuple[Float[np.ndarray, " time"], Float[np.ndarray, "time 2"]]:
    clock, points = checked_times(times), place_numbers(positions, np.float64)
    if points.shape != (len(clock), 2) or not np.isfinite(points).all():
        raise ValueError(f"positions must be ({len(clock)}, 2), one a time, finite, got {shown(points)}")
    return clock, points


def _brief(clock: Float[np.ndarray, " time"], points: Float[np.ndarray, "time 2"]) -> Bool[np.ndarray, " time"]:
    """Samples of brief stretches. The smallest are dropped first, so that what a glitch cut apart is one walk again."""
    kept = np.ones(len(clock), dtype=bool)
    while (~kept).mean() <= _MOST:
        index = np.flatnonzero(kept)
        stretch = _stretches(clock[index], points[index])
        first, last = _ends(stretch)
        size = last - first + 1
        brief = clock[index[last]] - clock[index[first]] < _BRIEF_S
        if len(first) == 1 or not brief.any():
            break
        kept[index[(brief & (size == size[brief].min()))[stretch]]] = False
    return ~kept


def _stuck(
    clock: Float[np.ndarray, " time"], points: Float[np.ndarray, "time 2"], dropped: Bool[np.ndarray, " time"]
) -> Bool[np.ndarray, " time"]:
    """Samples at the end of a stretch that repeat one place for 1 s or longer, not counting those already dropped."""
    index = np.flatnonzero(~dropped)
    stuck = np.zeros(len(clock), dtype=bool)
    if not len(index):
        return stuck
    time, place = clock[index], points[index]
    end = _ends(_stretches(time, place))[1][:-1]
    run = _runs(place)
    begin = _ends(run)[0][run[end]]
    long = time[end] - time[begin] >= _BRIEF_S
    for start, stop in zip(begin[long], end[long], strict=True):
        stuck[index[start + 1 : stop + 1]] = True
    return stuck


def _runs(points: Float[np.ndarray, "time 2"]) -> Int[np.ndarray, " time"]:
    """Number of each sample's run of samples at exactly one place."""
    return np.concatenate(([0], np.cumsum((points[1:] != points[:-1]).any(axis=1))))


def _impossible(clock: Float[np.ndarray, " time"], points: Float[np.ndarray, "time 2"], start: int, end: int) -> bool:
    """Whether no animal could have moved from one sample to another, later one in the time between."""
    return bool(np.linalg.norm(points[end] - points[start]) > _JITTER + FASTEST * (clock[end] - clock[start]))


def _stretches(clock: Float[np.ndarray, " time"], points: Float[np.ndarray, "time 2"]) -> np.ndarray:
    """Number of each sample's stretch; a new one begins after each impossible step."""
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate(([0], np.cumsum(step > _JITTER + FASTEST * np.diff(clock))))


def _ends(stretch: Int[np.ndarray, " time"]) -> tuple[Int[np.ndarray, " stretch"], Int[np.ndarray, " stretch"]]:
    """First and last sample of each stretch."""
    first = np.flatnonzero(np.diff(stretch, prepend=-1))
    return first, np.append(first[1:], len(stretch)) - 1
