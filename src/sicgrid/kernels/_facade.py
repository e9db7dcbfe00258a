"""One name for each kernel; where the tensors lie decides which twin runs."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from . import _pairs, _rollout
from ._ledger import Ledger, Update


def pair_sums(
    positions: Float[Tensor, "*networks batch time 2"],
    states: Float[Tensor, "*networks batch time units"],
    sigma_x: float | Sequence[float] | Float[Tensor, " networks"],
    sigma_g: float | Sequence[float] | Float[Tensor, " networks"],
    part: tuple[int, int] = (0, 1),
) -> _pairs.PairSums:
    """Sums of both pair terms over ordered pairs of distinct points, and the pairs' numbers.

    exp(-||g-g'||^2 / (2 sigma_g^2)) over ||x-x'|| > sigma_x, and ||g-g'||^2 over ||x-x'|| < sigma_x (Schaeffer et al.
    2023, section 3.2); positions and sigma_x in meters. Several networks lie along a leading axis. ``part=(i, m)`` is
    the i-th of m shares of the work, which add up. On the CPU by compiled loops, on a GPU by Triton.
    """
    if states.device.type == "cpu":
        return _pairs.pair_sums(positions, states, sigma_x, sigma_g, part)
    from . import _triton_pairs

    return _triton_pairs.pair_sums(positions, states, sigma_x, sigma_g, part)


def rollout(
    transitions: Float[Tensor, "*networks time units units"],
    order: Int[Tensor, "*networks batch time"],
    initial_state: Float[Tensor, "*networks units"],
) -> Float[Tensor, "*networks batch time units"]:
    """States g_t = NormReLU(g_{t-1} M[order[b, t]]) of every trajectory, differentiable but for the order.

    M is the transpose of the paper's W. Each row of `order` must be a permutation of 0..T-1. Several networks lie along
    a leading axis. On the CPU by compiled loops, on a GPU by Triton.
    """
    if transitions.device.type == "cpu":
        return _rollout.rollout(transitions, order, initial_state)
    from . import _triton_rollout

    return _triton_rollout.rollout(transitions, order, initial_state)


def sic_terms(
    positions: Float[Tensor, "networks batch time 2"],
    velocities: Float[Tensor, "networks batch time 2"],
    states: Float[Tensor, "networks batch time units"],
    initial_state: Float[Tensor, "networks units"],
    scales: Any,
    means: bool,
) -> Float[Tensor, "4 networks"]:
    """Separation, invariance, capacity and conformal isometry on a GPU, unweighted; `sicgrid.losses` has the reference.

    `scales` are those of `sic_scales`; `means` says whether the pair terms are means or sums.
    """
    from . import _triton_sic

    return _triton_sic.sic_terms(positions, velocities, states, initial_state, scales, means)


def sic_scales(sigma_x: Float[Tensor, " networks"], sigma_g: Float[Tensor, " networks"]) -> Any:
    """Lengths of the pair terms of each network, made ready for `sic_terms`."""
    from ._triton_factors import Scales

    return Scales.of(sigma_x, sigma_g)


def initial_states(start: Float[Tensor, "networks units"], batches: int) -> Float[Tensor, "rows units"]:
    """NormReLU of each row, so many times, by one launch on a GPU; no gradient. `sicgrid.model` has the reference."""
    from . import _triton_rollout

    return _triton_rollout.initial_states(start, batches)


def account(terms: Tensor, gradients: Sequence[Tensor], ledger: Ledger, update: Update) -> None:
    """Enter a step of many networks into the ledger, and prepare its update; on a GPU.

    `terms` (terms, batches of all networks), the total last; `gradients` (networks, ...), contiguous, not clipped.
    """
    from . import _triton_adamw

    _triton_adamw.account(terms, gradients, ledger, update)


def adamw(weights: Tensor, gradient: Tensor, moments: tuple[Tensor, Tensor], update: Update, stopped: Tensor) -> None:
    """The clipped update of one parameter of all networks, (networks, ...), in place; on a GPU, as torch's AdamW."""
    from . import _triton_adamw

    _triton_adamw.adamw(weights, gradient, moments, update, stopped)
