r"""Optimization: actionable representations (Dorrell, Latham, Behrens and Whittington 2023, ICLR, arXiv:2209.15563).

Every displacement is to act on the code by one matrix, the same wherever it begins: g(x + d) = T(d) g(x). With
finitely many units such codes are sums of plane waves,

    ``g(x) = W z(x)``,  ``z(x) = (1, cos k_1.x, ..., cos k_M.x, sin k_1.x, ..., sin k_M.x)``,

each unit scaled to have norm 1 over the places drawn. W and the waves k are optimized for

- separation: ``< chi(x, x') exp(-|g(x) - g(x')|^2 / 2 s^2) >``, ``chi = 1 - exp(-|x - x'|^2 / 2 l^2)``, x, x' in a room
- non-negativity: ``< max(0, -g) >`` in that and in other rooms, shifted far away
- boundedness: the norms of each unit over the other rooms are to be that over this one

whose second and third weights rise and fall until they are met (GECO). Places are standard normal around a room's
center; s^2 0.4, l 0.5, shifts of standard deviation 5 and 15 other rooms are those of the authors' program.

The step of the network that walks is T(d) itself, ``T(d) g = W R(d) W^+ g``, with R(d) turning each pair (cos, sin) by
k.d: the one model here whose path integration is exact by construction.

Ours: a unit of the room is `room_m` meters; Adam with torch's second moment; GECO multiplies each weight by
``exp(rate (ln C - target))`` on a running mean of ln C; the best of the last tenth of the steps is kept. Tests hold the
loss to loops, that it falls, and T to the code; what a full training gives is measured by `studies/baselines.py`.
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

if TYPE_CHECKING:  # torch is loaded when one is trained
    from torch import Tensor


class DorrellConfig(Settings):
    """Code, loss and training."""

    units: int = Field(64, ge=3, description="Units. Source: Dorrell et al. 2023.")
    waves: int = Field(31, ge=1, description="M; 2 M + 1 at most the units, so that T(d) exists. Source: ours.")
    room_m: float = Field(0.5, gt=0, allow_inf_nan=False, description="Standard deviation of a room, m. Source: ours.")
    confusion: float = Field(0.4, gt=0, description="s^2. Source: Dorrell et al. 2023.")
    spare: float = Field(0.5, gt=0, description="l, rooms; nearer places may look alike. Source: Dorrell et al. 2023.")
    places: int = Field(150, ge=2, description="Drawn in a room. Source: Dorrell et al. 2023.")
    rooms: int = Field(15, ge=1, description="Other rooms. Source: Dorrell et al. 2023.")
    apart: float = Field(5.0, gt=0, description="Standard deviation of their centers, rooms. Source: Dorrell et al.")
    highest: float = Field(2.0, gt=0, description="Waves begin uniform up to it, radians/room. Source: Dorrell et al.")
    separation: float = Field(100.0, gt=0, description="Weight of the separation. Source: Dorrell et al. 2023.")
    positivity: float = Field(0.1, gt=0, description="First weight of non-negativity. Source: Dorrell et al. 2023.")
    boundedness: float = Field(0.005, gt=0, description="First weight of boundedness. Source: Dorrell et al. 2023.")
    negative_target: float = Field(-9.0, description="Of ln of the negativity. Source: Dorrell et al. 2023.")
    norm_target: float = Field(-4.0, description="Of ln of the norms' variance. Source: ours.")
    rate: float = Field(1e-4, gt=0, description="At which the two weights move. Source: Dorrell et al. 2023.")
    learning_rate: float = Field(0.03, gt=0, description="Of Adam. Source: ours (theirs: 0.1).")
    steps: int = Field(30_000, ge=1, description="Gradient steps. Source: ours (theirs: 75,000).")


def dorrell_terms(
    mixing: "Tensor", waves: "Tensor", here: "Tensor", rooms: "Tensor", config: DorrellConfig
) -> tuple["Tensor", "Tensor", "Tensor"]:
    """Separation, negativity and variance of the norms; torch tensors without axes.

    mixing : (unit, 2 M + 1), W; waves : (M, 2); here : (place, 2), the room; rooms : (room, place, 2), the others.
    """
    import torch

    def code(places: "Tensor") -> "Tensor":
        angle = places @ waves.T
        return torch.cat([torch.ones_like(angle[..., :1]), angle.cos(), angle.sin()], dim=-1) @ mixing.T

    room_code = code(here)
    norm = (room_code**2).sum(dim=0).sqrt().clamp(min=1e-12)
    room_code = room_code / norm
    other_codes = code(rooms) / norm
    squared_norm = (room_code**2).sum(dim=1)
    gap = (squared_norm[:, None] + squared_norm - 2 * room_code @ room_code.T).clamp(min=0)
    must_differ = 1 - torch.exp(-((here[:, None] - here) ** 2).sum(dim=-1) / (2 * config.spare**2))
    separation = (must_differ * torch.exp(-gap / (2 * config.confusion))).mean()
    negativity = (torch.relu(-room_code).sum() + torch.relu(-other_codes).sum()) / (
        room_code.numel() + other_codes.numel()
    )
    boundedness = (((other_codes**2).sum(dim=1) - 1) ** 2).mean()
    return separation, negativity, boundedness


def _fit(config: DorrellConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch

    from ._learning import descend

    if 2 * config.waves + 1 > config.units:
        raise ValueError(f"units must be at least 2 waves + 1 ({2 * config.waves + 1}), got {config.units}")
    noise = torch.Generator().manual_seed(seed)
    mixing = torch.randn(config.units, 2 * config.waves + 1, generator=noise).requires_grad_()
    waves = (config.highest * torch.rand(config.waves, 2, generator=noise)).requires_grad_()
    weight = np.array([config.positivity, config.boundedness])
    targets, mean = np.array([config.negative_target, config.norm_target]), np.zeros(2)
    best, steps = (np.inf, mixing.detach().clone(), waves.detach().clone()), [0]

    def loss() -> "Tensor":
        nonlocal weight, mean, best
        here = torch.randn(config.places, 2, generator=noise)
        centers = config.apart * torch.randn(config.rooms, 1, 2, generator=noise)
        separation, *constraints = dorrell_terms(mixing, waves, here, here + centers, config)
        total: Tensor = config.separation * separation + weight[0] * constraints[0] + weight[1] * constraints[1]
        over = np.log(np.maximum([float(constraint.detach()) for constraint in constraints], 1e-12)) - targets
        mean = 0.9 * mean + 0.1 * over
        weight = weight * np.exp(config.rate * mean)
        steps[0] += 1
        if steps[0] > 0.9 * config.steps and float(total.detach()) < best[0]:
            best = (float(total.detach()), mixing.detach().clone(), waves.detach().clone())
        return total

    descend(loss, torch.optim.Adam([mixing, waves], lr=config.learning_rate), config.steps, progress)
    return {"mixing": best[1].double().numpy(), "waves": best[2].double().numpy()}


def _build(config: DorrellConfig, weights: Weights) -> Network:
    mixing, waves = weights["mixing"], weights["waves"]
    count = len(waves)
    # Each unit to norm 1 over a room, whose mean of z z^T is known: waves are correlated over a Gaussian room.
    places = np.random.default_rng(0).normal(size=(4000, 2))
    angle = places @ waves.T
    features = np.concatenate([np.ones((len(places), 1)), np.cos(angle), np.sin(angle)], axis=1)
    scale = np.sqrt(((features @ mixing.T) ** 2).mean(axis=0, keepdims=True)).T
    mixing = mixing / np.maximum(scale, 1e-12)
    inverse = np.linalg.pinv(mixing, rcond=1e-8)

    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        features = np.asarray(states, dtype=np.float64) @ inverse.T
        turn = np.asarray(displacements, dtype=np.float64) / config.room_m @ waves.T
        cosines, sines = features[:, 1 : 1 + count], features[:, 1 + count :]
        turned = [
            features[:, :1],
            cosines * np.cos(turn) - sines * np.sin(turn),
            sines * np.cos(turn) + cosines * np.sin(turn),
        ]
        return np.asarray(np.concatenate(turned, axis=1) @ mixing.T)

    return Network(step, mixing[:, : 1 + count].sum(axis=1))


DORRELL = Baseline(
    name="dorrell",
    family="optimization",
    title="Actionable representations",
    citation="Dorrell, Latham, Behrens and Whittington 2023, ICLR, arXiv:2209.15563",
    put_in_by_hand="plane waves turned by displacements, so exact path integration; rooms and two scales in the loss",
    published="one or two modules of hexagonal grid cells",
    config=DorrellConfig,
    fit=_fit,
    build=_build,
    trained=True,
)
