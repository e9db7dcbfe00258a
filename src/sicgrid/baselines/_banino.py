r"""Supervised: an LSTM with a linear layer that says place and heading (Banino et al. 2018, Nature 557:429).

``(h_t, c_t) = LSTM(v_t / s, h_{t-1}, c_{t-1})``, ``g_t = L h_t``, ``y_t = softmax(P dropout(g_t))``,
``z_t = softmax(Q dropout(g_t))``, trained by the cross-entropies of y with place cells and of z with heading cells.
The paper looks at the units of the linear layer g, half of which dropout silences in training. 128 LSTM units, 256
place cells of 0.01 m, 12 heading cells of concentration 20, T 100, batches of 10, RMSProp 1e-5 with momentum 0.9,
gradients cut at 1e-5, weight decay 1e-5 of P and Q are those of the authors' program, whose layer has 256 units.

Ours: inputs are the displacement along x and y, where theirs are speed and turning; the first state comes from the
place cells alone; walks (see `_learning`); RMSProp at 1e-4 and 5,000 steps with T 50, to stay below 20 minutes on two
cores, where theirs are 1,000,000. The state that walks is (g, h, c), signed, and all of it is analyzed here: of 512
units the first `layer`, 256, are g, and shares of units are of all 512.
Tests hold that the loss falls and that the network which walks is the one that was trained; what a full training
gives is measured by `studies/baselines.py` and not here, and 5,000 steps may be too few for what was published.
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights
from ._lstm import lstm_cell

if TYPE_CHECKING:  # torch is loaded when one is trained
    from torch import Tensor


class BaninoConfig(Settings):
    """Network, targets and training."""

    units: int = Field(128, ge=1, description="Units of the LSTM. Source: Banino et al. 2018.")
    layer: int = Field(256, ge=1, description="Units of the linear layer. Source: Banino et al. 2018.")
    dropout: float = Field(0.5, ge=0, lt=1, description="Of that layer, in training. Source: Banino et al. 2018.")
    box_m: float = Field(2.2, gt=0, allow_inf_nan=False, description="Side of the box, m. Source: Banino et al. 2018.")
    cells: int = Field(256, ge=2, description="Place cells. Source: Banino et al. 2018.")
    width_m: float = Field(0.01, gt=0, description="Of a place cell, m. Source: Banino et al. 2018.")
    headings: int = Field(12, ge=2, description="Heading cells. Source: Banino et al. 2018.")
    concentration: float = Field(20.0, gt=0, description="Of a heading cell. Source: Banino et al. 2018.")
    time: int = Field(50, ge=1, description="T, steps of a walk. Source: ours (theirs: 100).")
    batch: int = Field(10, ge=1, description="Walks of a batch. Source: Banino et al. 2018.")
    max_speed: float = Field(0.15, gt=0, description="Longest step, m, which is an input of 1. Source: ours.")
    learning_rate: float = Field(1e-4, gt=0, description="Of RMSProp. Source: ours (theirs: 1e-5).")
    momentum: float = Field(0.9, ge=0, lt=1, description="Of RMSProp. Source: Banino et al. 2018.")
    clip: float = Field(1e-5, gt=0, description="Largest entry of a gradient. Source: Banino et al. 2018.")
    weight_decay: float = Field(1e-5, ge=0, description="Of the readouts. Source: Banino et al. 2018.")
    steps: int = Field(5000, ge=1, description="Gradient steps. Source: ours (theirs: 1,000,000).")


def _fit(config: BaninoConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch
    from torch import nn

    from ._learning import as_weights, descend, seeded, training_walks
    from ._place_targets import cross_entropy, gaussian_targets

    def module() -> nn.ModuleDict:
        return nn.ModuleDict(
            {
                "hidden": nn.Linear(config.cells, config.units, bias=False),
                "cell": nn.Linear(config.cells, config.units, bias=False),
                "lstm": nn.LSTM(2, config.units, batch_first=True),
                "layer": nn.Linear(config.units, config.layer, bias=False),
                "places": nn.Linear(config.layer, config.cells),
                "headings": nn.Linear(config.layer, config.headings),
            }
        )

    model = seeded(seed, module)
    readouts = [model.get_parameter(f"{name}.weight") for name in ("places", "headings")]
    generator = np.random.default_rng(seed)
    noise = torch.Generator().manual_seed(seed)
    centers = torch.from_numpy(generator.uniform(-config.box_m / 2, config.box_m / 2, (config.cells, 2))).float()
    preferred = torch.from_numpy(generator.uniform(-np.pi, np.pi, config.headings)).float()

    def loss() -> "Tensor":
        walk = training_walks(config.box_m, config.batch, config.time, config.max_speed, generator)
        at_start = gaussian_targets(walk.start, centers, config.width_m)
        start = model["hidden"](at_start)[None], model["cell"](at_start)[None]
        states, _ = model["lstm"](walk.displacements / config.max_speed, start)
        layer = model["layer"](states)
        dropout_mask = (torch.rand(layer.shape, generator=noise) >= config.dropout) / (1 - config.dropout)
        heading = torch.atan2(walk.displacements[..., 1], walk.displacements[..., 0])
        heading_targets = torch.softmax(config.concentration * torch.cos(heading[..., None] - preferred), dim=-1)
        decay = config.weight_decay * ((readouts[0] ** 2).sum() + (readouts[1] ** 2).sum()) / 2
        total: Tensor = (
            cross_entropy(model["places"](layer * dropout_mask), gaussian_targets(walk.places, centers, config.width_m))
            + cross_entropy(model["headings"](layer * dropout_mask), heading_targets)
            + decay
        )
        return total

    for parameter in model.parameters():
        parameter.register_hook(lambda slope: slope.clamp(-config.clip, config.clip))  # type: ignore[no-untyped-call]
    optimizer = torch.optim.RMSprop(model.parameters(), lr=config.learning_rate, momentum=config.momentum)
    descend(loss, optimizer, config.steps, progress)
    with torch.no_grad():
        at_start = gaussian_targets(torch.zeros(1, 2), centers, config.width_m)
        hidden, cell = model["hidden"](at_start), model["cell"](at_start)
        start = torch.cat([model["layer"](hidden), hidden, cell], dim=1)[0].numpy()
    return {**as_weights(model), "centers_m": centers.numpy(), "initial_state": start}


def _build(config: BaninoConfig, weights: Weights) -> Network:
    layer = weights["layer.weight"]
    count, units = layer.shape

    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        hidden, cell = states[:, count : count + units], states[:, count + units :]
        hidden, cell = lstm_cell(weights, displacements / config.max_speed, hidden, cell)
        return np.concatenate([hidden @ layer.T, hidden, cell], axis=1)

    return Network(step, weights["initial_state"])


BANINO = Baseline(
    name="banino",
    family="supervised",
    title="LSTM with place and heading targets",
    citation="Banino et al. 2018, Nature 557:429",
    put_in_by_hand="place and heading cells as targets; dropout; places as labels",
    published="some units of the linear layer score as grid cells; fails outside of the box",
    config=BaninoConfig,
    fit=_fit,
    build=_build,
    trained=True,
    walks_with=("lstm.", "layer.", "initial_state"),
)
