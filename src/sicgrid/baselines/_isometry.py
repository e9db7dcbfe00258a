r"""Optimization: a recurrent network under conformal isometry and capacity (Pettersen et al. 2024).

Pettersen, Schoyen, Malthe-Sorenssen and Lepperod, "Self-supervised grid cells without path integration", bioRxiv
2024.05.30.596577. States are g_t = NormReLU(W g_{t-1} + V v_t + b), W from the identity, and g_0 an MLP's of the
start (2, 64, 128, 256, NormReLU). Over all pairs of the points of a batch, at distances dr in space and dg in state,

    ``loss = alpha <(exp(-dr^2 / 2 s^2) - exp(-dg^2))^2 exp(-dr^2 / 2 (1.5 s)^2)> - (1 - alpha) <g>``,

the first term an isometry of neighborhoods, the second, a mean of all activities, keeps as many units active as can
be. 256 units, T 10, Adam 1e-3; alpha 0.88, s 1 in a box of 4 pi a side, batches of 64 and 50,000 steps are those of
the authors' program.

Ours: meters. Their box is scaled to `box_m`, so that s is box_m / 4 pi; steps are smooth walks' of up to 0.15 m,
where theirs have Rayleigh lengths of 0.15 s; 6,000 steps with batches of 40, a few minutes on one core. Tests hold loss
and gradient to loops, and that the loss falls; the outcome of a full training: docs/baselines.md.
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

if TYPE_CHECKING:  # torch is loaded when one is trained
    from torch import Tensor, nn


class IsometryConfig(Settings):
    """Network, loss and training."""

    units: int = Field(256, ge=1, description="Units. Source: Pettersen et al. 2024.")
    box_m: float = Field(2.0, gt=0, allow_inf_nan=False, description="Side of the box, m. Source: ours.")
    neighborhood: float = Field(
        1 / (4 * np.pi), gt=0, description="s over the side of the box. Source: Pettersen et al. 2024."
    )
    isometry: float = Field(0.88, ge=0, le=1, description="alpha. Source: Pettersen et al. 2024.")
    time: int = Field(10, ge=1, description="T, steps of a walk. Source: Pettersen et al. 2024.")
    batch: int = Field(40, ge=2, description="Walks of a batch. Source: ours (theirs: 64).")
    max_speed: float = Field(0.15, gt=0, description="Longest step, m. Source: ours.")
    learning_rate: float = Field(1e-3, gt=0, description="Of Adam. Source: Pettersen et al. 2024.")
    steps: int = Field(6000, ge=1, description="Gradient steps. Source: ours (theirs: 50,000).")


def isometry_loss(states: "Tensor", places: "Tensor", neighborhood_m: float, alpha: float) -> "Tensor":
    """The loss of points, their states (point, unit) and places (point, 2); a tensor without axes.

    ``alpha <(exp(-dr^2 / 2 s^2) - exp(-dg^2))^2 exp(-dr^2 / 2 (1.5 s)^2)> - (1 - alpha) <g>`` over pairs of two points,
    s `neighborhood_m` in the unit of the places.
    """
    import torch

    # Squared distances, which have a gradient where two states coincide. All pairs both ways, each with itself too,
    # whose difference is 0: picking one of each pair would take most of the time of a gradient step.
    norms = (states**2).sum(dim=1)
    state_gap = (norms[:, None] + norms - 2 * states @ states.T).clamp(min=0)
    pairs = len(states) * (len(states) - 1)
    with torch.no_grad():
        place_gap = ((places[:, None] - places) ** 2).sum(dim=-1) / neighborhood_m**2
        target, near = torch.exp(-place_gap / 2), torch.exp(-place_gap / (2 * 1.5**2)).fill_diagonal_(0)
    difference = target - torch.exp(-state_gap)
    return alpha * (difference**2 * near).sum() / pairs - (1 - alpha) * states.mean()


def _module(config: IsometryConfig) -> "nn.ModuleDict":
    from torch import nn

    start = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, config.units))
    recurrent, velocity = nn.Linear(config.units, config.units, bias=False), nn.Linear(2, config.units)
    nn.init.eye_(recurrent.weight)
    return nn.ModuleDict({"start": start, "recurrent": recurrent, "velocity": velocity})


def _fit(config: IsometryConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch

    from ._learning import as_weights, descend, seeded, training_walks

    model = seeded(seed, lambda: _module(config))
    generator = np.random.default_rng(seed)
    scale = config.neighborhood * config.box_m  # m, the unit in which the network sees places and steps

    def norm_relu(drive: "Tensor") -> "Tensor":
        rectified = torch.relu(drive)
        unit: Tensor = rectified / rectified.norm(dim=-1, keepdim=True).clamp(min=1e-13)
        return unit

    def loss() -> "Tensor":
        walk = training_walks(config.box_m, config.batch, config.time - 1, config.max_speed, generator)
        states = [norm_relu(model["start"](walk.start / scale))]
        for t in range(config.time - 1):
            states.append(
                norm_relu(model["recurrent"](states[-1]) + model["velocity"](walk.displacements[:, t] / scale))
            )
        places = torch.cat([walk.start[:, None], walk.places], dim=1).reshape(-1, 2)
        return isometry_loss(torch.stack(states, dim=1).reshape(-1, config.units), places, scale, config.isometry)

    descend(loss, torch.optim.Adam(model.parameters(), lr=config.learning_rate), config.steps, progress)
    return as_weights(model)


def _norm_relu(drive: Float[np.ndarray, "batch unit"]) -> Float[np.ndarray, "batch unit"]:
    rectified = np.maximum(drive, 0.0)
    return np.asarray(rectified / np.maximum(np.linalg.norm(rectified, axis=-1, keepdims=True), 1e-13))


def _build(config: IsometryConfig, weights: Weights) -> Network:
    scale = config.neighborhood * config.box_m
    recurrent, velocity, bias = (weights[name] for name in ("recurrent.weight", "velocity.weight", "velocity.bias"))
    hidden = np.zeros((1, 2), dtype=np.float32)
    for layer in (0, 2, 4):
        hidden = hidden @ weights[f"start.{layer}.weight"].T + weights[f"start.{layer}.bias"]
        hidden = np.maximum(hidden, 0.0)

    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        return _norm_relu(states @ recurrent.T + (displacements / scale) @ velocity.T + bias)

    return Network(step, _norm_relu(hidden)[0])


ISOMETRY = Baseline(
    name="isometry",
    family="optimization",
    title="Conformal isometry and capacity",
    citation="Pettersen, Schoyen, Malthe-Sorenssen and Lepperod 2024, bioRxiv 2024.05.30.596577",
    put_in_by_hand="one scale, the width of the neighborhood, which sets the spacing; true places in the loss",
    published="one hexagonal lattice of one spacing, a torus",
    config=IsometryConfig,
    fit=_fit,
    build=_build,
    trained=True,
)
