"""Both pair terms of the loss, value and gradient, in one tiled pass: no array over all pairs is ever held."""

from typing import NamedTuple

import numba
import numpy as np
import torch
from jaxtyping import Float
from numba import prange
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._compile import Array, vectorised
from ._exp import exp_negative
from ._neighbors import Neighbors, neighbors

# A tile stays in the cache between the product that makes it, the exponential and the two products that use it. Large
# ones mean fewer calls and less waiting of threads for each other; but a tile on the diagonal does its work twice,
# which tells when there are few.
SMALL_TILE, LARGE_TILE = 512, 1024
LARGE_FROM = 4 * LARGE_TILE  # points


class PairSums(NamedTuple):
    """Sums over ordered pairs of distinct points, differentiable with respect to the states, and the pairs' numbers."""

    far: Float[Tensor, ""]
    near: Float[Tensor, ""]
    far_count: int
    near_count: int


def pair_sums(
    positions: Float[Tensor, "batch time 2"],
    states: Float[Tensor, "batch time units"],
    sigma_x: float,
    sigma_g: float,
) -> PairSums:
    r"""Sum of exp(-||g-g'||^2 / (2 sigma_g^2)) over ||x-x'|| > sigma_x, and of ||g-g'||^2 over ||x-x'|| < sigma_x.

    Equal to the sums of `sicgrid.losses.separation` and `invariance` (Schaeffer et al. 2023, section 3.2) up to
    rounding, for any states, of unit length or not. Time is quadratic in the number of points, memory linear. With E
    the matrix of overlaps and r its row sums, d far / dg_i = -(2 / sigma_g^2) (r_i g_i - (E g)_i): a tile of E costs
    one matrix product to make and, used for both its halves, two for the gradient. Near pairs are few and summed one
    by one. CPU, float32 or float64; two calls with the same number of threads give the same bits.
    """
    x = positions.detach().reshape(-1, 2).contiguous().numpy()
    far, near, far_count, near_count = _PairSums.apply(  # type: ignore[no-untyped-call]
        states.reshape(-1, states.shape[-1]), x, sigma_x, sigma_g
    )
    return PairSums(far, near, far_count, near_count)


class _PairSums(torch.autograd.Function):
    @staticmethod
    def forward(ctx, g, x, sigma_x, sigma_g):  # type: ignore[no-untyped-def]
        g = g.detach().contiguous()
        found = neighbors(x, sigma_x)
        far, far_gradient = _far(g, found, sigma_g)
        near_rows, near_gradient = _near(g.numpy(), found.start, found.others, found.near)
        near = g.new_tensor(near_rows.sum())
        n = len(x)
        not_far, near_count = len(found.others), int(np.count_nonzero(found.near))
        ctx.save_for_backward(far_gradient, torch.from_numpy(near_gradient))
        return far, near, n * (n - 1) - not_far, near_count

    @staticmethod
    @once_differentiable
    def backward(ctx, d_far, d_near, *_):  # type: ignore[no-untyped-def]
        far_gradient, near_gradient = ctx.saved_tensors
        return d_far * far_gradient + d_near * near_gradient, None, None, None


def _far(g: Tensor, found: Neighbors, sigma_g: float) -> tuple[Tensor, Tensor]:
    """Sum over far ordered pairs and its gradient (n, units)."""
    n = len(g)
    tile_size = LARGE_TILE if n >= LARGE_FROM else SMALL_TILE
    half = g.square().sum(dim=1).mul_(0.5 / sigma_g**2).numpy()
    scaled = g * (1 / sigma_g**2)
    products = torch.zeros_like(g)  # E g
    rows = np.zeros(n, g.numpy().dtype)  # sums of the rows of E
    buffer = g.new_empty(min(tile_size, n), min(tile_size, n))
    for top in range(0, n, tile_size):
        bottom = min(top + tile_size, n)
        for left in range(top, n, tile_size):
            right = min(left + tile_size, n)
            tile = buffer.view(-1)[: (bottom - top) * (right - left)].view(bottom - top, right - left)
            torch.mm(scaled[top:bottom], g[left:right].T, out=tile)
            e = tile.numpy()
            _overlaps(e, half, rows, found.start, found.others, top, left, numba.get_num_threads())
            products[top:bottom].addmm_(tile, g[left:right])
            if left > top:
                products[left:right].addmm_(tile.T, g[top:bottom])
    sums = torch.from_numpy(rows)
    gradient = torch.addcmul(products.neg_(), sums[:, None], g).mul_(-2 / sigma_g**2)
    return g.new_tensor(rows.sum(dtype=np.float64)), gradient


@vectorised
def _overlaps(e: Array, half: Array, rows: Array, start: Array, index: Array, top: int, left: int, chunks: int) -> None:
    """Turn a tile of g.g'/sigma_g^2 into overlaps, 0 for pairs that are not far, and add its sums to those of the rows.

    A tile off the diagonal stands for its mirror image too: its column sums go to the rows of that. The rows are worked
    on in as many chunks as there are threads.
    """
    height, width = e.shape
    columns = np.zeros((chunks, width), e.dtype)
    # A slice, not half[left + j]: an index that might be negative makes the compiler keep a second loop that rounds
    # otherwise, and where memory happens to lie would decide between the two.
    there = half[left : left + width]
    for chunk in prange(chunks):
        mine = columns[chunk]
        for i in range(chunk * height // chunks, (chunk + 1) * height // chunks):
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
                mine[j] += overlap
                total += overlap
            rows[top + i] += total
    if left > top:
        for chunk in range(chunks):
            rows[left : left + width] += columns[chunk]


@vectorised
def _near(g: Array, start: Array, index: Array, near: Array) -> tuple[Array, Array]:
    """Sum over near pairs from each point's side (n,) and the gradient of the whole sum (n, units)."""
    n, units = g.shape
    rows = np.zeros(n, np.float64)
    gradient = np.zeros_like(g)
    for i in prange(n):
        here, slope = g[i], gradient[i]
        for k in range(start[i], start[i + 1]):
            if near[k]:
                there = g[index[k]]
                squared = g.dtype.type(0)
                for u in range(units):
                    difference = here[u] - there[u]
                    squared += difference * difference
                    slope[u] += 4 * difference
                rows[i] += squared
    return rows, gradient
