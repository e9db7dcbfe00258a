"""The autocorrelograms of many maps without a gap: what the null distributions spend their time on.

Where every bin was visited, the bins that overlap at a displacement are a rectangle in a corner of the map. Sums over
them are read off cumulative sums, which leaves two of the five Fourier transforms of `half_by_fft`. Here those are
products with matrices of sines and cosines: at up to a hundred bins a side a matrix product is faster than an FFT. The
steps between the products are compiled, one pass each: in numpy they took three times as long as the products.
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
    """Controls the threads of numpy's matrix products."""
    from threadpoolctl import ThreadpoolController  # here, since importing it sets an environment variable

    return ThreadpoolController().select(user_api="blas")


@lru_cache(maxsize=16)
def _waves(size: int, kind: str) -> _Waves:
    period = 2 * size - 1
    turns = 2 * np.pi / period * (np.outer(np.arange(size), np.arange(size)) % period)
    weight = np.where(np.arange(size) == 0, 1, 2) / period
    parts = np.cos(turns), np.sin(turns), np.cos(turns) * weight, np.sin(turns) * weight
    return _Waves(*(part.astype(kind) for part in parts))


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
    from ...kernels.arrays import half_correlations, sums_up_to  # here, since it loads numba

    maps, nx, ny = z.shape
    # Two large buffers for all steps: new memory pages for each would take longer than the products.
    buffers = np.empty((7, nx, ny, maps), dtype=z.dtype)
    sums = np.empty((2, nx + 1, ny + 1, maps), dtype=z.dtype)
    columns, along, products, odd = buffers[0], buffers[1], buffers[2:6], buffers[6]
    columns[:] = np.moveaxis(z, 0, -1)
    even = _even_and_odd(columns, along, products, odd)
    sums_up_to(columns, *sums)
    r = np.empty((nx, 2 * ny - 1, maps), dtype=z.dtype)
    half_correlations(even, odd, *sums, min_overlap, z.dtype.type(flattest), r)
    return np.moveaxis(r, -1, 0)


def _even_and_odd(
    z: Float[np.ndarray, "x y map"],
    along: Float[np.ndarray, "x y map"],
    products: Float[np.ndarray, "4 x y map"],
    odd: Float[np.ndarray, "x y map"],
) -> Float[np.ndarray, "x y map"]:
    """The sums of ``z(x + d) z(x)`` at d = (i, j) and (i, -j): even less odd, and even plus odd.

    The power of the waves (k, l) and (-k, l), from the products of the map with cosines (c) and sines (s) along x and
    y: their sum is twice ``cc^2 + cs^2 + sc^2 + ss^2`` and their difference four times ``sc cs - cc ss``. Returns even,
    which lies in ``products``; ``along`` and ``products`` are overwritten.
    """
    from ...kernels.arrays import wave_power  # here, since it loads numba

    along_x, along_y = _waves(len(z), z.dtype.str), _waves(z.shape[1], z.dtype.str)
    for waves, (with_cosines, with_sines) in ((along_x.cosines, products[:2]), (along_x.sines, products[2:])):
        _along_x(waves, z, along)
        np.matmul(along_y.cosines, along, out=with_cosines)
        np.matmul(along_y.sines, along, out=with_sines)
    wave_power(products)
    total, difference, even, _ = products
    _along_x(along_x.cosines_back, total, along)
    np.matmul(along_y.cosines_back, along, out=even)
    _along_x(along_x.sines_back, difference, along)
    np.matmul(along_y.sines_back, along, out=odd)
    return np.asarray(even)


def _along_x(
    matrix: Float[np.ndarray, "new x"], values: Float[np.ndarray, "x y map"], out: Float[np.ndarray, "new y map"]
) -> None:
    """The product along x; ``np.matmul(matrix, values)`` is the one along y."""
    np.matmul(matrix, values.reshape(len(values), -1), out=out.reshape(len(out), -1))
