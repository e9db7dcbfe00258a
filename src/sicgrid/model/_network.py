"""What training, evaluation and analysis ask of a network, whatever it is made of."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ._config import ModelConfig


class Rollout(NamedTuple):
    """States after each step, and the state before the first; of many networks along a leading axis."""

    states: Float[Tensor, "*networks batch time units"]
    initial_state: Float[Tensor, "*networks units"]


class Network(nn.Module, ABC):
    """A recurrent network that velocities alone carry along; states are non-negative unit vectors."""

    config: ModelConfig
    kernels: str
    """One of the names in `sicgrid.kernels.choose`."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """Of its weights."""
        return next(self.parameters()).dtype

    @property
    @abstractmethod
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""

    @abstractmethod
    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, either from velocities (B, T, 2) or from distinct velocities (K, 2) and an order (B, T).

        With an order, step t of trajectory b has velocity ``velocities[order[b, t]]`` and W is evaluated once for each
        distinct velocity. Units: metres per step. ValueError when the shapes do not fit.
        """

    @abstractmethod
    def apart(self, rollout: Rollout) -> list[Rollout]:
        """A rollout as those of its populations, each of unit states by itself; a list of one for one."""

    @abstractmethod
    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, each at its own velocity; of many states at one velocity along leading axes.

        W is evaluated once for each velocity.
        """
