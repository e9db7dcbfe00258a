"""What training, evaluation and analysis ask of a network, whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import chain
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .._repr import brief
from .._settings import config_repr

SHORT_BYTES = 16 * 2**20  # of `Network.step_bytes` up to which a step is short


@brief
class Rollout(NamedTuple):
    """States after each step, and the state before the first; of many networks along a leading axis."""

    states: Float[Tensor, "*networks batch time units"]
    initial_state: Float[Tensor, "*networks units"]


class Network(nn.Module, ABC):
    """A recurrent network whose only input is velocity.

    A subclass must define `initial_state` and `step`; all else follows from them. The networks of this package have
    states that are non-negative unit vectors, and faster ways to roll out.

    >>> class Still(Network):
    ...     initial_state = torch.tensor([0.6, 0.8])
    ...     def step(self, state, velocity):
    ...         return state
    >>> Still()(torch.zeros(4, 3, 2)).states.shape  # four trajectories of three steps
    torch.Size([4, 3, 2])
    """

    kernels: str = "auto"
    """One of the names in `sicgrid.kernels.choose`."""
    sheet: Literal["ring", "line"] = "ring"
    """Whether the last unit is the first one's neighbor, for windows of neighbors."""

    def __repr__(self) -> str:
        return config_repr(self, super().__repr__())

    @property
    def device(self) -> torch.device:
        """Where its weights are; the CPU if it has none."""
        weight = self._any_weight()
        return torch.device("cpu") if weight is None else weight.device

    @property
    def dtype(self) -> torch.dtype:
        """Of its weights; torch's default if it has none."""
        weight = self._any_weight()
        return torch.get_default_dtype() if weight is None else weight.dtype

    @property
    def step_bytes(self) -> int:
        """Bytes that a step of one trajectory takes, by which recordings are split into chunks: here those of W(v)."""
        return int(self.initial_state.shape[-1]) ** 2 * self.dtype.itemsize

    @property
    @abstractmethod
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""

    @abstractmethod
    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, each at its own velocity; of many states at one velocity along leading axes.

        W is evaluated once for each velocity.
        """

    def stepper(self) -> Callable[[Tensor, Tensor], Tensor]:
        """`step` for long walks of many animals: states (batch, units), a velocity each, the weights as they are now.

        A network that has a faster way without gradients returns that; it equals `step` up to rounding.
        """
        return self.step

    def has_short_steps(self, states: int) -> bool:
        """Whether `stepper` makes steps of so many states in so little time that more than two threads gain little."""
        return states * self.step_bytes <= SHORT_BYTES

    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, either from velocities (B, T, 2) or from distinct velocities (K, 2) and an order (B, T).

        With an order, step t of trajectory b has velocity ``velocities[order[b, t]]``; networks that make a W(v) make
        it once for each distinct velocity. Units: meters per step.

        Raises
        ------
        ValueError
            When the shapes do not fit.

        """
        check_inputs(velocities, order)
        walked = velocities if order is None else velocities[order]
        initial_state = self.initial_state
        state, states = initial_state.expand(len(walked), -1), []
        for t in range(walked.shape[1]):
            state = self.step(state, walked[:, t])
            states.append(state)
        return Rollout(torch.stack(states, dim=1), initial_state)

    def project(self, vectors: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch units"]:
        """Vectors projected to the set of states, as a disturbed state must be before a step. Here: unchanged."""
        return vectors

    def by_population(self, rollout: Rollout) -> list[Rollout]:
        """A rollout as those of its populations, each of unit states by itself; here the rollout, in a list of one."""
        return [rollout]

    @property
    def window_refusal(self) -> str:
        """Why `training.window` must be 0 for this network, to follow that name in a message; empty if it need not."""
        return ""

    def _any_weight(self) -> Tensor | None:
        return next((weight for weight in chain(self.parameters(), self.buffers()) if weight.is_floating_point()), None)


def check_inputs(velocities: Tensor, order: Tensor | None) -> None:
    """ValueError unless `velocities` are (batch, time, 2), or (distinct, 2) with an order (batch, time)."""
    if velocities.shape[-1] != 2 or velocities.ndim != (3 if order is None else 2):
        expected = "(batch, time, 2)" if order is None else "(distinct, 2) when an order is given"
        raise ValueError(f"velocities must have shape {expected}, got {tuple(velocities.shape)}")
    if order is not None and order.ndim != 2:
        raise ValueError(f"order must have shape (batch, time), got {tuple(order.shape)}")
