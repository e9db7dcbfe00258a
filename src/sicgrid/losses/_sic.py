"""The four terms together."""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch import distributed as dist

from ..kernels import choose, pair_sums
from ._capacity import capacity
from ._config import LossConfig
from ._conformal_isometry import conformal_isometry
from ._invariance import invariance
from ._separation import separation
from ._split import split_pair_sums


class SICTerms(NamedTuple):
    """The loss and its terms as scalar tensors; the terms are unweighted, `total` is their weighted sum."""

    total: Float[Tensor, ""]
    separation: Float[Tensor, ""]
    invariance: Float[Tensor, ""]
    capacity: Float[Tensor, ""]
    conformal_isometry: Float[Tensor, ""]


class SICLoss(nn.Module):
    """Separation, invariance, capacity and conformal isometry of Schaeffer et al. 2023, section 3.2.

    ``total = separation * L_sep + invariance * L_inv + capacity * L_cap + conformal_isometry * L_con`` with the weights
    given here. Every term is differentiable by itself. Arguments are those of `LossConfig`, where units and sources
    stand; `kernels` is one of the names in `sicgrid.kernels.choose`. With a `group` of torch.distributed its processes
    share the work of the pair terms, each given the same batch and states (see `split_pair_sums`); the reference does
    not share.
    """

    def __init__(
        self,
        sigma_x: float = 0.05,
        sigma_g: float = 0.4,
        separation: float = 1.0,
        invariance: float = 0.1,
        capacity: float = 0.5,
        conformal_isometry: float = 0.01,
        reduction: Literal["mean", "sum"] = "mean",
        *,
        kernels: str = "auto",
        group: dist.ProcessGroup | None = None,
    ) -> None:
        super().__init__()
        self.config = LossConfig(
            sigma_x=sigma_x,
            sigma_g=sigma_g,
            separation=separation,
            invariance=invariance,
            capacity=capacity,
            conformal_isometry=conformal_isometry,
            reduction=reduction,
        )
        self.kernels = kernels
        self.group = group

    def forward(
        self,
        *,
        positions: Float[Tensor, "batch time 2"],
        velocities: Float[Tensor, "batch time 2"],
        states: Float[Tensor, "batch time units"],
        initial_state: Float[Tensor, " units"],
    ) -> SICTerms:
        """Terms of a batch, positions in metres, velocities in metres per step; ValueError when shapes do not fit."""
        _check(positions, velocities, states, initial_state)
        config = self.config
        separated, invariant = self._pair_terms(positions, states)
        terms = {
            "separation": separated,
            "invariance": invariant,
            "capacity": capacity(states),
            "conformal_isometry": conformal_isometry(velocities, states, initial_state, config.sigma_x),
        }
        # A weight of 0 switches a term off entirely: 0 * inf would poison the total.
        weighted = [getattr(config, name) * term for name, term in terms.items() if getattr(config, name) > 0]
        return SICTerms(total=sum(weighted, start=states.new_zeros(())), **terms)

    def _pair_terms(self, positions: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        config = self.config
        name, _ = choose(states.device.type, self.kernels)
        if name == "reference":
            return (
                separation(positions, states, config.sigma_x, config.sigma_g, config.reduction),
                invariance(positions, states, config.sigma_x, config.reduction),
            )
        scales = config.sigma_x, config.sigma_g
        if self.group is None:
            sums = pair_sums(positions, states, *scales)
        else:
            sums = split_pair_sums(positions, states, *scales, self.group)
        if config.reduction == "sum":
            return sums.far, sums.near
        return sums.far / sums.far_count.clamp(min=1), sums.near / sums.near_count.clamp(min=1)


def _check(positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> None:
    if states.ndim != 3:
        raise ValueError(f"states must be (batch, time, units), got shape {tuple(states.shape)}")
    batch, time, units = states.shape
    expected = {"positions": (batch, time, 2), "velocities": (batch, time, 2), "initial_state": (units,)}
    given = {"positions": positions, "velocities": velocities, "initial_state": initial_state}
    for name, tensor in given.items():
        if tuple(tensor.shape) != expected[name]:
            raise ValueError(f"{name} must have shape {expected[name]} to fit states, got {tuple(tensor.shape)}")
        if tensor.dtype != states.dtype:
            raise ValueError(
                f"{name} must have the dtype of states, {states.dtype}, got {tensor.dtype}; convert one of them"
            )
    if states.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"states must be float32 or float64, got {states.dtype}")
