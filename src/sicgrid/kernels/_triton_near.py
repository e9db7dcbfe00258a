"""The sum over near pairs, its gradient and all counts, on a GPU: only where near pairs can be."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel
from ._triton_factors import Factors, Scales
from ._triton_order import BLOCK, Ordered, distance_squared

SPLITS = 2  # programs to a block of rows: some blocks have many neighbors, and who is last is waited for


def near_sums(
    made_of: Factors, points: Ordered, scales: Scales, part: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor]:
    """Parts of the sum over near ordered pairs (networks, parts), of its gradient, and of two counts.

    The counts, (2, networks, parts), are of pairs that are not far and that are near. All parts are to be added. All in
    full precision: a 0 or 1 has no bits to lose, and float16 factors come in two parts.
    """
    networks, n = points.order.shape
    row_blocks = len(range(part[0], triton.cdiv(n, BLOCK), part[1]))
    make = made_of.halves.new_empty if part[1] == 1 else made_of.halves.new_zeros
    gradients = make(networks, SPLITS, n, made_of.units)
    sums = made_of.halves.new_empty(networks, SPLITS * row_blocks)
    counts = sums.new_empty(2, *sums.shape, dtype=torch.int32)
    if row_blocks > 0:
        _near[(row_blocks, SPLITS, networks)](
            made_of.g,
            made_of.rest,
            points.order,
            points.x,
            points.neighbors,
            points.neighbor_counts,
            scales.threshold,
            gradients,
            sums,
            *counts,
            n,
            made_of.units,
            points.neighbor_counts.shape[1],
            *part,
            BLOCK=BLOCK,
            UNITS=made_of.width,
            HALF=made_of.is_half,
            num_warps=8,
            num_stages=2 if made_of.is_half else 1,
            enable_fp_fusion=False,  # else a distance would round otherwise than the reference's
        )
    return sums, gradients, counts


def rows_of(part: tuple[int, int], n: int) -> int:
    """How many points this share counts the pairs of."""
    return sum(min(BLOCK, n - top) for top in range(part[0] * BLOCK, n, part[1] * BLOCK))


@kernel
def _near(  # type: ignore[no-untyped-def]
    g,
    rest,
    order,
    x,
    neighbors,
    neighbor_counts,
    thresholds,
    gradients,
    sums,
    not_far_counts,
    near_counts,
    n,
    units,
    blocks,
    share,
    shares,
    BLOCK: tl.constexpr,
    UNITS: tl.constexpr,
    HALF: tl.constexpr,
):
    """A block of rows against its neighbors: s_i = c_i g_i - sum of near g_j, 2 g.s and 4 s.

    A point is counted as near itself, which changes nothing in s, and is taken off the counts at the end.
    """
    first, splits, network = tl.program_id(1), tl.num_programs(1), tl.program_id(2).to(tl.int64)
    KIND: tl.constexpr = sums.dtype.element_ty
    own_block = tl.program_id(0) * shares + share
    i, unit = own_block * BLOCK + tl.arange(0, BLOCK), tl.arange(0, UNITS)
    threshold = tl.load(thresholds + network)
    row = network * blocks + own_block
    neighbors += row * blocks
    start = network * blocks * BLOCK
    g += start * UNITS
    rest += start * UNITS
    x += 2 * start
    # How many near pairs each place of a tile saw, and 2^16 times how many that are not far: registers are short.
    pairs = tl.zeros((BLOCK, BLOCK), tl.int32)
    # Apart, for as one Triton would bring them from one layout into another for each product.
    met, small_met = tl.zeros((BLOCK, UNITS), KIND), tl.zeros((BLOCK, UNITS), KIND)
    for index in range(first, tl.load(neighbor_counts + row), splits):
        j = tl.load(neighbors + index) * BLOCK + tl.arange(0, BLOCK)
        state = tl.load(g + j[:, None] * UNITS + unit[None, :])
        squared = distance_squared(x, i, j)
        near = squared < threshold
        pairs += tl.where(squared <= threshold, tl.where(near, 65537, 65536), 0)
        chosen = near.to(g.dtype.element_ty)
        met = tl.dot(chosen, state, met, input_precision="ieee", out_dtype=KIND)
        if HALF:
            small = tl.load(rest + j[:, None] * UNITS + unit[None, :])
            small_met = tl.dot(chosen, small, small_met, input_precision="ieee", out_dtype=KIND)
    state = tl.load(g + i[:, None] * UNITS + unit[None, :]).to(KIND)
    if HALF:
        state += tl.load(rest + i[:, None] * UNITS + unit[None, :]).to(KIND)
    near_count, not_far_count = tl.sum(pairs & 65535, axis=1), tl.sum(pairs >> 16, axis=1)
    apart = near_count.to(KIND)[:, None] * state - (met + small_met)
    here = i < n
    point = tl.load(order + network * n + i, mask=here, other=0)
    written = (network * splits + first) * n
    mask = here[:, None] & (unit < units)[None, :]
    tl.store(gradients + (written + point)[:, None] * units + unit[None, :], 4.0 * apart, mask=mask)
    part = (network * splits + first) * tl.num_programs(0) + tl.program_id(0)
    tl.store(sums + part, tl.sum(tl.where(here, 2.0 * tl.sum(state * apart, axis=1), 0.0), axis=0))
    own = tl.where(first == 0, 1, 0)
    near_count -= own * (threshold > 0.0).to(tl.int32)
    tl.store(near_counts + part, tl.sum(tl.where(here, near_count, 0), axis=0))
    tl.store(not_far_counts + part, tl.sum(tl.where(here, not_far_count - own, 0), axis=0))
