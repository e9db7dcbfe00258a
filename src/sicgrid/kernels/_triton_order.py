"""The points of the pair terms in an order that puts near ones side by side: whole tiles are near, or are not."""

from typing import NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

from ._triton_compile import kernel

BLOCK = 64  # points that share a box
PADDED = 2 * BLOCK  # their number is filled up to a multiple of this, with points that are none: no tile needs a mask
NOWHERE = 1e18  # where those are: far from all others, and its square a float32
STRIPS, ALONG = 2**5, 2**9  # kept of the plane on either side; a key has 16 bits, which sort in half the time of 32


class Ordered(NamedTuple):
    """Places of all points in that order, and which blocks of them are near each other."""

    order: Tensor
    """Index of each point among those given, (networks, n)."""
    x: Tensor
    """(networks, points, 2), meters; filled up."""
    near: Tensor
    """Whether the boxes of two blocks are not beyond sigma_x, (networks, blocks, blocks)."""
    neighbors: Tensor
    """Of each block those for which that is so, ascending, (networks, blocks, blocks); the rest is not filled in."""
    neighbor_counts: Tensor
    """How many these are, (networks, blocks)."""


def by_place(x: Tensor, sigma_x: Tensor) -> Ordered:
    """Points (networks, n, 2) by strips of the plane, 2 sigma_x wide, and along these.

    How well this sorts is a matter of speed only: boxes, not the strips, tell what is left out.
    """
    networks, n, _ = x.shape
    padded = triton.cdiv(n, PADDED) * PADDED
    blocks = padded // BLOCK
    keys = torch.empty(networks, n, dtype=torch.int16, device=x.device)
    _keys[(triton.cdiv(n, 256), networks)](x, sigma_x, keys, n, STRIPS, ALONG, ROWS=256, enable_fp_fusion=True)
    order = keys.argsort(dim=1, stable=True)
    sorted_x, boxes = x.new_empty(networks, padded, 2), x.new_empty(2, networks, blocks, 2)
    _boxes[(blocks, networks)](x, order, sorted_x, *boxes, n, BLOCK=BLOCK, NOWHERE=NOWHERE, enable_fp_fusion=True)
    near = torch.empty(networks, blocks, blocks, dtype=torch.int8, device=x.device)
    neighbors = torch.empty(near.shape, dtype=torch.int32, device=x.device)
    neighbor_counts = torch.empty(networks, blocks, dtype=torch.int32, device=x.device)
    _neighbors[(blocks, networks)](
        *boxes, sigma_x, near, neighbors, neighbor_counts, BLOCKS=triton.next_power_of_2(blocks), enable_fp_fusion=False
    )
    return Ordered(order, sorted_x, near, neighbors, neighbor_counts)


@kernel
def _keys(x, scales, keys, n, strips, along, ROWS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Strip and, within it, half sigmas along; beyond what 16 bits hold the last of each."""
    network = tl.program_id(1).to(tl.int64)
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    here = i < n
    scale = tl.load(scales + network)
    first = tl.load(x + 2 * (network * n + i), mask=here, other=0.0) / scale * 0.5
    second = tl.load(x + 2 * (network * n + i) + 1, mask=here, other=0.0) / scale * 2.0
    strip = tl.floor(tl.minimum(tl.maximum(first, -1.0 * strips), strips - 1.0)).to(tl.int32)
    place = tl.floor(tl.minimum(tl.maximum(second, -1.0 * along), along - 1.0)).to(tl.int32)
    tl.store(keys + network * n + i, (strip * 2 * along + place).to(tl.int16), mask=here)


@kernel
def _boxes(x, order, sorted_x, low, high, n, BLOCK: tl.constexpr, NOWHERE: tl.constexpr):  # type: ignore[no-untyped-def]
    """A block of points in their order, and its box."""
    block, network = tl.program_id(0), tl.program_id(1).to(tl.int64)
    i = block * BLOCK + tl.arange(0, BLOCK)
    here = i < n
    point = tl.load(order + network * n + i, mask=here, other=0)
    blocks = tl.num_programs(0)
    box = 2 * (network * blocks + block)
    for axis in tl.static_range(2):
        values = tl.load(x + 2 * (network * n + point) + axis, mask=here, other=NOWHERE)
        tl.store(sorted_x + 2 * (network * blocks * BLOCK + i) + axis, values)
        tl.store(low + box + axis, tl.min(tl.where(here, values, float("inf")), axis=0))
        tl.store(high + box + axis, tl.max(tl.where(here, values, float("-inf")), axis=0))


@kernel
def _gap(low, high, own, block, there):  # type: ignore[no-untyped-def]
    """Along one axis, how far the boxes of blocks are from that of one; 0 where they overlap."""
    before = tl.load(low + 2 * block, mask=there, other=0.0) - tl.load(high + 2 * own)
    behind = tl.load(low + 2 * own) - tl.load(high + 2 * block, mask=there, other=0.0)
    return tl.maximum(tl.maximum(before, behind), 0.0)


@kernel
def _neighbors(low, high, scales, near, neighbors, neighbor_counts, BLOCKS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Of one block. Rounding is monotonic, and this is rounded as pairs are: none is nearer than its boxes."""
    own, blocks, network = tl.program_id(0), tl.num_programs(0), tl.program_id(1).to(tl.int64)
    low += 2 * network * blocks
    high += 2 * network * blocks
    block = tl.arange(0, BLOCKS)
    there = block < blocks
    dx, dy = _gap(low, high, own, block, there), _gap(low + 1, high + 1, own, block, there)
    scale = tl.load(scales + network)
    here = (dx * dx + dy * dy <= scale * scale) & there
    place = tl.cumsum(here.to(tl.int32), axis=0)
    row = network * blocks + own
    tl.store(near + row * blocks + block, here.to(tl.int8), mask=there)
    tl.store(neighbors + row * blocks + place - 1, block, mask=here)
    tl.store(neighbor_counts + row, tl.max(place, axis=0))


@kernel
def distance_squared(x, i, j):  # type: ignore[no-untyped-def]
    """Of points i and j, (i, j); rounds as the reference does if multiply and add are not fused."""
    dx = tl.load(x + 2 * i)[:, None] - tl.load(x + 2 * j)[None, :]
    dy = tl.load(x + 2 * i + 1)[:, None] - tl.load(x + 2 * j + 1)[None, :]
    return dx * dx + dy * dy
