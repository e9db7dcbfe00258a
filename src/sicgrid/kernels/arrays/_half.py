"""The passes between the matrix products of `sicgrid.analysis`'s autocorrelograms of whole maps, one each."""

import numpy as np

from .._compile import Array, serial


@serial
def wave_power(products: Array) -> None:
    """Of products with waves, cosines (c) or sines (s) along x and y: cc becomes their power, cs how k and -k differ.

    ``products`` is (4, nx, ny, map): cc, cs, sc, ss. The first two become ``cc^2 + cs^2 + sc^2 + ss^2`` and
    ``2 (sc cs - cc ss)``.
    """
    _, nx, ny, maps = products.shape
    for k in range(nx):
        for wave in range(ny):
            cc, cs = products[0, k, wave], products[1, k, wave]
            sc, ss = products[2, k, wave], products[3, k, wave]
            for m in range(maps):
                power = cc[m] * cc[m] + cs[m] * cs[m] + sc[m] * sc[m] + ss[m] * ss[m]
                cs[m] = (sc[m] * cs[m] - cc[m] * ss[m]) * 2
                cc[m] = power


@serial
def sums_up_to(values: Array, sums: Array, squares: Array) -> None:
    """Sums of ``values`` (x, y, map) and of their squares less 1 over the first bins along x and y, none included.

    Less their mean of 1 the sums of squares stay small and keep their digits.
    """
    nx, ny, maps = values.shape
    one = values.dtype.type(1)
    along, along_squares = np.zeros((ny, maps), values.dtype), np.zeros((ny, maps), values.dtype)  # up to a place in x
    sums[0], sums[:, 0] = 0, 0
    squares[0], squares[:, 0] = 0, 0
    for i in range(nx):
        for j in range(ny):
            here, column, column_squares = values[i, j], along[j], along_squares[j]
            before, before_squares = sums[i + 1, j], squares[i + 1, j]
            now, now_squares = sums[i + 1, j + 1], squares[i + 1, j + 1]
            for m in range(maps):
                column[m] += here[m]
                column_squares[m] += here[m] * here[m] - one
                now[m] = before[m] + column[m]
                now_squares[m] = before_squares[m] + column_squares[m]


@serial
def half_correlations(
    even: Array, odd: Array, sums: Array, squares: Array, min_overlap: int, flattest: np.floating, r: Array
) -> None:
    """Pearson r at each displacement (i, j) and (i, -j), into ``r`` (nx, 2 ny - 1, map).

    The products' sums there are ``even - odd`` and ``even + odd``; ``sums`` and ``squares`` are of z and of z^2 - 1 up
    to each bin, (nx + 1, ny + 1, map). NaN below `min_overlap` bins, and where a part has a variance of `flattest` or
    less.
    """
    nx, ny, maps = even.shape
    own, own_squares = np.empty((4, maps), r.dtype), np.empty((4, maps), r.dtype)
    for i in range(nx):
        for j in range(ny):
            ahead, behind = r[i, ny - 1 + j], r[i, ny - 1 - j]
            overlap = (nx - i) * (ny - j)
            if overlap < min_overlap:
                ahead[:] = np.nan
                behind[:] = np.nan
                continue
            _corners(sums, i, j, own)
            _corners(squares, i, j, own_squares)
            n = r.dtype.type(overlap)
            least = flattest * n * n
            for m in range(maps):
                ahead[m] = even[i, j, m] - odd[i, j, m]
            _correlate(ahead, own[0], own[1], own_squares[0], own_squares[1], n, least)
            for m in range(maps):
                behind[m] = even[i, j, m] + odd[i, j, m]
            _correlate(behind, own[2], own[3], own_squares[2], own_squares[3], n, least)


@serial
def _corners(total: Array, i: int, j: int, sums: Array) -> None:
    """Sums over the two parts that overlap at the displacement (i, j), and over those at (i, -j)."""
    nx, ny = len(total) - 1, total.shape[1] - 1
    for m in range(total.shape[2]):
        # Up to a bin, from a bin on, along x and along y.
        from_x = total[nx, ny, m] - total[i, ny, m]
        sums[0, m] = from_x - (total[nx, j, m] - total[i, j, m])
        sums[1, m] = total[nx - i, ny - j, m]
        sums[2, m] = total[nx, ny - j, m] - total[i, ny - j, m]
        sums[3, m] = total[nx - i, ny, m] - total[nx - i, j, m]


@serial
def _correlate(
    product: Array,
    first: Array,
    second: Array,
    first_square: Array,
    second_square: Array,
    n: np.floating,
    least: np.floating,
) -> None:
    """Sums of products to Pearson r, in place, from the sums over the two parts of z and of z^2 - 1."""
    one = product.dtype.type(1)
    for m in range(len(product)):
        spread_a = (first_square[m] + n) * n - first[m] * first[m]
        spread_b = (second_square[m] + n) * n - second[m] * second[m]
        r = (product[m] * n - first[m] * second[m]) / np.sqrt(spread_a * spread_b)
        r = min(max(r, -one), one)
        product[m] = r if min(spread_a, spread_b) > least else np.nan
