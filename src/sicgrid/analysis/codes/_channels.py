"""Channels that damage a state, and what a decoder minimizes to read a place from the damaged state."""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

Channel = Literal["gaussian", "loss", "quantization"]
Decoder = Literal["nearest", "likelihood"]

DEFAULT_LEVELS: dict[Channel, tuple[float, ...]] = {
    "gaussian": (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
    "loss": (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9),
    "quantization": (2, 3, 4, 6, 8, 16, 32),
}
"""Levels of damage when none are given: standard deviation per unit; share of units; number of values of a unit."""

_LEAST_VARIANCE = 1e-6  # a standard deviation of 0.001 of a state's norm: float32 states of a network are not finer


class Damaged(NamedTuple):
    """States behind the channel."""

    states: Float[np.ndarray, "sample unit"]
    remaining: Bool[np.ndarray, "sample unit"] | None
    """Units not lost; None when none can be."""
    variance: Float[np.ndarray, " unit"]
    """Of the noise that the channel adds to each unit."""


def damaged_states(
    states: Float[np.ndarray, "sample unit"],
    peaks: Float[np.ndarray, " unit"],
    channel: Channel,
    level: float,
    generator: np.random.Generator,
) -> Damaged:
    """States sent through the channel; `peaks` are the units' largest values, which set the steps of quantization."""
    units = states.shape[1]
    if channel == "gaussian":
        noise = level * generator.standard_normal(states.shape)
        return Damaged(states + noise, None, np.full(units, level**2))
    if channel == "loss":
        rank = generator.random(states.shape).argsort(axis=1).argsort(axis=1)
        remaining = rank >= round(level * units)
        return Damaged(states * remaining, remaining, np.zeros(units))
    step = peaks / (level - 1)
    values = np.divide(states, step, out=np.zeros_like(states), where=step > 0)
    return Damaged(step * np.rint(values), None, step**2 / 12)


def decoding_cost(
    damaged: Damaged,
    templates: Float[np.ndarray, "place unit"],
    decoder: Decoder,
    place_variance: Float[np.ndarray, "place unit"] | None,
) -> Float[np.ndarray, "sample place"]:
    """What the decoder minimizes over places, up to terms that are the same for all places.

    ``nearest``: ``||s - t||^2``, s the damaged state and t the template of a place. ``likelihood``: minus twice the log
    likelihood of the units that are left, ``sum over units of (s - t)^2 / v + log v``, where v is the variance of the
    channel's noise plus `place_variance`, that of the states of the place itself.
    """
    states = damaged.states
    if decoder == "nearest":
        cost = -2 * states @ templates.T
        cost += (templates**2).sum(axis=1)  # in place: new pages would take a third of the product's time
        return np.asarray(cost)
    noise = damaged.variance + (0.0 if place_variance is None else place_variance)
    variance = np.broadcast_to(np.maximum(noise, _LEAST_VARIANCE), templates.shape)
    remaining = np.ones_like(states) if damaged.remaining is None else damaged.remaining.astype(np.float64)
    weight = 1 / variance
    cost = (remaining * states**2) @ weight.T - 2 * (remaining * states) @ (weight * templates).T
    return np.asarray(cost + remaining @ (weight * templates**2 + np.log(variance)).T)
