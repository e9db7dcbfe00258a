"""The spatial autocorrelogram: Pearson's r between a rate map and itself at every displacement."""

import math

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float

from ..._numbers import plain_numbers
from ._whole_maps import whole_half

# Below this share of the map's variance an overlap counts as constant: r is 0/0 there, and rounding would invent a
# value. By bytes of the floating-point type; well above the rounding of the sums.
_FLAT = {4: 1e-5, 8: 1e-10}


def autocorrelogram(rate_map: npt.ArrayLike, min_overlap: int = 20) -> Float[np.ndarray, "*units lags_x lags_y"]:
    """Pearson correlation of a rate map with itself shifted by every whole number of bins.

    With A = map(x + d), B = map(x), summed over the n(d) bins x for which both are visited:

    ``r(d) = (n sum AB - sum A sum B) / sqrt((n sum A^2 - (sum A)^2) (n sum B^2 - (sum B)^2))``

    Parameters
    ----------
    rate_map : (..., nx, ny)
        Unvisited bins NaN. Leading axes are maps, done together.
    min_overlap : int
        Bins. Displacements with fewer overlapping visited bins are NaN (the field's customary 20).

    Returns
    -------
    (..., 2 nx - 1, 2 ny - 1)
        Entry [nx - 1 + i, ny - 1 + j] is r at the displacement of (i, j) bins; symmetric about the center, which is 1.
        NaN also where one of the two overlapping parts is constant. A constant map is NaN everywhere.

    Source: Sargolini et al. 2006 (Science 312:758), after Hafting et al. 2005.

    Notes
    -----
    All displacements and maps at once through the FFT, in float64. Unlike a plain autocorrelation r is not
    diminished at far displacements: a perfectly periodic map has r = 1 at each of its lattice vectors.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> correlograms = autocorrelogram(maps)
    >>> correlograms.shape, round(float(correlograms[0, 39, 39]), 3)  # no shift in the middle
    ((2, 79, 79), 1.0)

    """
    maps = as_maps(rate_map)
    half = half_autocorrelogram(maps.reshape(math.prod(maps.shape[:-2]), *maps.shape[-2:]), min_overlap)
    full = full_autocorrelogram(half)
    return full.reshape(*maps.shape[:-2], *full.shape[1:])


def as_maps(rate_map: npt.ArrayLike, least_bins: int = 2) -> Float[np.ndarray, "*units x y"]:
    """One or many rate maps as float64, NaN where they were masked, of `least_bins` a side and more.

    Raises
    ------
    ValueError
        For `RateMaps` in place of an array, what is no real numbers, fewer than two axes, fewer bins a side, or
        infinite values.

    """
    if hasattr(rate_map, "maps"):
        raise ValueError(f"rate_map must be an array, got {type(rate_map).__name__}; give its .maps (and its bin size)")
    maps = plain_numbers("rate_map", rate_map, np.float64)
    if maps.ndim < 2 or min(maps.shape[-2:]) < least_bins:
        raise ValueError(
            f"rate_map must have shape (..., nx, ny) with at least {least_bins} bins a side, got {maps.shape}"
        )
    if np.isinf(maps).any():
        raise ValueError("rate_map must not hold infinite values; unvisited bins are NaN")
    return maps


def half_autocorrelogram(
    maps: Float[np.ndarray, "map x y"], min_overlap: int = 20
) -> Float[np.ndarray, "map half_lags_x lags_y"]:
    """The half of the autocorrelogram with displacements along x >= 0: (maps, nx, 2 ny - 1).

    The other half is its mirror image, so whatever needs speed (thousands of shuffled maps) works on this one.
    Computed in the precision of the maps; single is enough for null distributions and takes half the time.

    Raises
    ------
    ValueError
        If `min_overlap` is below 2: r of one bin is undefined.

    """
    if min_overlap < 2:
        raise ValueError(f"min_overlap must be at least 2 bins (r of one bin is undefined), got {min_overlap}")
    visited = np.isfinite(maps)
    # r does not change when the map is shifted and scaled; doing so keeps the differences of sums accurate.
    if visited.all():
        return whole_half(_standardize(maps, None), min_overlap, _FLAT[maps.dtype.itemsize])
    return half_by_fft(_standardize(maps, visited), visited, min_overlap)


def full_autocorrelogram(half: Float[np.ndarray, "map half_lags_x lags_y"]) -> Float[np.ndarray, "map lags_x lags_y"]:
    """From its half (`half_autocorrelogram`): r(-d) = r(d).

    >>> full_autocorrelogram(np.array([[[0.5, 1.0, 0.5], [0.1, 0.2, 0.3]]])).tolist()
    [[[0.3, 0.2, 0.1], [0.5, 1.0, 0.5], [0.1, 0.2, 0.3]]]

    """
    return np.concatenate([half[:, :0:-1, ::-1], half], axis=1)


def half_by_fft(
    z: Float[np.ndarray, "map x y"], visited: Bool[np.ndarray, "map x y"], min_overlap: int
) -> Float[np.ndarray, "map half_lags_x lags_y"]:
    """The general way, for standardized maps with and without gaps; the reference of `whole_half`."""
    nx, ny = z.shape[1:]
    if len(z) and (visited == visited[0]).all():
        visited = visited[:1]
    size = [scipy.fft.next_fast_len(2 * n - 1, real=True) for n in (nx, ny)]
    fz = scipy.fft.rfft2(z, size)
    fzz = scipy.fft.rfft2(z * z, size)
    fv = scipy.fft.rfft2(visited.astype(z.dtype), size)
    rows = np.arange(nx)[:, None]
    columns = np.arange(-(ny - 1), ny)[None, :]

    def correlate(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Sum over x of a(x + d) b(x) for every displacement d, from their spectra."""
        return np.asarray(scipy.fft.irfft2(a * np.conj(b), size, overwrite_x=True))

    n = np.rint(correlate(fv, fv)[:, rows, columns])
    n = np.where(n >= max(min_overlap, 2), n, np.nan).astype(z.dtype)
    sums, squares = correlate(fz, fv), correlate(fzz, fv)
    mean_a, mean_b = sums[:, rows, columns] / n, sums[:, -rows, -columns] / n
    var_a = squares[:, rows, columns] / n - mean_a**2
    var_b = squares[:, -rows, -columns] / n - mean_b**2
    varies = np.minimum(var_a, var_b) > _FLAT[z.dtype.itemsize]  # False for NaN
    scale = np.sqrt(np.where(varies, var_a * var_b, 1))
    r = (correlate(fz, fz)[:, rows, columns] / n - mean_a * mean_b) / scale
    r[~varies] = np.nan
    return np.asarray(np.clip(r, -1, 1, out=r))


def _standardize(maps: Float[np.ndarray, "map x y"], visited: Bool[np.ndarray, "map x y"] | None) -> np.ndarray:
    """Mean 0 and variance 1 over the visited bins (None: all), 0 in the others; all 0 for a map that is constant."""

    def on_visited(values: np.ndarray) -> np.ndarray:
        return values if visited is None else np.where(visited, values, 0)

    bins = math.prod(maps.shape[1:]) if visited is None else visited.sum(axis=(1, 2), keepdims=True)
    count = np.maximum(bins, 1).astype(maps.dtype)
    filled = on_visited(maps)
    centered = on_visited(filled - filled.sum(axis=(1, 2), keepdims=True) / count)
    std = np.sqrt((centered**2).sum(axis=(1, 2), keepdims=True) / count)
    rounding = 1e3 * np.finfo(maps.dtype).eps
    constant = std <= rounding * np.abs(filled).max(axis=(1, 2), keepdims=True)
    centered /= np.where(constant, 1, std)
    centered[constant[:, 0, 0]] = 0
    return centered
