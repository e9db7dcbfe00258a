"""The autocorrelograms of many maps without a gap: what the null distributions spend their time on.

Where every bin was visited, the bins that overlap at a displacement are a rectangle in a corner of the map. Sums over
them are read off cumulative sums, and of the five transforms of the general way two are left. Those are products with
the matrices of sines and cosines here: at up to a hundred bins a side a matrix product is faster than an FFT.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


class _Waves(NamedTuple):
    """Cosines and sines of ``2 pi k x / (2 n - 1)``, the period in which no displacement meets another."""

    cosines: Float[np.ndarray, "wave x"]
    sines: Float[np.ndarray, "wave x"]
    cosines_back: Float[np.ndarray, "x wave"]
    """Times the number of waves of this frequency (k and -k) and over the period."""
    sines_back: Float[np.ndarray, "x wave"]


@lru_cache(maxsize=1)
def _blas() -> "ThreadpoolController":
    """Of numpy's matrix products."""
    from threadpoolctl import ThreadpoolController  # here, since importing it sets an environment variable

    return ThreadpoolController().select(user_api="blas")


@lru_cache(maxsize=16)
def _waves(size: int, kind: str) -> _Waves:
    period = 2 * size - 1
    turns = 2 * np.pi / period * (np.outer(np.arange(size), np.arange(size)) % period)
    many = np.where(np.arange(size) == 0, 1, 2) / period
    parts = np.cos(turns), np.sin(turns), np.cos(turns) * many, np.sin(turns) * many
    return _Waves(*(part.astype(kind) for part in parts))


@lru_cache(maxsize=16)
def _up_to(size: int, kind: str) -> Float[np.ndarray, "x x"]:
    """Sums up to each place as a product."""
    return np.tri(size, dtype=kind)


def whole_half(
    z: Float[np.ndarray, "map x y"], min_overlap: int, flattest: float
) -> Float[np.ndarray, "map half_lags_x lags_y"]:
    """Half autocorrelograms of maps without a gap, of mean 0 and variance 1, in their precision.

    r as `autocorrelogram` defines it; NaN below `min_overlap` bins and where a part has a variance of `flattest` or
    less. In memory the maps are the last axis, as the rings read them.
    """
    # The products are small: where other work shares the cores, threads that wait for each other take six times as
    # long as one.
    with _blas().limit(limits=1):
        return _whole_half(z, min_overlap, flattest)


def _whole_half(
    z: Float[np.ndarray, "map x y"], min_overlap: int, flattest: float
) -> Float[np.ndarray, "map half_lags_x lags_y"]:
    nx, ny = z.shape[1:]
    columns = np.ascontiguousarray(np.moveaxis(z, 0, -1))
    even, odd = _even_and_odd(columns)
    overlap = np.outer(np.arange(nx, 0, -1), np.arange(ny, 0, -1))
    n = np.where(overlap >= min_overlap, overlap, np.nan).astype(z.dtype)[..., None]
    sums = _corners(columns)
    # Squares less their mean of 1, so that their sums stay small and keep their digits.
    squares = _corners(columns * columns - 1)
    least = flattest * n * n
    r = np.empty((nx, 2 * ny - 1, len(z)), dtype=z.dtype)
    for side, product, (first, second), (first_square, second_square) in (
        (r[:, ny - 1 :], even - odd, sums[0], squares[0]),
        (r[:, ny - 1 :: -1], even + odd, sums[1], squares[1]),
    ):
        product *= n
        product -= first * second
        spread_a, spread_b = (_times_variance(*part, n) for part in ((first, first_square), (second, second_square)))
        flat = np.minimum(spread_a, spread_b) <= least
        spread_a *= spread_b
        spread_a[flat] = np.nan
        np.divide(product, np.sqrt(spread_a, out=spread_a), out=side)
    np.clip(r, -1, 1, out=r)
    return np.moveaxis(r, -1, 0)


def _times_variance(sums: np.ndarray, squares: np.ndarray, n: np.ndarray) -> np.ndarray:
    """``n^2`` times the variance of n values: ``n sum z^2 - (sum z)^2``, from the sums of z and of z^2 - 1."""
    spread: np.ndarray = squares + n
    spread *= n
    spread -= sums * sums
    return spread


def _even_and_odd(z: Float[np.ndarray, "x y map"]) -> tuple[np.ndarray, np.ndarray]:
    """The sums of ``z(x + d) z(x)`` at d = (i, j) and (i, -j): even less odd, and even plus odd.

    The power of the waves (k, l) and (-k, l), from the products of the map with cosines (c) and sines (s) along x and
    y: their sum is twice ``cc^2 + cs^2 + sc^2 + ss^2`` and their difference four times ``sc cs - cc ss``.
    """
    nx, ny, _ = z.shape
    along_x, along_y = _waves(nx, z.dtype.str), _waves(ny, z.dtype.str)
    c, s = _along_x(along_x.cosines, z), _along_x(along_x.sines, z)
    cc, cs, sc, ss = (along_y.cosines @ c, along_y.sines @ c, along_y.cosines @ s, along_y.sines @ s)
    difference = sc * cs
    difference -= cc * ss
    difference *= 2
    total = cc
    total *= cc
    for part in (cs, sc, ss):
        part *= part
        total += part
    even = along_y.cosines_back @ _along_x(along_x.cosines_back, total)
    odd = along_y.sines_back @ _along_x(along_x.sines_back, difference)
    return even, odd


def _along_x(matrix: Float[np.ndarray, "new x"], values: Float[np.ndarray, "x y map"]) -> np.ndarray:
    """The product along x; ``matrix @ values`` is the one along y."""
    return np.asarray(matrix @ values.reshape(len(values), -1)).reshape(len(matrix), *values.shape[1:])


def _corners(values: Float[np.ndarray, "x y map"]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Sums over the two parts that overlap at each displacement (i, j), and over those at (i, -j)."""
    nx, ny, maps = values.shape
    total = np.zeros((nx + 1, ny + 1, maps), dtype=values.dtype)
    total[1:, 1:] = _up_to(ny, values.dtype.str) @ _along_x(_up_to(nx, values.dtype.str), values)
    # Up to a bin, from a bin on, along x and along y.
    to_to = total[:0:-1, :0:-1]
    from_to = total[-1:, :0:-1] - total[:-1, :0:-1]
    to_from = total[:0:-1, -1:] - total[:0:-1, :-1]
    from_from = from_to[:, :1] - (total[-1:, :-1] - total[:-1, :-1])
    return (from_from, to_to), (from_to, to_from)
