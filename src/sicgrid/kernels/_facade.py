"""One name for each kernel; where the tensors lie decides which twin runs."""

from collections.abc import Sequence

from jaxtyping import Float, Int
from torch import Tensor

from . import _pairs, _rollout


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


def squared_moves(
    states: Float[Tensor, "networks batch time units"], initial_state: Float[Tensor, "networks units"]
) -> Float[Tensor, "networks batch time"]:
    """||g_t - g_{t-1}||^2 of every step, g_0 the initial state, on a GPU; `sicgrid.losses` has the reference."""
    from . import _triton_moves

    return _triton_moves.squared_moves(states, initial_state)
