"""Recordings of ideal grid cells: the truth that benchmarks measure against, written anew and owing sicgrid nothing."""

import math

import numpy as np

SAMPLE_RATE = 50.0  # Hz
SMOOTHING_M = 0.05  # what an imported recording of spikes gets
_SPEED, _MEMORY_S = 0.2, 0.5  # of the walker: m/s on each axis, and how long it keeps a velocity
_SHUNNED_M, _PUSH = 0.1, 20.0  # how near to a wall a shy walker is turned away, 1/s^2 per meter beyond
_SHARPNESS = 0.8  # of the fields: their standard deviation is 0.13 of the spacing


def walk(box: float, minutes: float, shuns: bool, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Times and positions of a walker with smooth velocity (Ornstein-Uhlenbeck), reflected at the walls."""
    steps, step = round(60 * minutes * SAMPLE_RATE), 1 / SAMPLE_RATE
    keep = math.exp(-step / _MEMORY_S)
    kicks = _SPEED * math.sqrt(1 - keep**2) * generator.normal(size=(2, steps))
    half, path = box / 2, np.empty((steps, 2))
    for axis in range(2):
        place, velocity = float(generator.uniform(-half, half)), 0.0
        for number, kick in enumerate(kicks[axis].tolist()):
            velocity = keep * velocity + kick
            if shuns and abs(place) > half - _SHUNNED_M:
                velocity -= step * _PUSH * math.copysign(abs(place) - half + _SHUNNED_M, place)
            place += step * velocity
            if abs(place) > half:
                place, velocity = math.copysign(box, place) - place, -velocity
            path[number, axis] = place
    return np.arange(steps) * step, path


def grid_rates(places: np.ndarray, spacing: float, turn: float, phase: np.ndarray) -> np.ndarray:
    """1 in the middle of a field: ``exp(c (sum of three cosines - 3))``, waves at 60 degrees from each other."""
    angles = np.deg2rad(turn + np.array([30, 90, 150]))  # a wave runs across a row of fields
    waves = 4 * np.pi / (math.sqrt(3) * spacing) * np.stack([np.cos(angles), np.sin(angles)])
    return np.exp(_SHARPNESS * (np.cos((places - phase) @ waves).sum(axis=1) - 3))


def spikes_along(
    times: np.ndarray, path: np.ndarray, peak: float, rate_at: list, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Times and units of Poisson spikes: as many as at the peak's rate all along, each kept with its place's share."""
    fired, owners = [], []
    for unit, share in enumerate(rate_at):
        number = generator.poisson(peak * (times[-1] - times[0]))
        moments = generator.uniform(times[0], times[-1], number)
        places = np.stack([np.interp(moments, times, path[:, axis]) for axis in range(2)], axis=1)
        moments = moments[generator.random(number) < share(places)]
        fired.append(moments)
        owners.append(np.full(len(moments), unit))
    return np.concatenate(fired), np.concatenate(owners)
