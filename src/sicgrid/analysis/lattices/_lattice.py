"""The lattice of a grid cell: spacing, orientation, ellipticity, basis and phase."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._repr import brief
from ..maps import (
    Peaks,
    as_maps,
    autocorrelogram_peaks,
    central_radius,
    full_autocorrelogram,
    half_autocorrelogram,
    half_disc,
    kernel_average,
)
from ._best_fit import best_fit, best_noisy_fit, reduced
from ._periodic_fit import PeriodicFit

_LEAST_OVERLAP = 0.2  # share of the map's area
_SECONDARY = (0.5, 0.75)  # of the highest peak; lower peaks are passed over
_CHANCE = 3.0  # times the fit's share of free numbers; the best fits to 240 white-noise maps reached 1.2 to 2.35 times
_GUIDES_M = (0.05, 0.025)  # m, smoothing of spikes' maps whose autocorrelograms are searched; fields are wider
_ALIKE = 0.15  # of the shorter vector; a fit follows its basis over a third of it
_STRIPES = 0.9  # of the power; a lattice has 1/2 (square) or less (hexagonal) in one direction


@brief
class LatticeShape(NamedTuple):
    """What :func:`lattice_shape` says of a basis."""

    spacing_m: float
    orientation_deg: float
    ellipticity: float
    basis_m: Float[np.ndarray, "2 2"]


@brief
@dataclass(frozen=True)
class Lattice:
    """The lattice of one rate map. All numbers are NaN when there is none; `reason` then says why.

    The three *axes* of a lattice are its three shortest vectors in different directions: the neighbors of a field
    in a hexagonal lattice, sheared or not.
    """

    spacing_m: float
    """Mean length of the three axes: the distance between neighboring fields (not the wavelength, sqrt(3)/2 of it)."""
    orientation_deg: float
    """Angle, counterclockwise from x, of the axis nearest to the x direction (from -30 to 30 if hexagonal), given
    modulo 60 in [0, 60): an axis at -5 degrees reads 55."""
    ellipticity: float
    """Long over short axis of the ellipse through the six neighbors of a field: 1 hexagonal, sqrt(3) square."""
    basis_m: Float[np.ndarray, "2 2"]
    """Rows: the axis that gave the orientation, pointing to +x, and the next axis counterclockwise; meters."""
    phase: Float[np.ndarray, " 2"]
    """Place of the (highest) field in lattice coordinates, in [0, 1): fields at (phase + integers) @ basis_m,
    measured from the center of the map."""
    explained: float
    """Share of the map's variance explained by a function periodic on this lattice."""
    peak: float
    """Highest value of that function: the rate in the middle of a field, averaged over a bin."""
    spacing_se_m: float
    """Standard error of the spacing if what the fit leaves is noise independent from bin to bin, as it is of spikes; of
    a network's smooth map it says nothing."""
    orientation_se_deg: float
    """The same of the orientation."""
    reason: str = ""
    """Why there is no lattice; empty when there is one."""

    @property
    def found(self) -> bool:
        """Whether a lattice was found."""
        return not self.reason


def lattice(
    rate_map: npt.ArrayLike, bin_size: float = 0.05, *, min_overlap: int = 20, seconds: npt.ArrayLike | None = None
) -> Lattice:
    """Fit a lattice to one rate map (nx, ny), unvisited bins NaN, bins squares of `bin_size` meters.

    The nearest peaks of the autocorrelogram (located between bins) give a first basis. Peaks lower than half of the
    highest are passed over: a cell with several fields per unit cell has such lower peaks at the differences of its
    phases. The basis is then refined by fitting a periodic function to the whole map; see `fit_periodic`. If
    passing over peaks below three quarters instead gives another lattice, that one is taken when it leaves
    less than half as much unexplained: then the nearer peaks were such differences.

    Of spikes give the map unsmoothed, and `seconds`, the time in each bin (nx, ny): smoothing attenuates near fields
    most, and bins of short visits are mostly noise. The autocorrelograms then searched for peaks are those of the map
    smoothed by 5 and by 2.5 cm, the fit is to the map itself, each bin weighted by what its rate is known to. Lattices
    2, 3 and 4 times as fine as the best are tried too; see `best_noisy_fit`.

    Raises
    ------
    ValueError
        For a wrong shape, fewer than 10 bins a side, a bin size that is not positive, or negative rates beside seconds.

    Notes
    -----
    On ideal lattices, sheared ones included, of 0.3 to 1.0 m in a 2 m box with 40 bins, spacing is within 1 % and
    orientation within 1 degree (tests). It needs at least one whole unit cell and neighbor distances below about
    three quarters of the box. White noise and stripes have no lattice, but smooth noise with enough peaks has some:
    the grid score's null, not this function, says whether a unit is a grid cell.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> fit = lattice(maps[0])
    >>> round(float(fit.spacing_m), 3), round(float(fit.orientation_deg), 1), round(float(fit.ellipticity), 2)
    (0.5, 10.0, 1.0)

    """
    maps = as_maps(rate_map)
    if maps.ndim != 2 or min(maps.shape) < 10:
        raise ValueError(f"rate_map must have shape (nx, ny) with at least 10 bins a side, got {maps.shape}")
    if not 0 < bin_size < np.inf:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    time = None if seconds is None else np.asarray(seconds, dtype=np.float64)
    if time is not None and (time.shape != maps.shape or not (time[np.isfinite(maps)] > 0).all()):
        raise ValueError(f"seconds must be {maps.shape} and positive where the map is known, got {time.shape}")
    if time is not None and (maps < 0).any():
        raise ValueError(f"rate_map must hold rates of spikes where seconds are given, got {np.nanmin(maps):g}")
    guides = [maps] if time is None else [_guide(maps, time, sigma / bin_size) for sigma in _GUIDES_M]
    bases: list[np.ndarray] = []
    for guide in guides:
        half = half_autocorrelogram(guide[None], min_overlap)
        if not np.isfinite(half).any():
            return no_lattice("the map is constant or too little of it was visited")
        disc = half_disc(*maps.shape, min(maps.shape) - 1)
        full = full_autocorrelogram(half)[0]
        proposed = _first_bases(autocorrelogram_peaks(full, int(central_radius(half, disc)[0])), maps.shape)
        bases += [basis for basis in proposed if not any(_same_start(basis, earlier) for earlier in bases)]
    if not bases:
        return no_lattice("the autocorrelogram has fewer than two peaks off the center that are not on one line")
    fit = best_fit(maps, bases) if time is None else best_noisy_fit(maps, bases, time)
    if fit is None:
        return no_lattice("no periodic function near the autocorrelogram's peaks fits the map")
    free = (fit.coefficients.size + fit.reciprocal.size) / np.isfinite(maps).sum()
    if fit.explained < _CHANCE * free:
        return no_lattice(f"the best periodic function explains {fit.explained:.3f} of the map, as of white noise")
    if fit.one_direction > _STRIPES:
        return no_lattice("the map is periodic in one direction only (stripes)")
    refined = np.linalg.inv(fit.reciprocal).T
    shape = lattice_shape(refined * bin_size)
    highest = _highest(fit)
    top = highest @ refined
    phase = np.mod(top @ np.linalg.inv(shape.basis_m / bin_size), 1.0)
    phase[phase == 1.0] = 0.0  # np.mod of a tiny negative number rounds up to 1
    spacing_se, orientation_se = _standard_errors(fit, shape, bin_size)
    peak = float(fit.at(highest[None])[0])
    return Lattice(*shape, phase, fit.explained, peak, spacing_se, orientation_se)


def no_lattice(reason: str) -> Lattice:
    """A Lattice of NaN with the reason."""
    nan = float("nan")
    return Lattice(nan, nan, nan, np.full((2, 2), nan), np.full(2, nan), nan, nan, nan, nan, reason)


def lattice_shape(basis_m: npt.ArrayLike) -> LatticeShape:
    """Spacing, orientation, ellipticity and the conventional basis of any basis (2, 2) of a lattice, rows in meters.

    The definitions are those of :class:`Lattice`; two bases of one lattice give the same answer.

    Raises
    ------
    ValueError
        If the basis is not two finite, linearly independent vectors.

    >>> from sicgrid.analysis import synthetic_cells
    >>> shape = lattice_shape(synthetic_cells.lattice_basis(0.5, 10))
    >>> round(float(shape.spacing_m), 3), round(float(shape.orientation_deg), 3), round(float(shape.ellipticity), 3)
    (0.5, 10.0, 1.0)

    """
    basis = np.asarray(basis_m, dtype=np.float64)
    if basis.shape != (2, 2) or not np.isfinite(basis).all() or np.linalg.det(basis) == 0:
        raise ValueError(f"basis_m must be two linearly independent vectors (2, 2), got {basis.tolist()}")
    a, b = reduced(basis)
    six = np.array([a, b, b - a, -a, -b, a - b])
    six = six[np.argsort(np.arctan2(six[:, 1], six[:, 0]))]
    angles = np.rad2deg(np.arctan2(six[:, 1], six[:, 0]))
    # An axis along +x within rounding must not lose against its mirror image or the axis at the other side.
    first = int(np.argmin(np.round(np.abs(angles), 9)))
    pair = np.stack([six[first], six[(first + 1) % 6]])
    lengths = np.linalg.norm(six, axis=1)
    # The map from the unit hexagon to these neighbors turns the unit circle into the ellipse through them.
    hexagon = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    stretch = np.linalg.svd(np.linalg.solve(hexagon, pair), compute_uv=False)
    orientation = float(np.mod(angles[first], 60.0))
    return LatticeShape(float(lengths.mean()), orientation % 60.0, float(stretch[0] / stretch[1]), pair)


def _first_bases(peaks: Peaks, shape: tuple[int, ...]) -> list[Float[np.ndarray, "2 2"]]:
    """First guesses: the nearest peak and the nearest in another direction (30 degrees or more away), reduced.

    One guess for each bound on how high a peak must be, of those displacements with enough overlap to be believed.
    """
    overlap = np.prod(1 - np.abs(peaks.displacements) / np.array(shape), axis=1)
    believed = overlap >= _LEAST_OVERLAP
    bases: list[np.ndarray] = []
    for bound in _SECONDARY if believed.any() else ():
        at = peaks.displacements[believed & (peaks.heights >= bound * peaks.heights[believed].max())]
        across = np.abs(at[0, 0] * at[:, 1] - at[0, 1] * at[:, 0])
        others = np.flatnonzero(across >= 0.5 * np.linalg.norm(at[0]) * np.linalg.norm(at, axis=1))
        if len(others):
            basis = reduced(np.stack([at[0], at[others[0]]]))
            if not any(np.allclose(basis, earlier) for earlier in bases):
                bases.append(basis)
    return bases


def _same_start(basis: Float[np.ndarray, "2 2"], other: Float[np.ndarray, "2 2"]) -> bool:
    """Whether two first bases are so near that a fit from either ends at the same lattice."""
    return bool(np.abs(basis - other).max() < _ALIKE * np.linalg.norm(other, axis=1).min())


def _guide(rate_map: Float[np.ndarray, "x y"], seconds: Float[np.ndarray, "x y"], sigma: float) -> np.ndarray:
    """The map smoothed, each bin weighted by the time in it, for a first look at the distances between fields."""
    visited = np.isfinite(rate_map)
    mass = kernel_average(np.where(visited, seconds, np.nan), sigma)
    return np.asarray(kernel_average(np.where(visited, rate_map * seconds, np.nan), sigma) / mass)


def _standard_errors(fit: PeriodicFit, shape: LatticeShape, bin_size: float) -> tuple[float, float]:
    """Of spacing (meters) and orientation (degrees), to first order in the errors of K."""
    step = 1e-6 * np.abs(fit.reciprocal).max()
    steps = step * np.eye(4).reshape(4, 2, 2)
    moved = np.stack([fit.reciprocal + steps, fit.reciprocal - steps])
    # The derivatives are those of fixed neighbors: which one gives the orientation must not switch between the two.
    neighbors = np.rint(shape.basis_m / bin_size @ fit.reciprocal.T)
    pairs = neighbors @ np.swapaxes(np.linalg.inv(moved), -1, -2) * bin_size
    axes = np.concatenate([pairs, pairs[..., 1:, :] - pairs[..., :1, :]], axis=-2)
    spacing = np.linalg.norm(axes, axis=-1).mean(axis=-1)
    orientation = np.rad2deg(np.arctan2(axes[..., 0, 1], axes[..., 0, 0]))
    slopes = np.stack([spacing[0] - spacing[1], orientation[0] - orientation[1]]) / (2 * step)
    variance = np.einsum("ai,ij,aj->a", slopes, fit.covariance, slopes)
    spacing_se, orientation_se = np.sqrt(np.maximum(variance, 0.0))
    return float(spacing_se), float(orientation_se)


def _highest(fit: PeriodicFit) -> Float[np.ndarray, " 2"]:
    """Lattice coordinates of the maximum of the fitted function: a grid search, refined twice."""
    step = 1 / 40
    axis = np.arange(40) * step
    best = np.zeros(2)
    for _ in range(3):
        first, second = best[0] + axis, best[1] + axis
        values = fit.on_grid(first, second)
        row, column = np.unravel_index(np.argmax(values), values.shape)
        best = np.array([first[row], second[column]])
        axis, step = np.linspace(-step, step, 21), step / 10
    return best
