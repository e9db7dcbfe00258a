"""Fourier power of rate maps and the three plane waves of a lattice, located between the bins of the spectrum."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Complex, Float
from pydantic import Field

from ..._repr import brief
from ..._settings import Settings
from ..maps import as_maps
from ._lattice import lattice_shape
from ._wave_fit import newton_steps, wave_amplitudes
from ._wave_vectors import nearest_waves, wave_vectors

_WEAKEST = 0.02  # share of the strongest peak's power; the highest side lobe of a Hann window has 0.0007
_CLOSING = 0.5  # how far k3 may miss k1 + k2, in units of the resolution 1 / box
_FEWEST_PERIODS = 2.0  # half the width of a Hann window's main lobe is 2 / box
_CANDIDATES = 8
_ROUNDS = 6
# The first three rings of a hexagonal lattice's spectrum, in multiples of two of its waves (120 degrees apart).
_RINGS = np.array([(1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, 0), (0, 2), (2, 2)])
_SIGNS = np.array([1, -1])


class FourierConfig(Settings):
    """How the power of rate maps is sampled."""

    pad: int = Field(
        8, ge=1, le=32, description="Side of the padded map in sides of the map. Source: ours (8 samples a resolution)."
    )
    highest: float = Field(
        5.0, gt=0, description="Highest frequency that is kept, cycles per meter. Source: ours (spacings of 0.23 m)."
    )


@brief
@dataclass(frozen=True)
class Spectrum:
    """Power of rate maps over spatial frequency."""

    power: Float[np.ndarray, "*units f_x f_y"]
    """Zero frequency in the middle; symmetric under f -> -f; sums to the weighted mean square of the map, its mean
    removed, over all bins: those not visited count as the mean."""
    frequencies: Float[np.ndarray, " f"]
    """Cycles per meter, for both axes."""


@brief
@dataclass(frozen=True)
class PlaneWaves:
    """The three plane waves that make a lattice. NaN when there are no three; `reason` then says why."""

    k: Float[np.ndarray, "3 2"]
    """k1, k2, k3 in cycles per meter, each measured by itself; up to the error of measurement k1 + k2 + k3 = 0 (as in
    :func:`wave_vectors`)."""
    angles_deg: Float[np.ndarray, " 3"]
    """Their directions modulo 180 (k and -k are one wave): 60 degrees apart for a hexagonal lattice, and 30 off the
    axes of its fields."""
    power: Float[np.ndarray, " 3"]
    """Squared amplitude of each wave over 2: its share of the map's mean square."""
    spacing_m: float
    """Distance between neighboring fields, as in :class:`Lattice`: ``2 / (sqrt(3) |k|)`` if hexagonal, the wavelength
    being 1 / |k|."""
    orientation_deg: float
    reason: str = ""

    @property
    def found(self) -> bool:
        """Whether three waves were found."""
        return not self.reason


def power_spectrum(rate_maps: npt.ArrayLike, bin_size: float = 0.05, pad: int = 8, window: str = "hann") -> Spectrum:
    """Fourier power of one or many rate maps (..., nx, ny), unvisited bins NaN.

    The mean of the visited bins is removed, unvisited bins are 0, a window tapers the map toward the walls ("hann", or
    "none"), and zeros are added up to `pad` times the longer side (n bins), so that the spectrum is finely sampled.

    ``power(f) = |sum over x of w(x) (map(x) - mean) exp(-2 pi i f.x)|^2 / (n^2 sum of w^2)``

    The mean power of a module's units (C5 of Schaeffer et al. 2023) is ``spectrum.power[members].mean(axis=0)``.

    Raises
    ------
    ValueError
        For shapes or settings out of range.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> spectrum = power_spectrum(maps)
    >>> spectrum.power.shape
    (2, 320, 320)

    """
    maps = as_maps(rate_maps)
    if not 0 < bin_size < np.inf:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    if not 1 <= pad < np.inf or pad != int(pad):
        raise ValueError(f"pad must be a whole number from 1 (times the longer side), got {pad}")
    taper = _taper(maps.shape[-2], maps.shape[-1], window)
    size = int(scipy.fft.next_fast_len(int(pad) * max(maps.shape[-2:])))
    power = _shifted_power(_centered(maps, taper) * taper, size) / (size**2 * (taper**2).sum())
    return Spectrum(power, scipy.fft.fftshift(scipy.fft.fftfreq(size, bin_size)))


def _shifted_power(values: Float[np.ndarray, "*units x y"], size: int) -> Float[np.ndarray, "*units f_x f_y"]:
    """``np.abs(fftshift(fft2(values, (size, size)))) ** 2``: that of f and of -f, computed once."""
    half = np.abs(scipy.fft.fft(scipy.fft.rfft(values, size), size, axis=-2)) ** 2
    shifted = scipy.fft.fftshift(half, axes=-2)
    power, middle = np.empty((*values.shape[:-2], size, size)), size // 2
    power[..., middle:] = shifted[..., : size - middle]
    # For f_y < 0 the power is that at -f: the rows in reverse. With an even size the first row is its own mirror image.
    turned = np.roll(shifted[..., ::-1, :], 1, axis=-2) if size % 2 == 0 else shifted[..., ::-1, :]
    power[..., :middle] = turned[..., middle:0:-1]
    return power


def plane_waves(rate_map: npt.ArrayLike, bin_size: float = 0.05) -> PlaneWaves:
    """Find k1, k2, k3 of one rate map (nx, ny), unvisited bins NaN.

    The highest peaks of the windowed and padded spectrum, three of them such that two sum to the third, are first
    located between its bins by a parabola. In a box of a few periods the peaks lean on each other, on their mirror
    images and on the next rings; so each is then located again, by Newton steps on the windowed power of what is left
    of the map when all other waves of the first three rings are subtracted (RELAX: Li and Stoica 1996).

    Limits: two periods of each wave must fit into the box (spacing below 0.58 of it), or the window cannot tell
    the peaks apart; :func:`lattice` goes further. A unit with several fields per unit cell gives the waves of its own
    finer lattice.

    Raises
    ------
    ValueError
        For a wrong shape, fewer than 10 bins a side, or a bin size that is not positive.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> waves = plane_waves(maps[0])
    >>> round(float(np.mean(waves.spacing_m)), 2), waves.angles_deg.round().tolist()
    (0.5, [160.0, 100.0, 40.0])

    """
    maps = as_maps(rate_map)
    if maps.ndim != 2 or min(maps.shape) < 10:
        raise ValueError(f"rate_map must have shape (nx, ny) with at least 10 bins a side, got {maps.shape}")
    box = min(maps.shape) * bin_size
    triple = None
    for window in ("hann", "none"):
        spectrum = power_spectrum(maps, bin_size, window=window)
        if not spectrum.power.max() > 0:
            return _no_waves("the map is constant or was not visited")
        triple = _closed_triple(*_peaks(spectrum, 1 / box), _CLOSING / box)
        if triple is not None:
            break
    if triple is None:
        return _no_waves("no three peaks of the spectrum are such that two of them sum to the third")
    k, amplitudes = _refine(maps, triple * bin_size)
    k /= bin_size
    if not np.isfinite(k).all():
        return _no_waves("a wave fitted to the map leaves its peak in the spectrum")
    shape = lattice_shape(np.linalg.inv(_least_squares(k)).T)
    shortest = float(np.linalg.norm(k, axis=1).min())
    if not shortest * box >= _FEWEST_PERIODS:
        return _no_waves(f"a wave has {shortest * box:.2f} periods in the box, and fewer than 2 cannot be resolved")
    if np.linalg.norm(k[0] + k[1] - k[2]) > _CLOSING / box:
        return _no_waves("the three strongest waves do not belong to one lattice")
    expected = wave_vectors(shape.basis_m)
    ordered, index = nearest_waves(k, expected)
    if np.linalg.norm(ordered - expected, axis=1).max() > _CLOSING / box:
        return _no_waves("the three strongest waves are not the three shortest of their lattice")
    angles = np.mod(np.rad2deg(np.arctan2(ordered[:, 1], ordered[:, 0])), 180.0)
    power = 2 * np.abs(amplitudes[index]) ** 2
    return PlaneWaves(ordered, angles, power, shape.spacing_m, shape.orientation_deg)


def _no_waves(reason: str) -> PlaneWaves:
    nan = float("nan")
    waves = PlaneWaves(np.full((3, 2), nan), np.full(3, nan), np.full(3, nan), nan, nan)
    return replace(waves, reason=reason)


def _taper(nx: int, ny: int, window: str) -> Float[np.ndarray, "x y"]:
    if window not in ("hann", "none"):
        raise ValueError(f'window must be "hann" or "none", got {window!r}')
    if window == "none":
        return np.ones((nx, ny))
    return np.outer(np.hanning(nx + 2)[1:-1], np.hanning(ny + 2)[1:-1])


def _centered(
    maps: Float[np.ndarray, "*units x y"], taper: Float[np.ndarray, "x y"]
) -> Float[np.ndarray, "*units x y"]:
    """Maps without their weighted mean, 0 where not visited: the windowed map then has no power at frequency 0."""
    visited = np.isfinite(maps)
    weight = visited * taper
    filled = np.where(visited, maps, 0.0)
    total = weight.sum(axis=(-2, -1), keepdims=True)
    mean = (filled * weight).sum(axis=(-2, -1), keepdims=True) / np.where(total > 0, total, 1.0)
    return np.where(visited, filled - mean, 0.0)


def _peaks(spectrum: Spectrum, resolution: float) -> tuple[Float[np.ndarray, "peak 2"], Float[np.ndarray, " peak"]]:
    """The highest local maxima, one of each pair f, -f, between bins, strongest first."""
    step = spectrum.frequencies[1] - spectrum.frequencies[0]
    reach = max(1, round(resolution / 2 / step))
    # One half of the plane, and a margin within which its peaks must be the highest.
    first = max(0, len(spectrum.frequencies) // 2 - 2 * reach)
    power = spectrum.power[first:]
    highest = scipy.ndimage.maximum_filter(power, size=2 * reach + 1) == power
    highest[[0, -1], :] = highest[:, [0, -1]] = False
    bins = np.argwhere(highest & (power >= _WEAKEST * power.max()))
    bins = bins[np.argsort(-power[tuple(bins.T)], kind="stable")]
    places = bins.astype(np.float64)
    for axis in range(2):
        offset = np.eye(2, dtype=int)[axis]
        before, middle, after = (np.log(power[tuple((bins + s * offset).T)] + 1e-300) for s in (-1, 0, 1))
        curvature = before - 2 * middle + after
        shift = np.divide(before - after, 2 * curvature, out=np.zeros(len(bins)), where=curvature < 0)
        places[:, axis] += np.clip(shift, -0.5, 0.5)
    peaks = spectrum.frequencies[0] + (places + np.array([first, 0])) * step
    half = (peaks[:, 0] > 1e-9) | ((np.abs(peaks[:, 0]) <= 1e-9) & (peaks[:, 1] > 0))
    usable = half & (np.linalg.norm(peaks, axis=1) > resolution / 2)
    return peaks[usable][:_CANDIDATES], power[tuple(bins.T)][usable][:_CANDIDATES]


def _closed_triple(
    peaks: Float[np.ndarray, "peak 2"], power: Float[np.ndarray, " peak"], tolerance: float
) -> Float[np.ndarray, "3 2"] | None:
    """The strongest three peaks p, q, r (up to sign) with p + q = r, or None."""
    if len(peaks) < 3:
        return None
    first, second = np.triu_indices(len(peaks), 1)
    sums = peaks[first, None] + _SIGNS[:, None] * peaks[second, None]
    misses = np.linalg.norm(peaks - _SIGNS[:, None, None] * sums[:, :, None, None], axis=-1)  # pair, sign, turn, peak
    third = misses.argmin(axis=-1)
    distinct = (third != first[:, None, None]) & (third != second[:, None, None])
    closed = distinct & (misses.min(axis=-1) < tolerance)
    if not closed.any():
        return None
    strength = np.where(closed, (power[first] + power[second])[:, None, None] + power[third], 0.0)
    pair, sign, turn = np.unravel_index(strength.argmax(), strength.shape)
    return np.stack(
        [peaks[first[pair]], _SIGNS[sign] * peaks[second[pair]], _SIGNS[turn] * peaks[third[pair, sign, turn]]]
    )


def _least_squares(k: Float[np.ndarray, "3 2"]) -> Float[np.ndarray, "2 2"]:
    """The least-squares waves k, q to three waves that should be k, q and k + q."""
    waves: np.ndarray = np.linalg.lstsq(np.array([[1.0, 0], [0, 1], [1, 1]]), k, rcond=None)[0]
    return waves


def _refine(
    rate_map: Float[np.ndarray, "x y"], triple: Float[np.ndarray, "3 2"]
) -> tuple[Float[np.ndarray, "3 2"], Complex[np.ndarray, " 3"]]:
    """Cycles per bin of the three waves and their complex amplitudes, each free of the others' leakage."""
    visited = np.isfinite(rate_map)
    taper = _taper(rate_map.shape[0], rate_map.shape[1], "hann")
    values = _centered(rate_map, taper)
    weight = taper * visited
    rings = _RINGS @ triple[:2]
    rings[2] = triple[2]
    waves = rings[(np.abs(rings) < 0.5).all(axis=1)]
    first = waves[:3].copy()
    for _ in range(_ROUNDS):
        amplitudes, alone = wave_amplitudes(values, weight, waves)
        waves = waves + newton_steps(alone, waves)
    if np.linalg.norm(waves[:3] - first, axis=1).max() > 1 / min(rate_map.shape):
        return np.full((3, 2), np.nan), amplitudes[:3]
    return waves[:3], amplitudes[:3]
