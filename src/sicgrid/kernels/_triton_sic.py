"""All terms of the SIC loss of many networks on a GPU: what is not pairs takes one pass over the states, one back."""

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._triton_compile import kernel
from ._triton_factors import Scales, factors
from ._triton_far import far_sums
from ._triton_moves import ROWS, moves_of, steps_at
from ._triton_near import near_sums
from ._triton_order import by_place
from ._triton_pairs import check_fits
from ._triton_sums import sum_of


def sic_terms(
    positions: Float[Tensor, "networks batch time 2"],
    velocities: Float[Tensor, "networks batch time 2"],
    states: Float[Tensor, "networks batch time units"],
    initial_state: Float[Tensor, "networks units"],
    scales: Scales,
    means: bool,
    precision: str = "fp16",
) -> Float[Tensor, "4 networks"]:
    r"""Separation, invariance, capacity and conformal isometry of each network's batch, differentiable.

    The GPU's twin of the terms in `sicgrid.losses`, unweighted; `means` says whether the pair terms are means or sums,
    and these have the precision of `sicgrid.kernels.pair_sums`. Of the conformal isometry, the variance of q =
    ||g_t - g_{t-1}|| / ||v_t|| over N steps, the gradient needs no more than the mean: d var / d q_t = 2 (q_t - mean)
    / N. Every program writes its part of each sum, and one program a network adds them up in float64. No atomics: the
    same input gives the same bits. CUDA (or CPU, in Triton's interpreter), float32 or float64 (in "ieee" precision), at
    most 256 units; ValueError for more, or for another precision.
    """
    check_fits(states, precision)
    exactly = "ieee" if states.dtype == torch.float64 else precision
    x, v = positions.detach().contiguous(), velocities.detach().contiguous()
    return _SICTerms.apply(states, initial_state, x, v, scales, means, exactly)  # type: ignore[no-untyped-call,no-any-return]


class _SICTerms(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states, initial_state, positions, velocities, scales, means, precision):  # type: ignore[no-untyped-def]
        states, initial_state = states.detach().contiguous(), initial_state.detach().contiguous()
        networks, units = initial_state.shape
        n = states[0, ..., 0].numel()
        points = by_place(positions.flatten(1, 2), scales.sigma_x)
        made_of = factors(states.flatten(1, 2), points, scales, precision)
        far, far_gradients = far_sums(made_of, points, scales, (0, 1))
        near, near_gradients, counts = near_sums(made_of, points, scales, (0, 1))
        moves = moves_of(states, initial_state, velocities, scales.threshold)
        terms, mean_states = states.new_empty(4, networks), states.new_empty(networks, units)
        shares = states.new_empty(networks, 4)
        _finish[(networks,)](
            far,
            near,
            *counts,
            moves.moments,
            moves.sums,
            terms,
            mean_states,
            shares,
            far.shape[1],
            near.shape[1],
            moves.sums.shape[1],
            n,
            n * (n - 1),
            units,
            MEANS=means,
            UNITS=triton.next_power_of_2(units),
            CHUNK=256,
            ROWS=16,
            num_warps=8,
            enable_fp_fusion=True,
        )
        ctx.save_for_backward(
            states, initial_state, far_gradients, near_gradients, moves.ratios, moves.slopes, mean_states, shares
        )
        return terms

    @staticmethod
    @once_differentiable
    def backward(ctx, d_terms):  # type: ignore[no-untyped-def]
        states, initial_state, far, near, ratios, slopes, mean_states, shares = ctx.saved_tensors
        networks, _, time, units = states.shape
        n = ratios[0].numel()
        gradient = torch.empty_like(states)
        _gradient[(triton.cdiv(n, ROWS), networks)](
            states,
            initial_state,
            far,
            near,
            ratios,
            slopes,
            mean_states,
            shares,
            d_terms.contiguous(),
            gradient,
            n,
            time,
            units,
            FAR=far.shape[1],
            NEAR=near.shape[1],
            ROWS=ROWS,
            UNITS=triton.next_power_of_2(units),
            num_warps=8,
            enable_fp_fusion=True,
        )
        d_start = None
        if ctx.needs_input_grad[1]:
            mean, share = shares[:, 2, None], (shares[:, 3] * d_terms[3])[:, None]
            slope = share * (ratios[..., 0] - mean) * slopes[..., 0]
            d_start = -2 * (slope[..., None] * (states[:, :, 0] - initial_state[:, None])).sum(dim=1)
        return gradient, d_start, None, None, None, None, None


@kernel
def _column_sums(rows, count, units, UNITS: tl.constexpr, ROWS: tl.constexpr):  # type: ignore[no-untyped-def]
    unit = tl.arange(0, UNITS)
    total = tl.zeros((ROWS, UNITS), tl.float64)
    for first in range(0, count, ROWS):
        row = first + tl.arange(0, ROWS)
        mask = (row < count)[:, None] & (unit < units)[None, :]
        total += tl.load(rows + row[:, None] * units + unit[None, :], mask=mask, other=0.0).to(tl.float64)
    return tl.sum(total, axis=0)


@kernel
def _about(moments, blocks, center, SQUARED: tl.constexpr, CHUNK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Sum of all ratios, or of their squares about a center, from each program's number, mean and sum of squares."""
    total = tl.zeros((CHUNK,), tl.float64)
    for first in range(0, blocks, CHUNK):
        block = first + tl.arange(0, CHUNK)
        there = block < blocks
        number = tl.load(moments + block, mask=there, other=0.0).to(tl.float64)
        off = tl.load(moments + blocks + block, mask=there, other=0.0).to(tl.float64) - center
        if SQUARED:
            total += tl.load(moments + 2 * blocks + block, mask=there, other=0.0).to(tl.float64) + number * off * off
        else:
            total += number * off
    return tl.sum(total, axis=0)


@kernel
def _finish(  # type: ignore[no-untyped-def]
    far,
    near,
    not_far_counts,
    near_counts,
    moments,
    sums,
    terms,
    mean_states,
    shares,
    far_parts,
    near_parts,
    blocks,
    n,
    pairs,
    units,
    MEANS: tl.constexpr,
    UNITS: tl.constexpr,
    CHUNK: tl.constexpr,
    ROWS: tl.constexpr,
):
    """Add up all parts for one network.

    What the gradient needs of the sums goes to `shares`: the weight of a pair in separation and in invariance, the mean
    ratio, and the weight of a step.
    """
    network, networks = tl.program_id(0).to(tl.int64), tl.num_programs(0)
    far_share, near_share = 1.0, 1.0
    if MEANS:
        not_far = sum_of(not_far_counts + network * near_parts, near_parts, CHUNK, tl.int64)
        far_count = pairs - not_far
        near_count = sum_of(near_counts + network * near_parts, near_parts, CHUNK, tl.int64)
        far_share = 1.0 / tl.maximum(far_count, 1).to(tl.float64)
        near_share = 1.0 / tl.maximum(near_count, 1).to(tl.float64)
    tl.store(terms + network, sum_of(far + network * far_parts, far_parts, CHUNK, tl.float64) * far_share)
    tl.store(
        terms + networks + network, sum_of(near + network * near_parts, near_parts, CHUNK, tl.float64) * near_share
    )

    unit = tl.arange(0, UNITS)
    mean_state = _column_sums(sums + network * blocks * units, blocks, units, UNITS, ROWS) / n
    tl.store(mean_states + network * units + unit, mean_state, mask=unit < units)
    tl.store(terms + 2 * networks + network, -tl.sum(mean_state * mean_state, axis=0))

    moments += network * 3 * blocks
    steps = tl.maximum(sum_of(moments, blocks, CHUNK, tl.float64), 1.0)
    mean = _about(moments, blocks, 0.0, False, CHUNK) / steps
    tl.store(terms + 3 * networks + network, _about(moments, blocks, mean, True, CHUNK) / steps)
    shares += 4 * network
    tl.store(shares, far_share)
    tl.store(shares + 1, near_share)
    tl.store(shares + 2, mean)
    tl.store(shares + 3, 1.0 / steps)


@kernel
def _gradient(  # type: ignore[no-untyped-def]
    states,
    initial_state,
    far,
    near,
    ratios,
    slopes,
    mean_states,
    shares,
    d_terms,
    gradient,
    steps,
    time,
    units,
    FAR: tl.constexpr,
    NEAR: tl.constexpr,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
):
    """Of all terms by the states, each by what comes from above.

    That of the moves is 2 s_t (g_t - g_{t-1}) - 2 s_{t+1} (g_{t+1} - g_t), the latter not after the last step, with s
    the slope by the squared move.
    """
    network, networks = tl.program_id(1).to(tl.int64), tl.num_programs(1)
    i, unit = tl.program_id(0) * ROWS + tl.arange(0, ROWS), tl.arange(0, UNITS)
    place, mask, state, before = steps_at(states, initial_state, network, i, steps, time, units, UNITS)
    shares += 4 * network
    d_terms += network
    total = tl.zeros((ROWS, UNITS), gradient.dtype.element_ty)
    above = tl.load(d_terms) * tl.load(shares)
    if above != 0.0:
        for part in range(FAR):
            total += tl.load(far + place + (network * (FAR - 1) + part) * steps * units, mask=mask, other=0.0)
        total *= above
    above = tl.load(d_terms + networks) * tl.load(shares + 1)
    if above != 0.0:
        pairs = tl.zeros((ROWS, UNITS), gradient.dtype.element_ty)
        for part in range(NEAR):
            pairs += tl.load(near + place + (network * (NEAR - 1) + part) * steps * units, mask=mask, other=0.0)
        total += above * pairs
    above = tl.load(d_terms + 2 * networks)
    if above != 0.0:
        mean_state = tl.load(mean_states + network * units + unit, mask=unit < units, other=0.0)
        total += (-2.0 * above / steps * mean_state)[None, :]
    above = tl.load(d_terms + 3 * networks) * tl.load(shares + 3)
    if above != 0.0:
        here, going_on = i < steps, i % time != time - 1
        at, mean = network * steps + i, tl.load(shares + 2)
        slope = (tl.load(ratios + at, mask=here, other=0.0) - mean) * tl.load(slopes + at, mask=here, other=0.0)
        follows = here & going_on
        next_ratio = tl.load(ratios + at + 1, mask=follows, other=0.0)
        next_slope = (next_ratio - mean) * tl.load(slopes + at + 1, mask=follows, other=0.0)
        after = tl.load(states + place + units, mask=mask & going_on[:, None], other=0.0)
        onward = tl.where(going_on[:, None], after - state, 0.0)
        total += 2.0 * above * (slope[:, None] * (state - before) - next_slope[:, None] * onward)
    tl.store(gradient + place, total, mask=mask)
