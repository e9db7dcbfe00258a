"""Both pair terms of the loss, value and gradient, in one tiled pass: no array over all pairs is ever held."""

from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
import torch
from jaxtyping import Float, Int
from numba import prange
from torch import Tensor
from torch.autograd.function import once_differentiable

from .._repr import brief
from ._compile import Array, vectorized
from ._exp import exp_negative
from ._neighbors import Neighbors, neighbors
from ._networks import of_each_network
from ._threads import suited_threads

# A tile stays in the cache between the product that makes it, the exponential and the two products that use it. Large
# ones mean fewer calls and less waiting of threads for each other; but a tile on the diagonal does its work twice,
# which tells when there are few.
SMALL_TILE, LARGE_TILE = 512, 1024
LARGE_FROM = 4 * LARGE_TILE  # points
ALIGNED = 64  # bytes; as torch allocates


@brief
class PairSums(NamedTuple):
    """Sums over ordered pairs of distinct points, differentiable with respect to the states, and the pairs' numbers.

    Without an axis for one network, of shape (networks,) for several.
    """

    far: Float[Tensor, "*networks"]
    near: Float[Tensor, "*networks"]
    far_count: Int[Tensor, "*networks"]
    near_count: Int[Tensor, "*networks"]


def pair_sums(
    positions: Float[Tensor, "*networks batch time 2"],
    states: Float[Tensor, "*networks batch time units"],
    sigma_x: float | Sequence[float] | Float[Tensor, " networks"],
    sigma_g: float | Sequence[float] | Float[Tensor, " networks"],
    part: tuple[int, int] = (0, 1),
) -> PairSums:
    r"""Sum of exp(-||g-g'||^2 / (2 sigma_g^2)) over ||x-x'|| > sigma_x, and of ||g-g'||^2 over ||x-x'|| < sigma_x.

    Equal to the sums of `sicgrid.losses.separation` and `invariance` (Schaeffer et al. 2023, section 3.2) up to
    rounding, for any states, of unit length or not. Time is quadratic in the number of points, memory linear. With E
    the matrix of overlaps and r its row sums, d far / dg_i = -(2 / sigma_g^2) (r_i g_i - (E g)_i): a tile of E costs
    one matrix product to make and, used for both its halves, two for the gradient. Near pairs are few and summed one
    by one. CPU, float32 or float64; two calls with the same number of threads give the same bits. Another number may
    change those of torch's products of small matrices, and nothing else.

    Several networks lie along a leading axis, each with scales of its own or all with the same. Where there are at
    least as many as threads, each is worked on by one thread and has the bits that it has alone with one thread.

    ``part=(i, m)`` is the i-th of m shares of the work: over i the sums, their gradients and the counts add up to the
    whole. ValueError for a share that does not exist or scales that do not fit the networks.
    """
    if not 0 <= part[0] < part[1]:
        raise ValueError(f"part must be (i, m) with 0 <= i < m, got {part}")
    alone = states.ndim == 3
    if alone:
        positions, states = positions[None], states[None]
    scales = [_of_each(name, value, len(states)) for name, value in (("sigma_x", sigma_x), ("sigma_g", sigma_g))]
    x = positions.detach().flatten(1, 2).contiguous().numpy()
    sums = _PairSums.apply(states.flatten(1, 2), x, *scales, part)  # type: ignore[no-untyped-call]
    return PairSums(*(values.squeeze(0) for values in sums) if alone else sums)


def _of_each(name: str, value: float | Sequence[float] | Tensor, networks: int) -> list[float]:
    plain = value.tolist() if isinstance(value, Tensor) else value
    values = [float(scale) for scale in plain] if isinstance(plain, Sequence) else [float(plain)] * networks
    if len(values) != networks:
        raise ValueError(f"{name} must be one number or one for each of the {networks} networks, got {len(values)}")
    return values


class _PairSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states, x, sigma_x, sigma_g, part):  # type: ignore[no-untyped-def]
        states = states.detach().contiguous()
        far_gradient, near_gradient = torch.empty_like(states), torch.empty_like(states)

        # A thread does not inherit the mode of the one that asks, and tensors made in inference mode may be written
        # only there; this is plain memory, which the mode does not touch.
        @torch.inference_mode()
        def sums_of(k: int) -> tuple[float, float, int, int]:
            pairs = neighbors(x[k], sigma_x[k])
            # The last bits of a matrix product can depend on how its operands lie in memory, and a network's on where
            # it stands among others.
            g = states[k] if states[k].data_ptr() % ALIGNED == 0 else states[k].clone()
            far = _far(g, pairs, sigma_g[k], part, far_gradient[k])
            n = len(g)
            first, last = (n * i // part[1] for i in (part[0], part[0] + 1))
            near = _near(g.numpy(), pairs.start, pairs.others, pairs.near, first, last, near_gradient[k].numpy())
            mine = slice(pairs.start[first], pairs.start[last])
            near_count = int(np.count_nonzero(pairs.near[mine]))
            far_count = (last - first) * (n - 1) - int(mine.stop - mine.start)
            return far, float(near.sum()), far_count, near_count

        with suited_threads(states.shape[1], len(states)):
            each = of_each_network(sums_of, len(states))
        far, near, far_counts, near_counts = zip(*each, strict=True)
        ctx.save_for_backward(far_gradient, near_gradient)
        counts = torch.tensor(far_counts), torch.tensor(near_counts)
        ctx.mark_non_differentiable(*counts)
        return states.new_tensor(far), states.new_tensor(near), *counts

    @staticmethod
    @once_differentiable
    def backward(ctx, d_far, d_near, *_):  # type: ignore[no-untyped-def]
        far_gradient, near_gradient = ctx.saved_tensors
        with suited_threads(far_gradient.shape[1], len(far_gradient)):
            gradient = d_far[:, None, None] * far_gradient
            gradient.add_(d_near[:, None, None] * near_gradient)
        return gradient, None, None, None, None


def _far(g: Tensor, pairs: Neighbors, sigma_g: float, part: tuple[int, int], gradient: Tensor) -> float:
    """Sum over far ordered pairs; fill in its gradient (n, units)."""
    n = len(g)
    tile_size = LARGE_TILE if n >= LARGE_FROM else SMALL_TILE
    half = g.square().sum(dim=1).mul_(0.5 / sigma_g**2).numpy()
    scaled = g * (1 / sigma_g**2)
    products = torch.zeros_like(g)  # E g
    rows = np.zeros(n, g.numpy().dtype)  # sums of the rows of E
    buffer = g.new_empty(min(tile_size, n), min(tile_size, n))
    threads = numba.get_num_threads()
    for top, bottom, left, right in _tiles(n, tile_size, part):
        tile = buffer.view(-1)[: (bottom - top) * (right - left)].view(bottom - top, right - left)
        torch.mm(scaled[top:bottom], g[left:right].T, out=tile)
        _overlaps(tile.numpy(), half, rows, pairs.start, pairs.others, top, left, threads)
        products[top:bottom].addmm_(tile, g[left:right])
        if left > top:
            products[left:right].addmm_(tile.T, g[top:bottom])
    torch.addcmul(products.neg_(), torch.from_numpy(rows)[:, None], g, out=gradient).mul_(-2 / sigma_g**2)
    return float(rows.sum(dtype=np.float64))


def _tiles(n: int, size: int, part: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """(top, bottom, left, right) of the tiles on and above the diagonal that are the i-th of m like shares."""
    edges = [(first, min(first + size, n)) for first in range(0, n, size)]
    tiles = [(*rows, *columns) for index, rows in enumerate(edges) for columns in edges[index:]]
    share, shares = part
    if shares == 1:
        return tiles
    # A tile on the diagonal takes two matrix products, another three. The largest first, each to whoever has least.
    load = [0] * shares
    mine = []
    for tile in sorted(tiles, key=_cost, reverse=True):
        taker = load.index(min(load))
        load[taker] += _cost(tile)
        if taker == share:
            mine.append(tile)
    return mine


def _cost(tile: tuple[int, int, int, int]) -> int:
    top, bottom, left, right = tile
    return (bottom - top) * (right - left) * (3 if left > top else 2)


@vectorized
def _overlaps(e: Array, half: Array, rows: Array, start: Array, index: Array, top: int, left: int, chunks: int) -> None:
    """Turn a tile of g.g'/sigma_g^2 into overlaps, 0 for pairs that are not far, and add its sums to those of the rows.

    A tile off the diagonal stands for its mirror image too: its column sums go to the rows of that. Each row is summed
    by one thread and each column as well, from the top, so that the number of threads changes no bit.
    """
    height, width = e.shape
    # A slice, not half[left + j]: an index that might be negative makes the compiler keep a second loop that rounds
    # otherwise, and where memory happens to lie would decide between the two.
    there = half[left : left + width]
    for i in prange(height):
        row = e[i]
        here = half[top + i]
        # Pairs that do not count are put infinitely far apart; a test in the long loop would cost more.
        if top == left:
            row[i] = -np.inf
        for k in range(start[top + i], start[top + i + 1]):
            j = index[k] - left
            if 0 <= j < width:
                row[j] = -np.inf
        total = e.dtype.type(0)
        for j in range(width):
            overlap = exp_negative(row[j] - here - there[j])
            row[j] = overlap
            total += overlap
        rows[top + i] += total
    if left > top:
        columns = np.zeros(width, e.dtype)
        for chunk in prange(chunks):
            first, last = chunk * width // chunks, (chunk + 1) * width // chunks
            mine = columns[first:last]
            for i in range(height):
                part = e[i, first:last]
                for j in range(last - first):
                    mine[j] += part[j]
        rows[left : left + width] += columns


@vectorized
def _near(g: Array, start: Array, index: Array, near: Array, first: int, last: int, gradient: Array) -> Array:
    """Sums over near pairs from the sides of points first..last-1 (n,); fill in those points' gradient of the whole."""
    n, units = g.shape
    rows = np.zeros(n, np.float64)
    for i in prange(n):
        here, slope = g[i], gradient[i]
        slope[:] = 0
        if first <= i < last:
            for k in range(start[i], start[i + 1]):
                if near[k]:
                    there = g[index[k]]
                    squared = g.dtype.type(0)
                    for u in range(units):
                        difference = here[u] - there[u]
                        squared += difference * difference
                        slope[u] += 4 * difference
                    rows[i] += squared
    return rows
