"""Whether the times of a recording can be seconds: by the speed of the animal, and by path against units."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ..._clock import typical_interval
from ..._repr import brief
from .._errors import UserError
from ._ends import unequal_ends, usual_factor

DOUBT = "CHECK THE TIMES"
"""How a note begins that says that times are hardly seconds."""
_UNITS = ((1e-3, "milliseconds"), (1e-6, "microseconds"), (1e-9, "nanoseconds"), (60.0, "minutes"), (3600.0, "hours"))
_CAMERAS = (5.0, 10.0, 15.0, 20.0, 24.0, 25.0, 30.0, 40.0, 50.0, 60.0, 100.0, 120.0, 200.0)  # frames a second
_AMPLIFIERS = (16e3, 20e3, 24414.0625, 25e3, 30e3, 32e3, 40e3, 48e3)  # samples a second
_USUAL = 0.03  # a rate is read from spans, and spikes begin late and end early
_LAG, _LAG_S = 25, 1.0  # samples, but no longer than a second, over which a speed is taken: a tracker jitters
_SLOW, _FAST = 0.003, 20.0  # m/s: nine of ten moments of no animal that explores a box are slower, or any faster
_HASTY = 5.0  # m/s; bats reach it, nothing on foot does
_SHORTEST_S = 2e-3  # s between samples; trackers of animals are slower
_LONGEST_S = 0.5  # s between samples; trackers are faster
_FRAMES_SLOW = 0.03  # m/s in times that count 1, 2, 3, ...: an animal seen once a second moves further
_LARGEST_STEP = 5  # of frame numbers; whole numbers further apart are milliseconds
_LIKELY, _SURE = 3.0, 30.0  # times that one span is longer than the other; recordings with hours of sleep reach 30
_FEWEST = 10  # spikes that say how long they were recorded
_STRAYS = 0.05  # share of the spikes off the path; where so few are, a clock in another unit did not put them there


@brief
class Scales(NamedTuple):
    """Names, in messages, of what scales the times: options of a command, or arguments of a function."""

    path: str = "time_scale"
    units: str = "spike_time_scale"


class _Doubt(NamedTuple):
    """Why times are hardly seconds and what they look like, and whether that is certain enough to refuse them."""

    text: str
    sure: bool


def check_time_units(
    times: Float[np.ndarray, " time"],
    positions: Float[np.ndarray, "time 2"],
    spike_times: Float[np.ndarray, " spikes"] | None = None,
    *,
    certain: bool = False,
    scales: Scales | None = None,
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
    scales
        What puts times right, to be named in messages; None where who reads them has the arrays and can multiply.

    Raises
    ------
    UserError
        Where they cannot be: frame numbers or milliseconds beside seconds. It says what they look like and what puts
        them right.

    """
    doubts = [_doubt_of_speed(times, positions, scales)]
    if spike_times is not None:
        doubts.insert(0, _doubt_of_spans(_Clocks(times, positions, spike_times, "spikes", scales)))
    return _notes(doubts, certain, scales)


def check_activity_clock(
    times: Float[np.ndarray, " time"],
    positions: Float[np.ndarray, "time 2"],
    frames: Float[np.ndarray, " frames"],
    *,
    certain: bool = False,
    scales: Scales | None = None,
) -> list[str]:
    """The same of a path and the times of activities that have a clock of their own; the speed is not looked at."""
    return _notes([_doubt_of_spans(_Clocks(times, positions, frames, "activity", scales))], certain, scales)


def _notes(doubts: list[_Doubt | None], certain: bool, scales: Scales | None) -> list[str]:
    notes = []
    for doubt in doubts:
        if doubt is not None and doubt.sure and not certain:
            unless = f"; if they are right as they are, say {scales.path} 1" if scales else ""
            raise UserError(f"{doubt.text}{unless}")
        if doubt is not None:
            notes.append(f"{DOUBT}: {doubt.text}")
    return notes


class _Clocks(NamedTuple):
    """A path, and times of units that should be on its clock: of "spikes", or of frames of the "activity"."""

    times: Float[np.ndarray, " time"]
    positions: Float[np.ndarray, "time 2"]
    unit_times: Float[np.ndarray, " some"]
    whose: str
    scales: Scales | None

    @property
    def path_s(self) -> float:
        return float(self.times[-1] - self.times[0])

    @property
    def units_s(self) -> float:
        return float(np.ptp(self.unit_times))

    @property
    def spans(self) -> str:
        return f"the path spans {self.path_s:,.6g} s and the {self.whose} {self.units_s:,.6g} s"

    def remedy_of_path(self, factor: float) -> str:
        return _remedy(self.scales and self.scales.path, factor)

    def remedy_of_units(self, factor: float) -> str:
        return _remedy(self.scales and self.scales.units, factor)


def _doubt_of_spans(clocks: _Clocks) -> _Doubt | None:
    if len(clocks.unit_times) < _FEWEST or not clocks.units_s > 0:
        return None
    if clocks.path_s > _LIKELY * clocks.units_s:
        return _doubt_of_longer_path(clocks)
    if clocks.units_s > _LIKELY * clocks.path_s:
        return _doubt_of_shorter_path(clocks)
    return _doubt_of_ends(clocks)


def _doubt_of_longer_path(clocks: _Clocks) -> _Doubt:
    """Frame numbers or another unit in one of the two, or units recorded along a part of the path."""
    factor = clocks.units_s / clocks.path_s
    sure = factor < 1 / _SURE
    path, units = f"{clocks.spans}: the times of the path", f"{clocks.spans}: the times of the {clocks.whose}"
    if step := _counted(clocks.times):
        text = f"{path} count {_counting(step)}, as frame numbers do, at about {1 / factor:.3g} a second"
        return _Doubt(f"{text}; {clocks.remedy_of_path(factor)}", True)
    if not _fits_seconds(clocks.times, clocks.positions):
        unit = _unit(factor) or "another unit than seconds"
        return _Doubt(f"{path} look like {unit}; {clocks.remedy_of_path(factor)}", sure)
    if unit := _unit(1 / factor):
        return _Doubt(f"{units} look like {unit}; {clocks.remedy_of_units(1 / factor)}", sure)
    subject = "the spikes" if clocks.whose == "spikes" else f"frames of the {clocks.whose}"
    return _Doubt(
        f"{clocks.spans}: {subject} cover a part of the path only, or are in another unit than seconds", False
    )


def _doubt_of_shorter_path(clocks: _Clocks) -> _Doubt | None:
    """The same the other way about; None where hardly any of the units' times lie off the path."""
    off_path = (clocks.unit_times < clocks.times[0]) | (clocks.unit_times > clocks.times[-1])
    if off_path.mean() <= _STRAYS:
        return None
    factor = clocks.path_s / clocks.units_s
    sure = clocks.units_s > _SURE * clocks.path_s
    unit = _unit(factor)
    if not unit and (longer := _unit(1 / factor)) and not _fits_seconds(clocks.times, clocks.positions):
        text = f"{clocks.spans}: the times of the path look like {longer}"
        return _Doubt(f"{text}; {clocks.remedy_of_path(1 / factor)}", sure)
    unit = unit or "frame numbers, samples or another unit than seconds"
    text, remedy = f"the times of the {clocks.whose} look like {unit}", clocks.remedy_of_units(factor)
    integers = bool((clocks.unit_times == np.rint(clocks.unit_times)).all())
    if sure or integers:
        return _Doubt(f"{clocks.spans}: {text}; {remedy}", True)
    subject = "spikes were" if clocks.whose == "spikes" else "activity was"
    return _Doubt(f"{clocks.spans}: most {subject} recorded without the path, or {text} ({remedy})", False)


def _doubt_of_ends(clocks: _Clocks) -> _Doubt | None:
    """Doubts where the spans differ by a small factor, which is no unit of time: another rate, or a pause."""
    whose, scales = clocks.whose, clocks.scales
    ends = unequal_ends(clocks.times, clocks.unit_times, "spikes" if whose == "spikes" else f"frames of the {whose}")
    if ends is None:
        return None
    if ends.factor is None:
        return _Doubt(f"{ends.text}: are both on one clock? Or {ends.otherwise}", False)
    usual = usual_factor(ends.factor)
    if usual is None:
        correction = f" ({scales.path} or {scales.units} puts that right)" if scales else ""
    elif scales:
        correction = f" ({scales.path} {_digits(1 / usual)} or {scales.units} {_digits(usual)} puts that right)"
    else:
        correction = (
            f" (those of the path by {_digits(1 / usual)}, or those of the {whose} by {_digits(usual)} are right then)"
        )
    size = max(usual or ends.factor, 1 / (usual or ends.factor))
    off = f"the clocks are off by a factor of about {size:.3g}{correction}"
    return _Doubt(f"{ends.text}: {off}, or {ends.otherwise}", False)


def _doubt_of_speed(
    times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"], scales: Scales | None
) -> _Doubt | None:
    speed, interval, step = _speed(times, positions), typical_interval(times), _counted(times)
    slow_text = f"19 of 20 moments the animal moves at less than {speed:.3g} m/s, a sample each {interval:.4g} s"
    # Of frames that follow each other, a speed over many of them tells more: few are between two turns.
    paced = min(speed, _speed(times, positions, _LAG)) if step == 1 else speed
    if step and paced < _FRAMES_SLOW:
        text = f"the times of the path count {_counting(step)}, as frame numbers do"
        scale = f"{scales.path} with" if scales else "multiply them by"
        return _Doubt(f"{slow_text}: {text}; {scale} the seconds of a frame (0.02 at 50 a second)", True)
    if speed < _SLOW:
        for factor, unit in _UNITS[:3]:
            if 10 * _SLOW <= speed / factor <= _FAST:
                return _Doubt(f"{slow_text}: {_looks(unit, factor, scales)}", interval > 1)
        return _Doubt(f"{slow_text}: it hardly moves, or times or positions are in another unit", False)
    if speed < _FRAMES_SLOW and interval >= _LONGEST_S:
        return _Doubt(f"{slow_text}: it is slow for an animal; are these frame numbers, or in another unit?", False)
    if speed > _HASTY and interval < _SHORTEST_S:
        for factor, unit in _UNITS[3:]:
            if speed / factor <= _HASTY:
                hasty = f"one moment in 20 the animal moves faster than {speed:.3g} m/s, a sample each {interval:.2g} s"
                return _Doubt(f"{hasty}: {_looks(unit, factor, scales)}", True)
    if speed > _HASTY:
        fast = f"one moment in 20 the animal moves faster than {speed:.3g} m/s"
        return _Doubt(f"{fast}: times or positions are in another unit, or samples out of order", False)
    return None


def _speed(times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"], lag: int | None = None) -> float:
    """Meters a second that 19 of 20 moments stay below; by default over a second, or as few or many samples."""
    samples = int(np.clip(_LAG_S / typical_interval(times), 1, _LAG)) if lag is None else lag
    samples = min(samples, len(times) - 1)
    distance = np.linalg.norm(positions[samples:] - positions[:-samples], axis=1)
    return float(np.quantile(distance / (times[samples:] - times[:-samples]), 0.95))


def _fits_seconds(times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"]) -> bool:
    """Whether the path's speed is plausible in seconds, so that it is the other times that are to be doubted."""
    interval = typical_interval(times)
    slowest = _SLOW if interval <= _LONGEST_S else _FRAMES_SLOW
    return interval >= _SHORTEST_S and slowest <= _speed(times, positions) <= _HASTY


def _looks(unit: str, factor: float, scales: Scales | None) -> str:
    advice = f"{scales.path} {_digits(factor)}" if scales else f"multiplied by {_digits(factor)} they are seconds"
    return f"the times look like {unit}; {advice}"


def _remedy(scale: str | None, factor: float) -> str:
    """Advice that turns times into seconds: to give the scale of this name, or (None) to multiply the array.

    A scale that is 1 % off moves the last spikes of ten minutes by 6 s, which leaves no lattice: a factor that is known
    only approximately is offered as such.
    """
    unit = _near_unit(factor)
    rates = [rate for rate in (*_CAMERAS, *_AMPLIFIERS) if abs(factor * rate - 1) < _USUAL]
    before = condition = ""
    if unit is not None:
        number = _digits(unit[0])
    elif rates:
        rate = min(rates, key=lambda rate: abs(factor * rate - 1))
        number = _digits(1 / rate)
        condition = f", if the {'camera' if rate in _CAMERAS else 'amplifier'} ran at {rate:,.9g} Hz"
    else:
        before, number = "with ", f"the exact seconds of a frame or sample, about {float(f'{factor:.3g}'):g},"
    remedy = f"{scale} {before}{number} makes seconds of them" if scale else f"multiplied by {number} they are seconds"
    return f"{remedy}{condition}"


def _counted(times: Float[np.ndarray, " time"]) -> int:
    """Step of times that count samples (whole numbers up to rounding, lost samples skipped); 0 for other times."""
    number = times - times[0]
    integers = np.rint(number)
    if (np.abs(number - integers) > 1e-3).any() or (np.diff(integers) < 1).any():
        return 0
    step = int(np.median(np.diff(integers)))
    return step if step <= _LARGEST_STEP else 0


def _counting(step: int) -> str:
    return f"{step}, {2 * step}, {3 * step}, ..."


def _near_unit(factor: float) -> tuple[float, str] | None:
    """The unit of time, in seconds and by name, that is near to ``factor`` seconds."""
    return next((unit for unit in _UNITS if 0.5 < factor / unit[0] < 2), None)


def _unit(factor: float) -> str:
    """Name of the unit of time near to ``factor`` seconds; empty if none is."""
    unit = _near_unit(factor)
    return "" if unit is None else unit[1]


def _digits(scale: float) -> str:
    """A scale with seven digits: enough for the last of a million samples to be in its place."""
    return np.format_float_positional(float(f"{scale:.7g}"), trim="-")
