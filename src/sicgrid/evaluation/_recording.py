"""A network's states along walks through an arena."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy
import torch
from jaxtyping import Float, Int
from torch import Tensor

from .._clock import Stretches
from .._repr import brief
from .._single import beyond_single, why_beyond
from ..kernels import Pace, same_bits_on_two
from ..model import Network, is_of_ours
from ..trajectories import WalkConfig, arena_walks

MOST_SAMPLES = 10**8  # of walks: 51 GB of states of 128 units
CHUNK_BYTES = 64 * 2**20  # of `Network.step_bytes` at once


@brief
@dataclass(frozen=True)
class Recording:
    """Paths of many animals in a square arena and the network's state after each step; plain float32 arrays.

    ``activity`` is what the units do: of a network its states, of a recording rates or whatever was measured. Of spikes
    (one animal's) it is the rates (Hz) as a scipy.sparse array (time, units), and ``seconds`` says how long each sample
    stands for: spikes stay spikes until they are binned by place.

    Raises
    ------
    ValueError
        If the arrays do not belong together, or ``arena`` is not a positive length: a recording read from disk is
        checked too.

    """

    positions: Float[np.ndarray, "animals time 2"]  # meters, origin at the arena's center
    velocities: Float[np.ndarray, "animals time 2"]  # meters per step; the step that led to the position
    activity: Any  # (animals, time, units), or sparse (time, units)
    initial_state: Float[np.ndarray, " units"]  # at position 0, before the first step
    arena: float  # side, meters
    seconds: Float[np.ndarray, " time"] | None = None  # that each sample stands for; None: all equally long
    stretches: Stretches | None = None  # of the tracking, which had gaps between them; None: not known

    @property
    def spikes(self) -> bool:
        """Whether the activity are rates of spikes, kept sparse."""
        return bool(scipy.sparse.issparse(self.activity))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Animals, samples of each, units."""
        return (1, *self.activity.shape) if self.spikes else self.activity.shape

    @property
    def states(self) -> Any:
        """The activity, by the name that it had in version 0.1."""
        return self.activity

    def rows(self, chosen: Int[np.ndarray, " some"]) -> Float[np.ndarray, "some units"]:
        """Activity at some samples, counted through all animals, written out."""
        if self.spikes:
            return np.asarray(self.activity[chosen].toarray(), dtype=np.float32)
        return np.asarray(self.activity.reshape(-1, self.shape[2])[chosen])

    def __post_init__(self) -> None:
        if self.activity.ndim != (2 if self.spikes else 3):
            raise ValueError(f"activity must be (animals, time, units), got shape {self.activity.shape}")
        animals, time, units = self.shape
        expected = {"positions": (animals, time, 2), "velocities": (animals, time, 2), "initial_state": (units,)}
        for name, shape in expected.items():
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"{name} must have shape {shape} to fit activity, got {actual}")
        if self.seconds is not None and (animals != 1 or self.seconds.shape != (time,)):
            raise ValueError(f"seconds must be one number for each of {time} samples of one animal")
        if self.stretches is not None:
            first, begins = self.stretches
            within = len(first) and first[0] == 0 and (np.diff(first) > 0).all() and first[-1] < time
            if self.seconds is None or not within or first.shape != begins.shape:
                raise ValueError(f"stretches must begin at some of the {time} samples, the first at sample 0")
        if not (math.isfinite(self.arena) and self.arena > 0):
            raise ValueError(f"arena must be a positive side length in meters, got {self.arena!r}")


def record(
    rnn: Network, arena: float, config: WalkConfig, seed: int, on_progress: Callable[[int, int], None] | None = None
) -> Recording:
    """Walk a network through a box of ``arena`` meters a side, many animals at once, and keep every state.

    Parameters
    ----------
    rnn
        The network; runs on its own device and in its own dtype.
    arena
        Side of the square box, meters.
    config
        The walks; see :func:`sicgrid.trajectories.arena_walks`.
    seed
        Determines the walks; the rollout itself has no randomness.
    on_progress
        As for `record_along`.

    Raises
    ------
    ValueError
        If ``arena`` or ``seed`` is out of range, or ``arena`` asks for more than ``MOST_SAMPLES`` samples.

    """
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}")
    animals = config.animals_in(arena) if math.isfinite(arena) else 0
    if animals > config.animals and animals * config.steps > MOST_SAMPLES:
        raise ValueError(
            f"a box of {arena:g} m takes {animals:,} animals of {config.steps:,} steps each, above {MOST_SAMPLES:,} in "
            "all; is arena in meters? Otherwise take fewer animals"
        )
    walks = arena_walks(arena, config, np.random.default_rng(seed))
    return record_along(rnn, walks.positions, walks.velocities, arena, on_progress)


@torch.no_grad()
def record_along(
    rnn: Network,
    positions: Float[np.ndarray, "animals time 2"],
    velocities: Float[np.ndarray, "animals time 2"],
    arena: float,
    on_progress: Callable[[int, int], None] | None = None,
) -> Recording:
    """Take a network along given paths from the origin and keep every state.

    Parameters
    ----------
    rnn
        As for `record`.
    positions
        Meters, the origin at the center of the box of ``arena`` meters a side; place after each step.
    velocities
        Meters per step, the displacements that lead there; what the network sees.
    arena
        Side of the box, meters.
    on_progress
        Told after each step how many steps of all animals are done, and of how many.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or states are not finite in single precision.

    Notes
    -----
    On a walk every velocity is another one, so W(v) would have to be evaluated for each step of each animal; all of
    them at once would be 5 GB at 128 units and 80,000 steps. Animals go in chunks, by `Network.stepper`: memory beyond
    the recording itself is ``CHUNK_BYTES`` for the largest array of a step, and some hundred MB with what torch adds.

    """
    initial_state = rnn.initial_state.detach()
    animals, steps, _ = velocities.shape
    units = initial_state.shape[-1]
    chunk = max(1, CHUNK_BYTES // rnn.step_bytes)
    states = np.empty((animals, steps, units), dtype=np.float32)
    take_step = _paced_stepper(rnn)
    for first in range(0, animals, chunk):
        velocities_of_chunk = torch.from_numpy(velocities[first : first + chunk]).to(rnn.device, rnn.dtype)
        state = initial_state.expand(len(velocities_of_chunk), -1)
        for step in range(steps):
            state = take_step(state, velocities_of_chunk[:, step])
            as_single = state.float().cpu().numpy()
            if beyond_single(as_single).any():
                why = why_beyond(state.double().cpu().numpy())
                raise ValueError(f"at step {step + 1} of a walk the states hold {why}")
            states[first : first + chunk, step] = as_single
            if on_progress is not None:
                on_progress(first * steps + (step + 1) * len(velocities_of_chunk), animals * steps)
    return Recording(positions, velocities, states, initial_state.float().cpu().numpy(), float(arena))


def _paced_stepper(rnn: Network) -> Callable[[Tensor, Tensor], Tensor]:
    """The network's stepper; of ours, on a CPU, with short steps on one thread or two, whichever is faster."""
    take_step = rnn.stepper()
    if not is_of_ours(rnn) or rnn.device.type != "cpu":
        return take_step
    pace = Pace()

    def paced(state: Tensor, velocities: Tensor) -> Tensor:
        step = partial(take_step, state, velocities)
        if not rnn.has_short_steps(len(state)):
            return step()
        return pace.run(step, lambda: same_bits_on_two(lambda: [step()]), len(state))

    return paced
