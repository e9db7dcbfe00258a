"""The recurrent network: states that velocities alone carry along."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .. import kernels as fast
from ._config import ModelConfig
from ._network import Network, Rollout
from ._norm_relu import norm_relu
from ._transition import TransitionMLP


class VelocityRNN(Network):
    """g_t = NormReLU(W(v_t) g_{t-1}), from one initial state g_0, with W an MLP (Schaeffer et al. 2023, section 3.1).

    States are non-negative unit vectors. There is no readout. Arguments are those of `ModelConfig`, where their sources
    stand; `kernels` is one of the names in `sicgrid.kernels.choose`. g_0 is drawn once, NormReLU of a
    standard normal vector, and kept in the module's state.
    """

    def __init__(
        self,
        units: int = 128,
        hidden: int = 256,
        layers: int = 3,
        activation: Literal["relu", "gelu", "tanh", "silu"] = "relu",
        initialisation: Literal["default", "identity"] = "default",
        velocity_scale: float = 1.0,
        train_initial_state: bool = False,
        *,
        kernels: str = "auto",
    ) -> None:
        super().__init__()
        self.config = ModelConfig(
            units=units,
            hidden=hidden,
            layers=layers,
            activation=activation,
            initialisation=initialisation,
            velocity_scale=velocity_scale,
            train_initial_state=train_initial_state,
        )
        self.kernels = kernels
        self.transition = TransitionMLP(units, hidden, layers, activation, initialisation, velocity_scale)
        # Kept unnormalised and passed through NormReLU at use: a trained g_0 stays on the sphere by itself.
        self.start = nn.Parameter(torch.randn(units), requires_grad=train_initial_state)

    @property
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""
        return norm_relu(self.start)

    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, either from velocities (B, T, 2) or from distinct velocities (K, 2) and an order (B, T).

        With an order, step t of trajectory b has velocity ``velocities[order[b, t]]`` and W is evaluated once for each
        distinct velocity. Units: metres per step. ValueError when the shapes do not fit.
        """
        if velocities.shape[-1] != 2 or velocities.ndim != (3 if order is None else 2):
            expected = "(batch, time, 2)" if order is None else "(distinct, 2) when an order is given"
            raise ValueError(f"velocities must have shape {expected}, got {tuple(velocities.shape)}")
        initial_state = self.initial_state
        if order is None:
            return Rollout(self._walk_each(velocities, initial_state), initial_state)
        if order.ndim != 2:
            raise ValueError(f"order must have shape (batch, time), got {tuple(order.shape)}")
        matrices = self.transition(velocities)
        name, _ = fast.choose(velocities.device.type, self.kernels)
        if name != "reference" and order.shape[1] == len(velocities) and rows_are_permutations(order):
            return Rollout(fast.rollout(matrices, order, initial_state), initial_state)
        starts = initial_state.expand(len(order), -1)
        return Rollout(walk_shared(matrices, order, starts), initial_state)

    def apart(self, rollout: Rollout) -> list[Rollout]:
        """The rollout itself, in a list: there is one population."""
        return [rollout]

    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, each at its own velocity; of many states at one velocity along leading axes.

        W is evaluated once for each velocity.
        """
        return norm_relu(torch.einsum("...bn,bnm->...bm", state, self.transition(velocity)))

    def _walk_each(self, velocities: Tensor, initial_state: Tensor) -> Tensor:
        state = initial_state.expand(len(velocities), -1)
        states = []
        for t in range(velocities.shape[1]):
            state = self.step(state, velocities[:, t])
            states.append(state)
        return torch.stack(states, dim=1)


def walk_shared(
    matrices: Float[Tensor, "distinct units units"],
    order: Int[Tensor, "batch time"],
    starts: Float[Tensor, "batch units"],
) -> Float[Tensor, "batch time units"]:
    """The reference rollout: gather each step's matrices, apply, rectify, normalise."""
    state, states = starts, []
    for t in range(order.shape[1]):
        state = norm_relu(torch.bmm(state[:, None], matrices[order[:, t]])[:, 0])
        states.append(state)
    return torch.stack(states, dim=1)


def rows_are_permutations(order: Int[Tensor, "batch time"]) -> bool:
    """Whether each trajectory uses each velocity once, which the compiled loops ask for."""
    return bool((order.sort(dim=1).values == torch.arange(order.shape[1], device=order.device)).all())
