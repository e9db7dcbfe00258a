r"""Supervised: a small LSTM that says where it is in meters.

``(h_t, c_t) = LSTM(v_t / s, h_{t-1}, c_{t-1})``, ``x^_t = A h_t + b``, ``h_0 = B x_0``, ``c_0 = C x_0``, trained on
``<|x^_t - x_t|^2>``. The plainest path integrator of all, without place cells: nothing in it asks for periodic units,
and none are known to come (Schaeffer, Khona and Fiete 2022, NeurIPS, trained thousands with such targets).

The state that walks is (h, c), both signed. Ours, all of it: 64 units, Adam 1e-3, T 20, batches of 100, 5,000 steps.
Tests hold the cell to torch's and that the loss falls; what a full training gives is measured by
`studies/baselines.py` and not here.
"""

from typing import TYPE_CHECKING

import numpy as np
import scipy
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

if TYPE_CHECKING:  # torch is loaded when one is trained
    from torch import Tensor


class LstmConfig(Settings):
    """Network and training."""

    units: int = Field(64, ge=1, description="Units of the LSTM; its state has twice as many. Source: ours.")
    box_m: float = Field(2.0, gt=0, allow_inf_nan=False, description="Side of the box, m. Source: ours.")
    time: int = Field(20, ge=1, description="T, steps of a walk. Source: Sorscher et al. 2019.")
    batch: int = Field(100, ge=1, description="Walks of a batch. Source: ours.")
    max_speed: float = Field(0.15, gt=0, description="Longest step, m, which is an input of 1. Source: ours.")
    learning_rate: float = Field(1e-3, gt=0, description="Of Adam. Source: ours.")
    steps: int = Field(5000, ge=1, description="Gradient steps. Source: ours.")


def lstm_cell(
    weights: Weights, inputs: Float[np.ndarray, "batch input"], hidden: np.ndarray, cell: np.ndarray
) -> tuple[Float[np.ndarray, "batch unit"], Float[np.ndarray, "batch unit"]]:
    """One step of a long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates), as torch has it.

    ``c <- sigmoid(f) c + sigmoid(i) tanh(g)``, ``h <- sigmoid(o) tanh(c)``, with i, f, g, o the four parts of
    ``W x + U h + b``. Weights by torch's names: ``lstm.weight_ih_l0`` and so on.
    """
    drive = inputs @ weights["lstm.weight_ih_l0"].T + hidden @ weights["lstm.weight_hh_l0"].T
    drive = drive + weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
    write, keep, value, read = np.split(drive, 4, axis=-1)
    cell = scipy.special.expit(keep) * cell + scipy.special.expit(write) * np.tanh(value)
    return scipy.special.expit(read) * np.tanh(cell), cell


def _fit(config: LstmConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch
    from torch import nn

    from ._learning import as_weights, descend, seeded, training_walks

    def module() -> nn.ModuleDict:
        return nn.ModuleDict(
            {
                "hidden": nn.Linear(2, config.units, bias=False),
                "cell": nn.Linear(2, config.units, bias=False),
                "lstm": nn.LSTM(2, config.units, batch_first=True),
                "place": nn.Linear(config.units, 2),
            }
        )

    model = seeded(seed, module)
    generator = np.random.default_rng(seed)

    def loss() -> "Tensor":
        walk = training_walks(config.box_m, config.batch, config.time, config.max_speed, generator)
        start = model["hidden"](walk.start)[None], model["cell"](walk.start)[None]
        states, _ = model["lstm"](walk.displacements / config.max_speed, start)
        places: Tensor = model["place"](states)
        return ((places - walk.places) ** 2).sum(dim=-1).mean()

    descend(loss, torch.optim.Adam(model.parameters(), lr=config.learning_rate), config.steps, progress)
    return as_weights(model)


def _build(config: LstmConfig, weights: Weights) -> Network:
    cell_weights = {name: weights[name] for name in weights if name.startswith("lstm.")}

    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        hidden, cell = np.split(states, 2, axis=-1)
        return np.concatenate(lstm_cell(cell_weights, displacements / config.max_speed, hidden, cell), axis=-1)

    # h_0 and c_0 are linear in the start, which is 0.
    return Network(step, np.zeros(2 * weights["lstm.weight_hh_l0"].shape[1], dtype=np.float32))


LSTM = Baseline(
    name="lstm",
    family="supervised",
    title="LSTM with places as labels",
    citation="ours; after Schaeffer, Khona and Fiete 2022, NeurIPS",
    put_in_by_hand="places as labels",
    published="no grid cells; integrates paths in the box, and fails outside of it",
    config=LstmConfig,
    fit=_fit,
    build=_build,
    trained=True,
    walks_with=("lstm.",),
)
