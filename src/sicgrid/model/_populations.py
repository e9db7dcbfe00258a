"""Several populations of units in one network: each with a NormReLU of its own, none coupled to another."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ._config import ABOUT_PLACES, ABOUT_POPULATIONS, ModelConfig
from ._network import Network, Rollout
from ._norm_relu import norm_relu
from ._rnn import VelocityRNN


class PopulationRNN(Network):
    r"""Populations p = 1..M: ``g^p_t = NormReLU(W^p(v_t) g^p_{t-1}) / sqrt(M)``, and g is all g^p one after the other.

    All populations see the same velocities and, through the state g, share one loss; there is no other tie. States are
    non-negative unit vectors, and each population always has the same share of their length. With one population this
    is `VelocityRNN`, the network of Schaeffer et al. 2023; several are ours, after the anatomy of entorhinal modules,
    whose recurrent couplings and inhibition are local.

    Why: of populations that share one normalization and start uncoupled, one mostly falls silent early in training, and
    couplings that are free to grow lock or merge their lattices into one torus (docs/lab_log.md).

    Arguments are the fields of `ModelConfig`; `units` are those of all populations, and `hidden` is the width of each
    one's MLP.

    >>> rnn = PopulationRNN(ModelConfig(units=7, hidden=4, populations=2))
    >>> rnn.sizes
    [4, 3]
    >>> rnn.initial_state[:4].norm().detach()  # each population has the same share of the state
    tensor(0.7071)
    """

    config: ModelConfig

    def __init__(self, config: ModelConfig, *, kernels: str = "auto") -> None:
        super().__init__()
        self.config = config
        self.kernels = kernels
        self.sizes = population_sizes(config)
        shared = config.model_dump(exclude={"units", *ABOUT_POPULATIONS, *ABOUT_PLACES})
        self.populations = nn.ModuleList(VelocityRNN(units=size, **shared, kernels=kernels) for size in self.sizes)
        self.share: float = len(self.sizes) ** -0.5

    @property
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""
        return self._joined([rnn.initial_state for rnn in self._rnns()])

    @property
    def step_bytes(self) -> int:
        """Memory that a step of one trajectory takes: that of all populations."""
        return sum(rnn.step_bytes for rnn in self._rnns())

    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, as `VelocityRNN.forward` does."""
        rollouts = [rnn(velocities, order) for rnn in self._rnns()]
        states = self._joined([rollout.states for rollout in rollouts])
        return Rollout(states, self._joined([rollout.initial_state for rollout in rollouts]))

    def by_population(self, rollout: Rollout) -> list[Rollout]:
        """The populations' rollouts, each of unit states by itself."""
        split = (torch.split(part, self.sizes, dim=-1) for part in rollout)
        return [Rollout(*(part / self.share for part in parts)) for parts in zip(*split, strict=True)]

    @property
    def window_refusal(self) -> str:
        """Units of several populations are no neighbors of each other."""
        return f"must be 0 with several populations ({len(self.sizes)})" if len(self.sizes) > 1 else ""

    def project(self, vectors: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch units"]:
        """NormReLU of all units at once: unit vectors, whose shares of the populations the next step makes equal."""
        return norm_relu(vectors)

    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, as `VelocityRNN.step` makes it."""
        parts = torch.split(state, self.sizes, dim=-1)
        return self._joined([rnn.step(part, velocity) for rnn, part in zip(self._rnns(), parts, strict=True)])

    def stepper(self) -> Callable[[Tensor, Tensor], Tensor]:
        """`step` without its matrices, as `VelocityRNN.stepper`."""
        if type(self).step is not PopulationRNN.step:  # a subclass has a step of its own
            return self.step
        steppers = [rnn.stepper() for rnn in self._rnns()]

        def step(states: Tensor, velocities: Tensor) -> Tensor:
            parts = torch.split(states, self.sizes, dim=-1)
            return self._joined([stepper(part, velocities) for stepper, part in zip(steppers, parts, strict=True)])

        return step

    def has_short_steps(self, states: int) -> bool:
        """As each population's."""
        return all(rnn.has_short_steps(states) for rnn in self._rnns())

    def _rnns(self) -> list[VelocityRNN]:
        """`populations`, typed."""
        return list(self.populations)  # type: ignore[arg-type]

    def _joined(self, parts: list[Tensor]) -> Tensor:
        """The populations' unit states as one unit state."""
        return self.share * torch.cat(parts, dim=-1)


def population_sizes(config: ModelConfig) -> list[int]:
    """Units of each population: as set, or the same number in all, or one more in the first ones."""
    units, count = config.units, config.populations
    return list(config.population_units) or [units // count + (index < units % count) for index in range(count)]
