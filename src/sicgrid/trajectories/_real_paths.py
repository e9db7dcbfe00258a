"""A real animal's path as steps that a network can take."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .._clock import typical_interval
from .._repr import brief

LONGEST_STEP = 10.0  # s


@brief
class RealWalk(NamedTuple):
    """A path cut into stretches, each led from the origin to where it begins.

    ``positions[a, t]`` (meters, float32) is the place after step t and ``velocities[:, t]`` the displacement that led
    there, as in `Walks`; the first ``lead`` steps of each stretch are the straight way to its beginning. ``step_s`` are
    the seconds of a step, ``scale`` the network's meters per meter of the path.
    """

    positions: Float[np.ndarray, "stretches steps 2"]
    velocities: Float[np.ndarray, "stretches steps 2"]
    step_s: float
    scale: float
    lead: int


def real_walk(
    times: Float[np.ndarray, " time"],
    positions: Float[np.ndarray, "time 2"],
    max_speed: float = 0.15,
    *,
    step_s: float | None = None,
    scale: float = 1.0,
    stretch: int = 400,
) -> RealWalk:
    """Resample a path to steps that the network was trained on.

    The path, linear between its samples, is read every ``step_s`` seconds and multiplied by ``scale``. It is then cut
    into the fewest stretches of equal length with at most ``stretch`` steps each.

    Parameters
    ----------
    times : (time,)
        Seconds, increasing.
    positions : (time, 2)
        Meters, the origin at the box's center, where the network's walk begins.
    max_speed : float
        The longest step, meters; the training's, above which the network has seen nothing.
    step_s : float
        Seconds of a step. By default the longest multiple of the path's typical interval up to which no step is longer
        than ``max_speed``.
    scale : float
        The network's meters per meter of the path.
    stretch : int
        The most steps of a stretch.

    Raises
    ------
    ValueError
        For arrays that do not fit, times that do not increase, numbers out of range, or when a step would be longer
        than ``max_speed``.

    Notes
    -----
    Why stretches: a network was trained on some 60 steps, and errors of path integration add up; ten minutes in one
    piece would show the sum of 2,000 errors. Why a straight lead: the network's only known place is the origin.
    Limits: gaps in the tracking are bridged by straight lines; turns within a step are lost.

    >>> times = np.arange(101) / 10  # ten seconds along a line at 5 cm/s
    >>> walk = real_walk(times, np.stack([0.05 * times, 0 * times], axis=1), max_speed=0.151)
    >>> walk.step_s, walk.positions[0, :, 0].round(2).tolist()
    (3.0, [0.0, 0.15000000596046448, 0.30000001192092896, 0.44999998807907104])

    """
    clock, places = np.asarray(times, dtype=np.float64), np.asarray(positions, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2 or clock.shape != places.shape[:1] or len(clock) < 2:
        raise ValueError(f"times must be (time,) and positions (time, 2), got {clock.shape} and {places.shape}")
    if not (np.isfinite(clock).all() and np.isfinite(places).all() and (np.diff(clock) > 0).all()):
        raise ValueError("times and positions must be finite and times must increase; drop samples without a position")
    for name, value in {"max_speed": max_speed, "scale": scale}.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive and finite, got {value!r}")
    if stretch < 1:
        raise ValueError(f"stretch must be 1 step or more, got {stretch}")
    places = scale * places
    if step_s is None:
        step_s = longest_step(clock, places, max_speed)
    elif not (math.isfinite(step_s) and 0 < step_s <= clock[-1] - clock[0]):
        raise ValueError(f"step_s must be positive and within the path's {clock[-1] - clock[0]:g} s, got {step_s!r}")
    path = _resampled(clock, places, step_s)
    longest = _longest_move(path)
    if longest > max_speed:
        raise ValueError(
            f"with step_s={step_s:g} s the longest step is {longest:.3g} m, above max_speed={max_speed:g} m; "
            "take shorter steps or a smaller scale"
        )
    count = math.ceil((len(path) - 1) / stretch)
    steps = (len(path) - 1) // count
    # A stretch's first place is the last one before its steps, so that no step of the path is lost.
    stretches = path[np.arange(count)[:, None] * steps + np.arange(steps + 1)]
    lead_steps = max(1, math.ceil(np.linalg.norm(stretches[:, 0], axis=1).max() / max_speed))
    approach = stretches[:, :1] * (np.arange(1, lead_steps + 1) / lead_steps)[:, None]
    walked = np.concatenate([approach, stretches[:, 1:]], axis=1).astype(np.float32)
    return RealWalk(walked, np.diff(walked, axis=1, prepend=np.float32(0.0)), float(step_s), float(scale), lead_steps)


def longest_step(times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"], max_speed: float) -> float:
    """Seconds of the longest step, a multiple of the typical interval, up to which none is longer than ``max_speed``.

    At most 10 s. ``ValueError`` if even one interval is too long.
    """
    interval = typical_interval(times)
    multiple = 0
    while (multiple + 1) * interval <= min(LONGEST_STEP, float(times[-1] - times[0])):
        if _longest_move(_resampled(times, positions, (multiple + 1) * interval)) > max_speed:
            break
        multiple += 1
    if not multiple:
        jump = _longest_move(_resampled(times, positions, interval))
        raise ValueError(
            f"positions move up to {jump:.3g} m between samples {interval:g} s apart, above "
            f"max_speed={max_speed:g} m a step: are they in meters, is the tracking lost somewhere?"
        )
    # Rounded: as a difference of float times an interval of 0.02 s is 0.01999999 s.
    return round(multiple * interval, 6)


def _resampled(
    times: Float[np.ndarray, " time"], positions: Float[np.ndarray, "time 2"], step_s: float
) -> Float[np.ndarray, "steps 2"]:
    """Positions every `step_s` seconds from the first sample on, linear between samples."""
    # A little beyond the end, so that rounding does not lose the last whole step.
    ticks = times[0] + step_s * np.arange(math.floor((times[-1] - times[0]) / step_s + 1e-9) + 1)
    return np.stack([np.interp(ticks, times, positions[:, axis]) for axis in range(2)], axis=1)


def _longest_move(path: Float[np.ndarray, "steps 2"]) -> float:
    """Largest distance between consecutive positions, meters."""
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).max(initial=0.0))
