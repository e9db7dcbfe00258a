"""Whether the times of a recording can be seconds: by the speed of the animal, and by path against spikes."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .._clock import typical_interval
from ..storage import UserError

DOUBT = "CHECK THE TIMES"
"""How a note begins that says that times are hardly seconds."""
_UNITS = ((1e-3, "milliseconds"), (1e-6, "microseconds"), (1e-9, "nanoseconds"), (60.0, "minutes"), (3600.0, "hours"))
_LAG = 25  # samples over which a speed is taken, so that a tracker's jitter does not count
_SLOW, _FAST = 0.003, 20.0  # m/s: nine of ten moments of no animal that explores a box are slower, or any faster
_HASTY = 5.0  # m/s; bats reach it, nothing on foot does
_SHORTEST_S = 2e-3  # s between samples; trackers of animals are slower
_FRAMES_SLOW = 0.03  # m/s in times that count 1, 2, 3, ...: an animal seen once a second moves further
_LIKELY, _SURE = 3.0, 30.0  # times that one span is longer than the other; recordings with hours of sleep reach 30
_FEWEST = 10  # spikes that say how long they were recorded


class _Doubt(NamedTuple):
    """What is odd, what it looks like, and whether that is sure."""

    text: str
    sure: bool


def check_time_units(
    times: Float[np.ndarray, " time"],
    positions: Float[np.ndarray, "time 2"],
    spike_times: Float[np.ndarray, " spikes"] | None = None,
    *,
    certain: bool = False,
    options: bool = True,
) -> list[str]:
    """Notes on times that are hardly seconds.

    Parameters
    ----------
    times, positions
        Of the path, seconds and meters.
    spike_times
        Seconds on the same clock.
    certain
        The user has said what the times are: what would be refused is noted.
    options
        Whether who reads it has the command line's options, as for a file, or the arrays themselves.

    Raises
    ------
    UserError
        Where they cannot be: frame numbers or milliseconds beside seconds. It says what they look like and which option
        puts them right.

    """
    doubts = [_of_speed(times, positions, options)]
    if spike_times is not None and len(spike_times) >= _FEWEST:
        doubts.insert(0, _of_spans(times, spike_times, options))
    notes = []
    for doubt in doubts:
        if doubt is not None and doubt.sure and not certain:
            raise UserError(f"{doubt.text}; if they are right as they are, say --time-scale 1")
        if doubt is not None:
            notes.append(f"{DOUBT}: {doubt.text}")
    return notes


def _of_spans(
    times: Float[np.ndarray, " time"], spike_times: Float[np.ndarray, " spikes"], options: bool
) -> _Doubt | None:
    path, spikes = float(times[-1] - times[0]), float(np.ptp(spike_times))
    if not spikes > 0:
        return None
    said = f"the path spans {path:,.6g} s and the spikes {spikes:,.6g} s"
    if path > _LIKELY * spikes:
        factor = spikes / path
        frames = _counted(times)
        if frames:
            text = f"the times of the path count 1, 2, 3, ..., as frame numbers do, at about {1 / factor:.3g} a second"
        else:
            text = f"the times of the path look like {_unit(factor) or 'another unit than seconds'}"
        advice = _remedy("--time-scale", factor, options, " makes seconds of them")
        return _Doubt(f"{said}: {text}; {advice}", frames or path > _SURE * spikes)
    if spikes > _LIKELY * path:
        factor = path / spikes
        unit = _unit(factor)
        if not unit and (longer := _unit(1 / factor)):
            advice = _remedy("--time-scale", 1 / factor, options, " makes seconds of them")
            return _Doubt(f"{said}: the times of the path look like {longer}; {advice}", spikes > _SURE * path)
        text = f"the times of the spikes look like {unit or 'samples or another unit than seconds'}"
        advice = _remedy("--spike-time-scale", factor, options, " makes seconds of them")
        if spikes <= _SURE * path:
            return _Doubt(f"{said}: most spikes were recorded without the path, or {text} ({advice})", False)
        return _Doubt(f"{said}: {text}; {advice}", True)
    return None


def _of_speed(
    times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"], options: bool
) -> _Doubt | None:
    lag = min(_LAG, len(times) - 1)
    way = np.linalg.norm(positions[lag:] - positions[:-lag], axis=1)
    speed = float(np.quantile(way / (times[lag:] - times[:-lag]), 0.95))
    interval = typical_interval(times)
    said = f"19 of 20 moments the animal moves at less than {speed:.3g} m/s, a sample each {interval:.4g} s"
    if _counted(times) and speed < _FRAMES_SLOW:
        text = "the times of the path count 1, 2, 3, ..., as frame numbers do"
        scale = "--time-scale with" if options else "multiply them by"
        return _Doubt(f"{said}: {text}; {scale} the seconds of a frame (0.02 at 50 a second)", True)
    if speed < _SLOW:
        for factor, unit in _UNITS[:3]:
            if 10 * _SLOW <= speed / factor <= _FAST:
                return _Doubt(f"{said}: {_looks(unit, factor, options)}", interval > 1)
        return _Doubt(f"{said}: it hardly moves, or times or positions are in another unit", False)
    if speed > _HASTY and interval < _SHORTEST_S:
        for factor, unit in _UNITS[3:]:
            if speed / factor <= _HASTY:
                hasty = f"one moment in 20 the animal moves faster than {speed:.3g} m/s, a sample each {interval:.2g} s"
                return _Doubt(f"{hasty}: {_looks(unit, factor, options)}", True)
    if speed > _HASTY:
        fast = f"one moment in 20 the animal moves faster than {speed:.3g} m/s"
        return _Doubt(f"{fast}: times or positions are in another unit, or samples out of order", False)
    return None


def _looks(unit: str, factor: float, options: bool) -> str:
    return f"the times look like {unit}; {_remedy('--time-scale', factor, options)}"


def _remedy(option: str, factor: float, options: bool, does: str = "") -> str:
    """What makes seconds of times: an option, and what it does, or who has the arrays does it."""
    scale = _rounded(factor)
    return f"{option} {scale}{does}" if options else f"multiplied by {scale} they are seconds"


def _counted(times: Float[np.ndarray, " time"]) -> bool:
    """Whether times are whole numbers that go up by one nearly always."""
    return bool((times == np.rint(times)).all() and np.mean(np.diff(times) == 1) > 0.9)


def _near(factor: float) -> list[tuple[float, str]]:
    """The unit of time, size in seconds and name, that a factor is near to; none or one."""
    return [(size, unit) for size, unit in _UNITS if 0.5 < factor / size < 2]


def _unit(factor: float) -> str:
    return next((unit for _, unit in _near(factor)), "")


def _rounded(factor: float) -> str:
    """The unit's own factor where it is near one, else two digits."""
    size = next((size for size, _ in _near(factor)), float(f"{factor:.2g}"))
    return np.format_float_positional(size, trim="-")
