"""The sum over far pairs and its gradient, on the tensor cores of a GPU."""

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel
from ._triton_factors import Factors, Scales
from ._triton_order import BLOCK, Ordered, distance_squared

PROGRAMS = 528  # four for each of 132 multiprocessors; where there are fewer row blocks, their rows are split
LIFT = 12  # float16 loses bits below 2^-14: overlaps, at most 1, are multiplied by 2^12 while they are factors


class Tile(NamedTuple):
    """Points wide, at most a block as it is high; the warps that work on it, and the loads under way at a time."""

    width: int
    warps: int
    stages: int


def tile_of(units: int, dtype: torch.dtype) -> Tile:
    """For factors of this kind, by units: of float16 the fastest tried on an H200, benchmarks/gpu_kernels.py."""
    if dtype == torch.float16:
        return Tile(32, 8, 2) if units > 128 else Tile(64, 4, 4)
    return Tile(16, 8, 1) if units > 128 else Tile(32, 8, 1)


def far_sums(
    made_of: Factors, points: Ordered, scales: Scales, part: tuple[int, int], tile: Tile | None = None
) -> tuple[Tensor, Tensor]:
    """Parts of the sum over far ordered pairs (networks, parts) and of its gradient (networks, parts, n, units).

    All parts are to be added. Sum and gradient are those of u, rounded or not, so that rounding does not tear
    apart what belongs together: coincident states have no gradient in any precision.
    """
    networks, n = points.order.shape
    tile = tile or tile_of(made_of.width, made_of.u.dtype)
    row_blocks = len(range(part[0], triton.cdiv(n, BLOCK), part[1]))
    splits = max(1, min(PROGRAMS // max(row_blocks * networks, 1), triton.cdiv(n, tile.width)))
    make = made_of.halves.new_empty if part[1] == 1 else made_of.halves.new_zeros
    gradients = make(networks, splits, n, made_of.units)
    sums = made_of.halves.new_empty(networks, splits * row_blocks)
    if row_blocks > 0:
        _far[(row_blocks, splits, networks)](
            made_of.u,
            made_of.halves,
            points.order,
            points.x,
            points.near,
            scales.threshold,
            scales.slope,
            gradients,
            sums,
            n,
            made_of.units,
            points.neighbor_counts.shape[1],
            *part,
            HEIGHT=BLOCK,
            WIDTH=tile.width,
            UNITS=made_of.width,
            LIFT=LIFT if made_of.is_half else 0,
            num_warps=tile.warps,
            num_stages=tile.stages,
            enable_fp_fusion=False,  # else a distance would round otherwise than the reference's
        )
    return sums, gradients


@kernel
def _far(  # type: ignore[no-untyped-def]
    u,
    halves,
    order,
    x,
    near,
    thresholds,
    slopes,
    gradients,
    sums,
    n,
    units,
    blocks,
    share,
    shares,
    HEIGHT: tl.constexpr,
    WIDTH: tl.constexpr,
    UNITS: tl.constexpr,
    LIFT: tl.constexpr,
):
    """A block of rows against every splits-th tile of columns: its sum of E, and -(r_i u_i - (E u)_i) by slope."""
    first, splits, network = tl.program_id(1), tl.num_programs(1), tl.program_id(2).to(tl.int64)
    KIND: tl.constexpr = halves.dtype.element_ty
    own_block = tl.program_id(0) * shares + share
    i, unit = own_block * HEIGHT + tl.arange(0, HEIGHT), tl.arange(0, UNITS)
    threshold = tl.load(thresholds + network)
    start = network * blocks * HEIGHT
    u += start * UNITS
    halves += start
    x += 2 * start
    near += (network * blocks + own_block) * blocks
    own = tl.load(u + i[:, None] * UNITS + unit[None, :])
    own_half = tl.load(halves + i) - LIFT
    total = tl.zeros((HEIGHT,), KIND)
    products = tl.zeros((HEIGHT, UNITS), KIND)
    for tile in range(first, tl.cdiv(n, WIDTH), splits):
        j = tile * WIDTH + tl.arange(0, WIDTH)
        other = tl.load(u + j[:, None] * UNITS + unit[None, :])
        gram = tl.dot(own, tl.trans(other), input_precision="ieee", out_dtype=KIND)
        exponent = gram - own_half[:, None] - tl.load(halves + j)[None, :]
        # Rounding can put coincident states at a distance below zero. Not-a-number stays.
        overlap = tl.exp2(tl.minimum(exponent, 1.0 * LIFT, propagate_nan=tl.PropagateNan.ALL))
        if tl.load(near + tile * WIDTH // HEIGHT) != 0:
            overlap = tl.where(distance_squared(x, i, j) > threshold, overlap, 0.0)
        factor = overlap.to(u.dtype.element_ty)
        total += tl.sum(factor.to(KIND), axis=1)
        products = tl.dot(factor, other, products, input_precision="ieee", out_dtype=KIND)
    lowered = 1.0 / (1 << LIFT)
    gradient = tl.load(slopes + network) * lowered * (products - total[:, None] * own.to(KIND))
    here = i < n
    point = tl.load(order + network * n + i, mask=here, other=0)
    written = (network * splits + first) * n
    mask = here[:, None] & (unit < units)[None, :]
    tl.store(gradients + (written + point)[:, None] * units + unit[None, :], gradient, mask=mask)
    tl.store(
        sums + (network * splits + first) * tl.num_programs(0) + tl.program_id(0),
        tl.sum(tl.where(here, total, 0.0), axis=0) * lowered,
    )
