"""The SIC loss: the list of its terms, their weights and scales, and their sum."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch import distributed as dist

from .._settings import takes
from ..kernels import PairSums, choose, pair_sums
from ._capacity import capacity
from ._config import LossConfig
from ._conformal_isometry import conformal_isometry
from ._invariance import invariance
from ._objective import Objective, call_by_name, terms_type
from ._separation import separation
from ._split import split_pair_sums

TERMS: Mapping[str, Callable[..., Float[Tensor, "*networks"]]] = {
    "separation": separation,
    "invariance": invariance,
    "capacity": capacity,
    "conformal_isometry": conformal_isometry,
}
"""Name, which is also that of its weight in `LossConfig`, -> term.

A function of tensors and settings that its signature names: positions, velocities, states, initial_state, and
`LossConfig`. Tensors may have a leading axis of networks, and settings then are tensors (networks,).
"""

SICTerms: Any = terms_type(tuple(TERMS))
"""The loss and its terms as scalar tensors; the terms are unweighted, `total` is their weighted sum."""


class SICLoss(Objective):
    """Separation, invariance, capacity and conformal isometry of Schaeffer et al. 2023, section 3.2.

    ``total = separation * L_sep + invariance * L_inv + capacity * L_cap + conformal_isometry * L_con``, over all pairs
    of the B*T points of a batch, at places x with states g, near for ||x - x'|| < sigma_x and far for > sigma_x:

    - L_sep: mean over far pairs of exp(-||g - g'||^2 / (2 sigma_g^2));
    - L_inv: mean over near pairs of ||g - g'||^2;
    - L_cap: -|| (1/BT) sum g ||^2;
    - L_con: variance of ||g_t - g_{t-1}|| / ||v_t|| over steps with 0 < ||v_t|| < sigma_x, in 1/m^2.

    Every term is differentiable by itself. Called with ``positions`` and ``velocities`` (batch, time, 2) in meters and
    meters per step, ``states`` (batch, time, units) and ``initial_state`` (units,), it gives `SICTerms`.

    Raises
    ------
    ValueError
        For a setting out of range; when called, if shapes or dtypes do not fit.

    >>> import torch
    >>> places = torch.tensor([[[0.0, 0.0], [1.0, 0.0]]])  # where two steps from the origin lead; the second is long
    >>> states, start = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), torch.tensor([1.0, 0.0])  # the same everywhere
    >>> loss = SICLoss(capacity=0.5, kernels="reference")
    >>> terms = loss(positions=places, velocities=places, states=states, initial_state=start)
    >>> terms.separation, terms.capacity, terms.total
    (tensor(1.), tensor(-1.), tensor(0.5000))

    """

    @takes(LossConfig)
    def __init__(self, config: LossConfig, *, kernels: str = "auto", group: dist.ProcessGroup | None = None) -> None:
        """`kernels` is one of the names in `sicgrid.kernels.choose`.

        With a `group` of torch.distributed its processes share the work of the pair terms, each given the same batch
        and states (see `split_pair_sums`); the reference does not share.
        """
        super().__init__()
        self.config = config
        self.kernels = kernels
        self.group = group
        self._settings = config.model_dump()
        self._weights = {name: self._settings[name] for name in TERMS}

    @property
    def weights(self) -> Mapping[str, float]:
        """Of each term, as set."""
        return self._weights

    def terms(
        self,
        *,
        positions: Float[Tensor, "batch time 2"],
        velocities: Float[Tensor, "batch time 2"],
        states: Float[Tensor, "batch time units"],
        initial_state: Float[Tensor, " units"],
        **others: Tensor,
    ) -> dict[str, Float[Tensor, ""]]:
        """Unweighted terms of a batch; other tensors of it are ignored.

        Raises
        ------
        ValueError
            If shapes or dtypes do not fit.

        """
        tensors = {
            "positions": positions,
            "velocities": velocities,
            "states": states,
            "initial_state": initial_state,
        }
        _check(**tensors)
        terms: dict[str, Tensor] = self._pair_terms(positions, states)
        for name, term in TERMS.items():
            if name not in terms:
                terms[name] = call_by_name(term, {**tensors, **self._settings})
        return {name: terms[name] for name in TERMS}

    def _pair_terms(self, positions: Tensor, states: Tensor) -> dict[str, Tensor]:
        """The terms that a kernel computes from all pairs; none where the reference is chosen."""
        name, _ = choose(states.device.type, self.kernels)
        if name == "reference":
            return {}
        scales = self.config.sigma_x, self.config.sigma_g
        if self.group is None:
            sums = pair_sums(positions, states, *scales)
        else:
            sums = split_pair_sums(positions, states, *scales, self.group)
        return reduced(sums, self.config.reduction)


def reduced(sums: PairSums, reduction: str) -> dict[str, Tensor]:
    """Separation and invariance from the sums over far and near pairs: the sums themselves, or means (0 of no pair)."""
    if reduction == "sum":
        return {"separation": sums.far, "invariance": sums.near}
    return {
        "separation": sums.far / sums.far_count.clamp(min=1),
        "invariance": sums.near / sums.near_count.clamp(min=1),
    }


def _check(positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> None:
    if states.ndim != 3:
        raise ValueError(f"states must be (batch, time, units), got shape {tuple(states.shape)}")
    batch, time, units = states.shape
    expected = {"positions": (batch, time, 2), "velocities": (batch, time, 2), "initial_state": (units,)}
    tensors = {"positions": positions, "velocities": velocities, "initial_state": initial_state}
    for name, tensor in tensors.items():
        if tuple(tensor.shape) != expected[name]:
            raise ValueError(f"{name} must have shape {expected[name]} to fit states, got {tuple(tensor.shape)}")
        if tensor.dtype != states.dtype:
            raise ValueError(
                f"{name} must have the dtype of states, {states.dtype}, got {tensor.dtype}; convert one of them"
            )
    if states.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"states must be float32 or float64, got {states.dtype}")
