"""The recurrent network: states driven by velocities alone."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .. import kernels as fast
from .._settings import takes
from ._config import ABOUT_PLACES, ABOUT_POPULATIONS, ModelConfig
from ._network import Network, Rollout, check_inputs
from ._norm_relu import norm_relu
from ._transition import TransitionMLP


class VelocityRNN(Network):
    """g_t = NormReLU(W(v_t) g_{t-1}), from one initial state g_0, with W an MLP (Schaeffer et al. 2023, section 3.1).

    NormReLU(z) = ReLU(z) / ||ReLU(z)||_2, so that states are non-negative unit vectors; v_t in meters per step. There
    is no readout. g_0 is drawn once, NormReLU of a standard normal vector, and kept in the module's state.

    >>> rnn = VelocityRNN(units=8, hidden=4)
    >>> states, initial_state = rnn(torch.tensor([[[0.1, 0.0], [0.0, 0.1], [-0.1, 0.0]]]))  # one path of three steps
    >>> states.shape, initial_state.shape
    (torch.Size([1, 3, 8]), torch.Size([8]))
    >>> bool((states >= 0).all()), torch.allclose(states.norm(dim=-1), torch.ones(1, 3))
    (True, True)
    """

    config: ModelConfig

    @takes(ModelConfig, leave_out=ABOUT_POPULATIONS | ABOUT_PLACES)
    def __init__(self, config: ModelConfig, *, kernels: str = "auto") -> None:
        """Draw weights and g_0 with torch's generator; `kernels` is one of the names in `sicgrid.kernels.choose`."""
        super().__init__()
        self.config = config
        self.kernels = kernels
        self.transition = TransitionMLP(
            config.units, config.hidden, config.layers, config.activation, config.initialization, config.velocity_scale
        )
        # Kept unnormalized and passed through NormReLU at use: a trained g_0 stays on the sphere by itself.
        self.start = nn.Parameter(torch.randn(config.units), requires_grad=config.train_initial_state)

    @property
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""
        return norm_relu(self.start)

    @property
    def step_bytes(self) -> int:
        """Memory that a step of one trajectory takes: W(v), or the product of states and hidden units in its place."""
        return self.config.units * max(self.config.units, self.config.hidden) * self.dtype.itemsize

    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, either from velocities (B, T, 2) or from distinct velocities (K, 2) and an order (B, T).

        With an order, step t of trajectory b has velocity ``velocities[order[b, t]]`` and W is evaluated once for each
        distinct velocity. Units: meters per step.

        Raises
        ------
        ValueError
            When the shapes do not fit.

        """
        if order is None:
            return super().forward(velocities)
        check_inputs(velocities, order)
        initial_state = self.initial_state
        matrices = self.transition(velocities)
        name, _ = fast.choose(velocities.device.type, self.kernels)
        if name != "reference" and order.shape[1] == len(velocities) and rows_are_permutations(order):
            return Rollout(fast.rollout(matrices, order, initial_state), initial_state)
        starts = initial_state.expand(len(order), -1)
        return Rollout(walk_shared(matrices, order, starts), initial_state)

    def project(self, vectors: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch units"]:
        """NormReLU, which leaves states as they are."""
        return norm_relu(vectors)

    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, each at its own velocity; of many states at one velocity along leading axes.

        W is evaluated once for each velocity.
        """
        return norm_relu(torch.einsum("...bn,bnm->...bm", state, self.transition(velocity)))

    def stepper(self) -> Callable[[Tensor, Tensor], Tensor]:
        """`step` without its matrices, two to seven times as fast: see `TransitionMLP.carrier`."""
        if type(self).step is not VelocityRNN.step or not self._has_usual_matrices():
            return self.step  # a subclass has a step, or a W, of its own
        carry = self.transition.carrier(self.kernels)
        return lambda states, velocities: norm_relu(carry(states, velocities))

    def has_short_steps(self, states: int) -> bool:
        """As `Network.has_short_steps`; also where silent units are left out."""
        name, _ = fast.choose(self.device.type, self.kernels)
        sparse = name == "numba" and self._has_usual_matrices() and self.transition.leaves_out_silent(states)
        return sparse or super().has_short_steps(states)

    def _has_usual_matrices(self) -> bool:
        return getattr(type(self.transition), "forward", None) is TransitionMLP.forward


def walk_shared(
    matrices: Float[Tensor, "distinct units units"],
    order: Int[Tensor, "batch time"],
    starts: Float[Tensor, "batch units"],
) -> Float[Tensor, "batch time units"]:
    """The reference rollout: gather each step's matrices, apply, rectify, normalize."""
    state, states = starts, []
    for t in range(order.shape[1]):
        state = norm_relu(torch.bmm(state[:, None], matrices[order[:, t]])[:, 0])
        states.append(state)
    return torch.stack(states, dim=1)


def rows_are_permutations(order: Int[Tensor, "batch time"]) -> bool:
    """Whether each trajectory uses each velocity exactly once, as the compiled rollouts require."""
    return bool((order.sort(dim=1).values == torch.arange(order.shape[1], device=order.device)).all())
