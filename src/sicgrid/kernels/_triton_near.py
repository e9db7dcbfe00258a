"""The sum over near pairs, its gradient and all counts, on a GPU: only where near pairs can be."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel
from ._triton_far import distance_squared, nearest

BLOCK = 64  # points of a block of neighbors; also the height and width of a tile


def near_sums(
    g: Tensor, x: Tensor, threshold: Tensor, sigma_x: Tensor, part: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sum over near ordered pairs (networks,), its gradient (networks, n, units), and how many are not far and near.

    All in full precision: a 0 or 1 has no bits to lose, and a state is split into two parts.
    """
    networks, n, units = g.shape
    order = _by_place(x, sigma_x)
    row_blocks = len(range(part[0], triton.cdiv(n, BLOCK), part[1]))
    values = x.gather(1, order[..., None].expand(-1, -1, 2))
    low, high = _boxes(values)
    make = torch.empty if part[1] == 1 else torch.zeros
    gradient = make(networks, n, units, dtype=g.dtype, device=g.device)
    rows = make(networks, n, dtype=g.dtype, device=g.device)
    counts = make(2, networks, n, dtype=torch.int32, device=g.device)
    if row_blocks > 0:
        _near[(row_blocks, networks)](
            g,
            values,
            order,
            low,
            high,
            threshold,
            gradient,
            rows,
            counts[0],
            counts[1],
            n,
            units,
            *part,
            BLOCK=BLOCK,
            UNITS=max(16, triton.next_power_of_2(units)),
            DROPPED=0 if g.dtype == torch.float64 else 13,
            INPUT="ieee" if g.dtype == torch.float64 else "tf32",
            num_warps=8,
            num_stages=1,
            enable_fp_fusion=False,  # else a distance would round otherwise than the reference's
        )
    not_far, near_count = counts.sum(dim=-1)
    return rows.sum(dim=1, dtype=torch.float64).to(g.dtype), gradient, not_far, near_count


def rows_of(part: tuple[int, int], n: int) -> int:
    """How many points this share counts the pairs of."""
    return sum(min(BLOCK, n - top) for top in range(part[0] * BLOCK, n, part[1] * BLOCK))


def _by_place(x: Tensor, sigma_x: Tensor) -> Tensor:
    """Order of the points, (networks, n), that makes those near each other follow each other: by strips of the plane.

    A strip is 4 sigma_x wide. How well it sorts is a matter of speed only: boxes, not this, tell what is left out.
    """
    cells = (x / sigma_x[:, None, None]).clamp(-1e6, 1e6)
    strip, along = (cells[..., 0] / 4).floor().long(), (cells[..., 1] * 4).floor().long()
    return (strip * 2**24 + along).argsort(dim=1, stable=True)


def _boxes(x: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest and highest coordinates of each block of points, each (networks, blocks, 2)."""
    missing = -x.shape[1] % BLOCK
    padded = torch.cat([x, x[:, -1:].expand(-1, missing, -1)], dim=1).view(len(x), -1, BLOCK, 2)
    return padded.amin(dim=2), padded.amax(dim=2)


@kernel
def _gap(low, high, a, b):  # type: ignore[no-untyped-def]
    """Distance of blocks a and b along one axis, 0 where they overlap."""
    apart = tl.maximum(tl.load(low + 2 * b) - tl.load(high + 2 * a), tl.load(low + 2 * a) - tl.load(high + 2 * b))
    return tl.maximum(apart, 0.0)


@kernel
def _near(  # type: ignore[no-untyped-def]
    g,
    x,
    order,
    low,
    high,
    thresholds,
    gradients,
    rows,
    not_far_counts,
    near_counts,
    n,
    units,
    share,
    shares,
    BLOCK: tl.constexpr,
    UNITS: tl.constexpr,
    DROPPED: tl.constexpr,
    INPUT: tl.constexpr,
):
    """A block of rows, in sorted order, against all blocks near it: s_i = c_i g_i - sum of near g_j, 2 g.s and 4 s."""
    network, own_block = tl.program_id(1).to(tl.int64), tl.program_id(0) * shares + share
    blocks = tl.cdiv(n, BLOCK)
    i = own_block * BLOCK + tl.arange(0, BLOCK)
    unit = tl.arange(0, UNITS)
    here, used = i < n, unit < units
    threshold = tl.load(thresholds + network)
    start = network * n
    own = start + tl.load(order + start + i, mask=here, other=0)
    own_mask = here[:, None] & used[None, :]
    near_count = tl.zeros((BLOCK,), tl.int32)
    not_far_count = tl.zeros((BLOCK,), tl.int32)
    sums = tl.zeros((BLOCK, UNITS), g.dtype.element_ty)
    low += 2 * network * blocks
    high += 2 * network * blocks
    for block in range(blocks):
        dx, dy = _gap(low, high, own_block, block), _gap(low + 1, high + 1, own_block, block)
        # Rounding is monotonic and this is rounded as the pairs' distances are: no pair of the blocks is nearer.
        if dx * dx + dy * dy <= threshold:
            j = block * BLOCK + tl.arange(0, BLOCK)
            there = j < n
            other = start + tl.load(order + start + j, mask=there, other=0)
            state = tl.load(g + other[:, None] * units + unit[None, :], mask=there[:, None] & used[None, :], other=0.0)
            squared = distance_squared(x + 2 * start, i, j, here, there)
            pair = there[None, :] & (i[:, None] != j[None, :])
            near = (squared < threshold) & pair
            near_count += tl.sum(near.to(tl.int32), axis=1)
            not_far_count += tl.sum(((squared <= threshold) & pair).to(tl.int32), axis=1)
            chosen = near.to(g.dtype.element_ty)
            large = nearest(state, DROPPED)
            if DROPPED > 0:
                sums = tl.dot(chosen, nearest(state - large, DROPPED), sums, input_precision=INPUT)
            sums = tl.dot(chosen, large, sums, input_precision=INPUT, out_dtype=g.dtype.element_ty)
    state = tl.load(g + own[:, None] * units + unit[None, :], mask=own_mask, other=0.0)
    apart = near_count.to(g.dtype.element_ty)[:, None] * state - sums
    tl.store(gradients + own[:, None] * units + unit[None, :], 4.0 * apart, mask=own_mask)
    tl.store(rows + own, 2.0 * tl.sum(state * apart, axis=1), mask=here)
    tl.store(near_counts + own, near_count, mask=here)
    tl.store(not_far_counts + own, not_far_count, mask=here)
