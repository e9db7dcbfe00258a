"""What training asks of a sampler of batches, whatever the paths in them are."""

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class Batch(Protocol):
    """A named tuple of tensors, at least these two; the objective may ask for any of them by name."""

    @property
    def velocities(self) -> Float[Tensor, "batch time 2"]:
        """Meters per step; the step that leads to the position."""

    @property
    def positions(self) -> Float[Tensor, "batch time 2"]:
        """Meters."""

    def _asdict(self) -> dict[str, Any]: ...


@runtime_checkable
class Sampler(Protocol):
    """Draws batches of trajectories."""

    def sample(self, generator: torch.Generator | None = None) -> Batch:
        """A batch; all randomness must come from `generator`, on its device, for a resumed run to be the same."""


def network_inputs(batch: Batch) -> tuple[Tensor, ...]:
    """What a network is called with: distinct velocities and their order where the batch has them, else velocities.

    >>> from sicgrid.trajectories import PermutedVelocities
    >>> batch = PermutedVelocities(batch_size=4, length=10).sample()
    >>> [tensor.shape for tensor in network_inputs(batch)]
    [torch.Size([10, 2]), torch.Size([4, 10])]
    """
    tensors = batch._asdict()
    if {"distinct", "order"} <= tensors.keys():
        return tensors["distinct"], tensors["order"]
    return (batch.velocities,)
