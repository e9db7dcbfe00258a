"""Random walks of many animals in a square box, for evaluation: smooth as an animal's, or jerky as training's."""

import math
from typing import Literal, NamedTuple

import numpy as np
import scipy
from jaxtyping import Float
from pydantic import Field

from .._repr import brief
from .._settings import Settings

REFERENCE_ARENA = 2.0  # m; the box for which WalkConfig.animals is meant


class WalkConfig(Settings):
    """How animals walk in an arena when a network is evaluated.

    The number of animals grows with the arena's area above the 2 m box, so that a bin of a rate map is visited as
    often in a large box as in a small one (:meth:`animals_in`).
    """

    animals: int = Field(
        200,
        gt=0,
        description="Animals in a box of up to 2 m a side; a larger box gets more, in proportion to its area. "
        "Source: ours (with 400 steps about 50 samples per 5 cm bin).",
    )
    steps: int = Field(
        400,
        gt=0,
        description="Steps of each animal. Source: ours (several times the training's 60, to see drift; many animals "
        "rather than long paths, because a path's errors add up).",
    )
    kind: Literal["smooth", "iid"] = Field(
        "smooth",
        description="smooth: as an animal's path, heading and speed change gradually; iid: independent uniform "
        "velocities as in training. Source: paper (trained on iid, shown on smooth).",
    )
    max_speed: float = Field(
        0.15,
        gt=0,
        allow_inf_nan=False,
        description="Largest speed, meters per step (iid: per axis). Source: paper (the range of its training).",
    )
    speed_time: float = Field(
        10.0,
        ge=0,
        allow_inf_nan=False,
        description="Smooth walks: correlation time of the speed, steps. Source: ours.",
    )
    turning: float = Field(
        0.15,
        ge=0,
        allow_inf_nan=False,
        description="Smooth walks: standard deviation of the heading's change, radians per step. Source: ours "
        "(9 degrees; with turning_time 5 a heading is kept for about 9 steps, 0.7 m).",
    )
    turning_time: float = Field(
        5.0,
        ge=0,
        allow_inf_nan=False,
        description="Smooth walks: correlation time of the turning, steps. Source: ours.",
    )

    def animals_in(self, arena: float) -> int:
        """Animals in a box of ``arena`` meters a side: ``animals``, or that times the area over 4 m^2 if it is more."""
        return max(self.animals, math.ceil(self.animals * (arena / REFERENCE_ARENA) ** 2))


@brief
class Walks(NamedTuple):
    """Paths in a square arena whose center is the origin, all starting there.

    ``positions[:, t]`` (meters, float32) is the place after step t; ``velocities[:, t]`` (meters per step, float32) is
    the displacement that led there, so that ``velocities[:, 0] == positions[:, 0]``.
    """

    positions: Float[np.ndarray, "animals steps 2"]
    velocities: Float[np.ndarray, "animals steps 2"]


def arena_walks(arena: float, config: WalkConfig, generator: np.random.Generator) -> Walks:
    """Bounded random walks of ``config.animals_in(arena)`` animals from the center of a square box.

    A walk in the open plane is folded into the box as a billiard ball's path, on each axis
    x -> L/2 - |((x + L/2) mod 2L) - L|, L the side. ``smooth``: heading theta_t = theta_{t-1} + omega_t, omega an
    Ornstein-Uhlenbeck process (standard deviation ``turning``, time ``turning_time``), theta_0 uniform; speed uniform
    on (0, max_speed) at any one time and correlated over ``speed_time`` steps (a Gaussian Ornstein-Uhlenbeck process
    through its own distribution function). ``iid``: velocities uniform on [-max_speed, max_speed]^2.

    Parameters
    ----------
    arena
        Side of the box, meters.
    config
        Numbers and kind of the walks.
    generator
        The only source of randomness: equal states give equal walks.

    Raises
    ------
    ValueError
        If ``arena`` is not positive and finite.

    Notes
    -----
    Why folding: in the long run a folded isotropic walk is everywhere equally often, corners and walls included, which
    steering away from walls would spoil; and no step grows by it, so every velocity stays within the training's
    range. Limits: at a wall the heading jumps as a mirrored ray's, and an animal does not follow walls as a rat does.
    Early steps lie near the center: smooth paths have spread over a 4 m box after some 50 steps, iid paths need some
    ten times as long and leave its corners half as dense as the rest.

    Source: paper, evaluation on smooth paths in 2, 3 and 4 m boxes; the process is ours (the paper does not give it).

    >>> walks = arena_walks(2.0, WalkConfig(animals=3, steps=50), np.random.default_rng(0))
    >>> walks.positions.shape, bool((abs(walks.positions) <= 1.0).all())
    ((3, 50, 2), True)

    """
    if not (math.isfinite(arena) and arena > 0):
        raise ValueError(f"arena must be a positive side length in meters, got {arena!r}; give for example 2.0")
    animals = config.animals_in(arena)
    if config.kind == "iid":
        steps = generator.uniform(-config.max_speed, config.max_speed, (animals, config.steps, 2))
    else:
        steps = _smooth_velocities(animals, config, generator)
    positions = _fold(np.cumsum(steps, axis=1), arena)
    velocities = np.diff(positions, axis=1, prepend=np.float32(0.0))
    return Walks(positions, velocities)


def _smooth_velocities(
    animals: int, config: WalkConfig, generator: np.random.Generator
) -> Float[np.ndarray, "animals steps 2"]:
    """Meters per step; the ``smooth`` process of `arena_walks`."""
    turns = config.turning * _ornstein_uhlenbeck(animals, config.steps, config.turning_time, generator)
    heading = generator.uniform(-math.pi, math.pi, (animals, 1)) + np.cumsum(turns, axis=1)
    speed = config.max_speed * scipy.special.ndtr(
        _ornstein_uhlenbeck(animals, config.steps, config.speed_time, generator)
    )
    return np.stack((speed * np.cos(heading), speed * np.sin(heading)), axis=-1)


def _ornstein_uhlenbeck(
    animals: int, steps: int, time: float, generator: np.random.Generator
) -> Float[np.ndarray, "animals steps"]:
    """Stationary process of zero mean, unit variance and correlation exp(-lag/time); white noise for time 0."""
    values = generator.standard_normal((steps, animals))
    correlation = math.exp(-1.0 / time) if time > 0 else 0.0
    values[1:] *= math.sqrt(1.0 - correlation * correlation)
    for step in range(1, steps):
        values[step] += correlation * values[step - 1]
    return values.T


def _fold(free: Float[np.ndarray, "animals steps 2"], arena: float) -> Float[np.ndarray, "animals steps 2"]:
    """Positions in the open plane folded into the box: the triangle wave of period 2L and slope 1 through 0."""
    phase = np.mod(free + 0.5 * arena, 2.0 * arena)
    folded = (0.5 * arena - np.abs(phase - arena)).astype(np.float32)
    # float32(L/2) may lie above L/2, and a sample there would miss the last bin of a rate map.
    edge = np.float32(0.5 * arena)
    if float(edge) > 0.5 * arena:
        edge = np.nextafter(edge, np.float32(0.0))
    return np.clip(folded, -edge, edge)
