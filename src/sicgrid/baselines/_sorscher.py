r"""Supervised: a recurrent network that says where it is in place cells (Sorscher, Mel, Ganguli and Ocko 2019).

"A unified theory for the origin of grid cells through the lens of pattern formation", NeurIPS 2019:

    ``h_t = ReLU(W h_{t-1} + M v_t)``,  ``h_0 = E p(x_0)``,  ``loss = -<p(x_t) ln softmax(D h_t)> + decay |W|^2``,

with p the place cells' differences of Gaussians (0.12 m, surround 2; see `_place_targets`), 512 of them at random in
the box. T 20, 512 units here; theirs have 4,096 units, decay 1e-4, Adam 1e-4, batches of 200 and 100,000 steps.

Schaeffer, Khona and Fiete 2022 (NeurIPS) show how much of the outcome is in the targets; it fails outside of the box,
where no place cell was.

Ours, to stay below 20 minutes on one core: 16,000 steps with batches of 32; Adam at 8e-4, since a sum over an eighth of
the units moves an eighth as far; W from the identity, because a random W forgets the place within a few steps; and a
decay of 1e-6. The targets are nearly uniform (entropy 6.14 of at most ln 512 = 6.24), so that at first the loss hardly
pulls, and with the published decay W was gone before anything was learned: the loss stayed at 6.238. Walks are ours too
(see `_learning`). Tests hold that the loss falls and that the network which walks is the one that was trained; the
outcome of a full training: docs/baselines.md.
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

if TYPE_CHECKING:  # torch is loaded when one is trained
    from torch import Tensor


class SorscherConfig(Settings):
    """Network, targets and training."""

    units: int = Field(512, ge=1, description="Units. Source: ours (theirs: 4,096).")
    box_m: float = Field(
        2.2, gt=0, allow_inf_nan=False, description="Side of the box, m. Source: Sorscher et al. 2019."
    )
    cells: int = Field(512, ge=2, description="Place cells. Source: Sorscher et al. 2019.")
    width_m: float = Field(0.12, gt=0, description="Of a place cell, m. Source: Sorscher et al. 2019.")
    surround: float = Field(
        2.0, gt=1, description="Its surround's variance over its own. Source: Sorscher et al. 2019."
    )
    time: int = Field(20, ge=1, description="T, steps of a walk. Source: Sorscher et al. 2019.")
    batch: int = Field(32, ge=1, description="Walks of a batch. Source: ours (theirs: 200).")
    max_speed: float = Field(0.15, gt=0, description="Longest step, m. Source: ours.")
    learning_rate: float = Field(8e-4, gt=0, description="Of Adam. Source: ours (theirs: 1e-4, of 4,096 units).")
    weight_decay: float = Field(1e-6, ge=0, description="Of W. Source: ours (theirs: 1e-4, of 4,096 units).")
    steps: int = Field(16000, ge=1, description="Gradient steps. Source: ours (theirs: 100,000).")


def _fit(config: SorscherConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch
    from torch import nn

    from ._learning import as_weights, descend, seeded, training_walks
    from ._place_targets import cross_entropy, dog_targets

    def module() -> nn.ModuleDict:
        recurrent, velocity = nn.Linear(config.units, config.units, bias=False), nn.Linear(2, config.units, bias=False)
        nn.init.eye_(recurrent.weight)
        nn.init.uniform_(velocity.weight, -(config.units**-0.5), config.units**-0.5)  # as torch's recurrent networks
        return nn.ModuleDict(
            {
                "encoder": nn.Linear(config.cells, config.units, bias=False),
                "recurrent": recurrent,
                "velocity": velocity,
                "decoder": nn.Linear(config.units, config.cells, bias=False),
            }
        )

    model = seeded(seed, module)
    recurrent = model.get_parameter("recurrent.weight")
    generator = np.random.default_rng(seed)
    centers = torch.from_numpy(generator.uniform(-config.box_m / 2, config.box_m / 2, (config.cells, 2))).float()

    def loss() -> "Tensor":
        walk = training_walks(config.box_m, config.batch, config.time, config.max_speed, generator)
        state = model["encoder"](dog_targets(walk.start, centers, config.width_m, config.surround))
        states = []
        for t in range(config.time):
            state = torch.relu(model["recurrent"](state) + model["velocity"](walk.displacements[:, t]))
            states.append(state)
        targets = dog_targets(walk.places, centers, config.width_m, config.surround)
        decay = config.weight_decay * (recurrent**2).sum()
        return cross_entropy(model["decoder"](torch.stack(states, dim=1)), targets) + decay

    descend(loss, torch.optim.Adam(model.parameters(), lr=config.learning_rate), config.steps, progress)
    at_start = dog_targets(torch.zeros(1, 2), centers, config.width_m, config.surround)
    with torch.no_grad():
        start = model["encoder"](at_start)[0].numpy()
    return {**as_weights(model), "centers_m": centers.numpy(), "initial_state": start}


def _build(config: SorscherConfig, weights: Weights) -> Network:
    recurrent, velocity = weights["recurrent.weight"], weights["velocity.weight"]

    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        return np.asarray(np.maximum(states @ recurrent.T + displacements @ velocity.T, 0.0))

    return Network(step, weights["initial_state"])


SORSCHER = Baseline(
    name="sorscher",
    family="supervised",
    title="Path integrator with place targets",
    citation="Sorscher, Mel, Ganguli and Ocko 2019, NeurIPS",
    put_in_by_hand="place cells with inhibitory surrounds as targets, whose width sets the period; places as labels",
    published="one period, set by the targets; hexagons or squares by seed; fails outside of the box",
    config=SorscherConfig,
    fit=_fit,
    build=_build,
    trained=True,
    walks_with=("recurrent.", "velocity.", "initial_state"),
)
