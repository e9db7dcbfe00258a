"""What the trained baselines share: walks to train on, and the descent; torch, nothing on disk, nothing printed."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..trajectories import WalkConfig, arena_walks
from ._baseline import Progress, Weights

_SPREAD = 30  # steps after which smooth walks from the center have spread over a box of 2 m
_REPORT_EVERY = 100  # steps; reading the loss waits for the device


class Walk(NamedTuple):
    """A batch of walks that begin at random places in the box, meters."""

    start: Float[Tensor, "batch 2"]
    displacements: Float[Tensor, "batch time 2"]
    places: Float[Tensor, "batch time 2"]


def training_walks(box_m: float, batch: int, steps: int, max_speed: float, generator: np.random.Generator) -> Walk:
    """Smooth walks as those of the evaluation, their first 30 steps from the center left out.

    Ours: the supervised papers take the simulated rat of Raudies and Hasselmo 2012, at 2 cm per step. Steps of up to
    `max_speed` meters are those that all networks of this package are walked with.
    """
    config = WalkConfig(animals=batch, steps=_SPREAD + steps, max_speed=max_speed)
    walks = arena_walks(box_m, config, generator)
    positions, velocities = (torch.from_numpy(array[:batch]) for array in walks)
    return Walk(positions[:, _SPREAD - 1], velocities[:, _SPREAD:], positions[:, _SPREAD:])


def descend(
    loss: Callable[[], Float[Tensor, ""]],
    optimizer: torch.optim.Optimizer,
    steps: int,
    progress: Progress | None,
) -> None:
    """Make `steps` steps of the optimizer on a loss that draws its own batches.

    FloatingPointError when the loss is not finite, within 100 steps of where it happened.
    """
    for step in range(steps):
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % _REPORT_EVERY == 0 or step == steps - 1:
            loss_value = float(value.detach())
            if not np.isfinite(loss_value):
                raise FloatingPointError(f"the loss is {loss_value} at step {step}; lower the learning rate")
            if progress is not None:
                progress(step + 1, steps, loss_value)


def as_weights(module: torch.nn.Module) -> Weights:
    """A module's tensors by name."""
    return {name: tensor.detach().cpu().numpy().copy() for name, tensor in module.state_dict().items()}


def seeded(seed: int, make: Callable[[], torch.nn.ModuleDict]) -> torch.nn.ModuleDict:
    """A module whose initial weights are drawn from a seed; torch's global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()
