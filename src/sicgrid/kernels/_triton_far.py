"""The sum over far pairs and its gradient, on the tensor cores of a GPU."""

import math
from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel

LOG2_E = math.log2(math.e)
PROGRAMS = 264  # two for each of an H100's 132 multiprocessors; where there are fewer row blocks, their rows are split


class Precision(NamedTuple):
    """How a product of float32 factors is made on the tensor cores, which know fewer bits."""

    dropped: int
    """Bits that a part of a factor does without: 13 for TF32, 16 for bf16. 0: nothing is rounded, nothing is fast."""
    parts: int
    """Of each factor. Two: a product is the sum of three, without that of the two small parts."""


PRECISIONS = {
    "ieee": Precision(0, 1),
    "tf32": Precision(13, 1),
    "tf32x3": Precision(13, 2),
    "bf16": Precision(16, 1),
    "bf16x3": Precision(16, 2),
}


class Tile(NamedTuple):
    """Points high and wide, and the warps that work on it."""

    height: int
    width: int
    warps: int


def tile_of(units: int, precision: Precision, dtype: torch.dtype) -> Tile:
    """As large as leaves the gradient's share in registers and the factors in an H100's shared memory.

    Read off the compiler's report for compute capability 9.0, not timed.
    """
    wide = units > 128
    if dtype == torch.float64:
        return Tile(32, 16, 8) if wide else Tile(32, 32, 4)
    if precision.dropped == 0:
        return Tile(32, 32, 8) if wide else Tile(64, 32, 8)
    if precision == PRECISIONS["tf32x3"]:
        return Tile(64, 16, 8) if wide else Tile(64, 32, 4)
    return Tile(64, 32, 8) if wide else Tile(64, 64, 4)


def far_sums(
    g: Tensor, x: Tensor, threshold: Tensor, sigma_g: Tensor, part: tuple[int, int], precision: Precision
) -> tuple[Tensor, Tensor]:
    """Sum over far ordered pairs (networks,) and its gradient (networks, n, units); threshold is sigma_x squared.

    With one part to a factor the sum and its gradient are those of the rounded states, so that rounding does not tear
    apart what belongs together: coincident states have no gradient in any precision.
    """
    networks, n, units = g.shape
    large, small = split(g, precision)
    if precision.parts == 1:
        g = large
    steepness = LOG2_E / sigma_g**2
    half = g.square().sum(dim=-1) * (steepness / 2)[:, None]
    tile = tile_of(units, precision, g.dtype)
    row_blocks = len(range(part[0], triton.cdiv(n, tile.height), part[1]))
    splits = max(1, min(triton.cdiv(PROGRAMS, max(row_blocks * networks, 1)), triton.cdiv(n, tile.width)))
    make = g.new_empty if part[1] == 1 else g.new_zeros
    gradients, rows = make(networks, splits, n, units), make(networks, splits, n)
    operand = tl.float64 if g.dtype == torch.float64 else tl.float32
    # The interpreter cannot multiply bf16; float32 holds the same numbers.
    if precision.dropped == 16 and g.is_cuda:
        operand = tl.bfloat16
        large, small = large.bfloat16(), small.bfloat16()
    if row_blocks > 0:
        _far[(row_blocks, splits, networks)](
            g,
            large,
            small,
            half,
            x,
            threshold,
            steepness,
            2 / sigma_g**2,
            gradients,
            rows,
            n,
            units,
            *part,
            HEIGHT=tile.height,
            WIDTH=tile.width,
            UNITS=max(16, triton.next_power_of_2(units)),
            DROPPED=precision.dropped,
            PARTS=precision.parts,
            OPERAND=operand,
            INPUT="tf32" if precision.dropped == 13 else "ieee",
            num_warps=tile.warps,
            num_stages=1 if tile.width == 16 and precision.parts == 2 else 2,
            enable_fp_fusion=False,  # else a distance would round otherwise than the reference's
        )
    total = rows.sum(dim=(1, 2), dtype=torch.float64).to(g.dtype)
    return total, gradients.squeeze(1) if splits == 1 else gradients.sum(dim=1)


def split(g: Tensor, precision: Precision) -> tuple[Tensor, Tensor]:
    """The nearest number that a part can hold, and, of two parts, the nearest to what is left; still float32."""
    if precision.dropped == 0:
        return g, g
    large = _nearest(g, precision.dropped)
    return large, _nearest(g - large, precision.dropped) if precision.parts == 2 else large


def _nearest(values: Tensor, dropped: int) -> Tensor:
    bits = values.view(torch.int32)
    rounded = ((bits + (1 << (dropped - 1))) & -(1 << dropped)).view(torch.float32)
    return torch.where(values.isnan(), values, rounded)


@kernel
def nearest(values, DROPPED: tl.constexpr):  # type: ignore[no-untyped-def]
    """The nearest float32 whose last DROPPED bits are 0, ties away from 0; not-a-number stays."""
    if DROPPED > 0:
        bits = values.to(tl.int32, bitcast=True)
        rounded = ((bits + (1 << (DROPPED - 1))) & -(1 << DROPPED)).to(tl.float32, bitcast=True)
        values = tl.where(values == values, rounded, values)
    return values


@kernel
def distance_squared(x, i, j, mask_i, mask_j):  # type: ignore[no-untyped-def]
    """Of points i and j, (i, j); rounds as the reference does if multiply and add are not fused."""
    dx = tl.load(x + 2 * i, mask=mask_i, other=0.0)[:, None] - tl.load(x + 2 * j, mask=mask_j, other=0.0)[None, :]
    dy = (
        tl.load(x + 2 * i + 1, mask=mask_i, other=0.0)[:, None]
        - tl.load(x + 2 * j + 1, mask=mask_j, other=0.0)[None, :]
    )
    return dx * dx + dy * dy


@kernel
def _far(  # type: ignore[no-untyped-def]
    g,
    large,
    small,
    half,
    x,
    thresholds,
    steepnesses,
    slopes,
    gradients,
    rows,
    n,
    units,
    share,
    shares,
    HEIGHT: tl.constexpr,
    WIDTH: tl.constexpr,
    UNITS: tl.constexpr,
    DROPPED: tl.constexpr,
    PARTS: tl.constexpr,
    OPERAND: tl.constexpr,
    INPUT: tl.constexpr,
):
    """A block of rows against every splits-th block of columns: row sums of E, and -(r_i g_i - (E g)_i) by slope."""
    first, splits, network = tl.program_id(1), tl.num_programs(1), tl.program_id(2).to(tl.int64)
    i = (tl.program_id(0) * shares + share) * HEIGHT + tl.arange(0, HEIGHT)
    unit = tl.arange(0, UNITS)
    here, used = i < n, unit < units
    threshold = tl.load(thresholds + network)
    steepness = tl.load(steepnesses + network)
    start = network * n
    own = (start + i)[:, None] * units + unit[None, :]
    own_mask = here[:, None] & used[None, :]
    own_large = tl.load(large + own, mask=own_mask, other=0.0)
    own_half = tl.load(half + start + i, mask=here, other=0.0)
    total = tl.zeros((HEIGHT,), g.dtype.element_ty)
    products = tl.zeros((HEIGHT, UNITS), g.dtype.element_ty)
    for block in range(first, tl.cdiv(n, WIDTH), splits):
        j = block * WIDTH + tl.arange(0, WIDTH)
        there = j < n
        other = (start + j)[:, None] * units + unit[None, :]
        other_mask = there[:, None] & used[None, :]
        other_large = tl.load(large + other, mask=other_mask, other=0.0)
        gram = tl.dot(own_large, tl.trans(other_large), input_precision=INPUT, out_dtype=g.dtype.element_ty)
        if PARTS == 2:
            # Its own small part comes from the cache each time: kept, it would take a gradient's share of registers.
            own_small = tl.load(small + own, mask=own_mask, other=0.0)
            other_small = tl.load(small + other, mask=other_mask, other=0.0)
            gram = tl.dot(own_large, tl.trans(other_small), gram, input_precision=INPUT)
            gram = tl.dot(own_small, tl.trans(other_large), gram, input_precision=INPUT)
        there_half = tl.load(half + start + j, mask=there, other=0.0)
        exponent = gram * steepness - own_half[:, None] - there_half[None, :]
        # Rounding can put coincident states at a distance below zero. Not-a-number stays.
        overlap = tl.exp2(tl.where(exponent > 0.0, 0.0, exponent))
        far = (distance_squared(x + 2 * start, i, j, here, there) > threshold) & there[None, :]
        overlap = tl.where(far, overlap, 0.0)
        overlap_large = nearest(overlap, DROPPED)
        if PARTS == 2:
            overlap_small = nearest(overlap - overlap_large, DROPPED).to(OPERAND)
            total += tl.sum(overlap, axis=1)
            products = tl.dot(overlap_small, other_large, products, input_precision=INPUT)
            products = tl.dot(overlap_large.to(OPERAND), other_small, products, input_precision=INPUT)
        else:
            total += tl.sum(overlap_large, axis=1)
        products = tl.dot(
            overlap_large.to(OPERAND), other_large, products, input_precision=INPUT, out_dtype=g.dtype.element_ty
        )
    slope = tl.load(slopes + network)
    own_state = tl.load(g + own, mask=own_mask, other=0.0)
    gradient = slope * (products - total[:, None] * own_state)
    written = (network * splits + first) * n + i
    tl.store(gradients + written[:, None] * units + unit[None, :], gradient, mask=own_mask)
    tl.store(rows + written, total, mask=here)
