"""Position modulo a lattice, decoded from two angles on a torus."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._axes import place_numbers
from ..._numbers import plain_numbers
from ..._repr import brief
from ._circular_coordinates import reduce_pair


@brief
@dataclass(frozen=True)
class LatticeDecoding:
    """Position modulo a lattice, read from coordinates on a torus.

    wave_vectors : (2, 2), rows k1, k2 in cycles per meter: coordinate a is ``k_a . x + offset_a`` modulo 1
    offsets : (2,) turns
    goodness : (2,) ``|mean exp(2 pi i (coordinate_a - k_a . x))|`` on places not used for the fit; 1 is perfect
    goodness_chance : (2,) the same after a fit to coordinates in random order
    basis_m : (2, 2), rows the shortest lattice vectors in meters, at 60 to 90 degrees
    spacing_m : (2,) their lengths
    error_m : median distance between decoded and true position modulo the lattice, on places not used for the fit
    error_chance_m : the same for places drawn at random
    """

    wave_vectors: Float[np.ndarray, "2 2"]
    offsets: Float[np.ndarray, "2"]
    goodness: Float[np.ndarray, "2"]
    goodness_chance: Float[np.ndarray, "2"]
    basis_m: Float[np.ndarray, "2 2"]
    spacing_m: Float[np.ndarray, "2"]
    error_m: float
    error_chance_m: float


def decode_modulo_lattice(positions: npt.ArrayLike, coordinates: npt.ArrayLike, seed: int = 0) -> LatticeDecoding:
    """Fit the lattice that turns position into torus coordinates, and decode position modulo that lattice.

    For each coordinate ``theta`` the wave vector is the one with the largest ``|mean exp(2 pi i (theta - k . x))|``:
    the peak of a two-dimensional periodogram up to the sampling's Nyquist frequency, then refined. Then
    ``x = K^-1 (theta - offset)`` modulo the lattice whose vectors are the columns of K^-1. Fit on a random half
    of the places, errors on the other.

    Parameters
    ----------
    positions : (points, 2) meters
        Where the states were taken.
    seed
        Of the halves and of the chance level.
    coordinates : (points, 2) turns
        :attr:`CircularCoordinates.coordinates`. The lattice needs no grid score and no rate map, and can be compared
        with those.

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, fewer than 20 points, or positions on a line; if both coordinates
        follow the same wave vector (no lattice).

    Notes
    -----
    Limits: a lattice larger than the path cannot be found; the goodness then says so. The Nyquist frequency is that of
    at most 3,000 places drawn at random, half a cycle per mean distance of neighbors.

    >>> places = np.random.default_rng(0).uniform(-1, 1, (400, 2))
    >>> decoding = decode_modulo_lattice(places, 2 * places % 1)  # phases that come round every half meter
    >>> np.round(decoding.spacing_m, 2).tolist(), decoding.goodness.round(2).tolist()
    ([0.5, 0.5], [1.0, 1.0])

    """
    points = place_numbers(positions, np.float64)
    theta = plain_numbers("coordinates", coordinates, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or theta.shape != points.shape:
        raise ValueError(
            f"positions and coordinates must both have shape (points, 2), got {points.shape} and {theta.shape}"
        )
    if not (np.isfinite(points).all() and np.isfinite(theta).all()):
        raise ValueError("positions and coordinates must be finite; leave points with NaN out of both")
    extent = np.ptp(points, axis=0)
    if len(points) < 20 or not (extent > 0).all():
        raise ValueError(
            f"decoding needs at least 20 places spread over x and y, got {len(points)} spanning {extent} m"
        )
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(points))
    fit, test = order[: min(len(order) // 2, 3000)], order[len(order) // 2 :]
    waves = np.stack([_wave_vector(points[fit], theta[fit, axis]) for axis in (0, 1)])
    chance = np.stack([_wave_vector(points[fit], generator.permutation(theta[fit, axis])) for axis in (0, 1)])
    if abs(np.linalg.det(waves)) < 1e-3 / np.prod(extent):
        raise ValueError(
            f"both coordinates follow the wave vector {waves[0].round(3).tolist()} (cycles per meter): one period, no "
            "lattice; see topology(states).verdict"
        )
    offsets = np.angle(_resultant(points[fit], theta[fit], waves)) / (2 * np.pi)
    basis = np.linalg.inv(waves).T
    basis = reduce_pair(basis) @ basis
    basis[1] *= 1.0 if basis[0] @ basis[1] >= 0 else -1.0
    decoded = (theta[test] - offsets) @ np.linalg.inv(waves).T
    errors = distance_modulo_lattice(decoded - points[test], basis)
    anywhere = distance_modulo_lattice(generator.random((10_000, 2)) @ basis, basis)
    return LatticeDecoding(
        wave_vectors=waves,
        offsets=offsets,
        goodness=np.abs(_resultant(points[test], theta[test], waves)),
        goodness_chance=np.abs(_resultant(points[test], theta[generator.permutation(test)], chance)),
        basis_m=basis,
        spacing_m=np.linalg.norm(basis, axis=1),
        error_m=float(np.median(errors)),
        error_chance_m=float(np.median(anywhere)),
    )


def distance_modulo_lattice(
    displacements: Float[np.ndarray, "point 2"], basis_m: Float[np.ndarray, "2 2"]
) -> Float[np.ndarray, " point"]:
    """Length of the shortest displacement that differs by a lattice vector; the basis must be reduced."""
    fraction = displacements @ np.linalg.inv(basis_m)
    fraction -= np.rint(fraction)
    # With a reduced basis the nearest lattice point is one of the nine around the rounded one.
    shifts = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=np.float64)
    return np.asarray(np.linalg.norm((fraction[:, None] - shifts) @ basis_m, axis=2).min(axis=1))


def _resultant(
    points: Float[np.ndarray, "point 2"], theta: Float[np.ndarray, "point 2"], waves: Float[np.ndarray, "2 2"]
) -> np.ndarray:
    return np.asarray(np.exp(2j * np.pi * (theta - points @ waves.T)).mean(axis=0))


def _wave_vector(points: Float[np.ndarray, "point 2"], theta: Float[np.ndarray, " point"]) -> Float[np.ndarray, "2"]:
    """The k (cycles per meter) with the largest ``|mean exp(2 pi i (theta - k . x))|``."""
    extent = np.ptp(points, axis=0)
    nyquist = 0.5 * np.sqrt(len(points) / np.prod(extent))
    # Quarter cycles over the path: no peak falls between two steps.
    grids = [np.arange(-nyquist, nyquist + 0.25 / side, 0.25 / side) for side in extent]
    signal = np.exp(2j * np.pi * theta)
    x_wave, y_wave = (np.exp(-2j * np.pi * np.outer(grid, points[:, axis])) for axis, grid in enumerate(grids))
    power = np.abs((x_wave * signal) @ y_wave.T)
    i, j = np.unravel_index(power.argmax(), power.shape)

    def loss(wave: np.ndarray) -> float:
        return -float(np.abs(np.mean(signal * np.exp(-2j * np.pi * (points @ wave)))))

    from scipy.optimize import minimize  # here, since it takes a while to load

    best = minimize(loss, np.array([grids[0][i], grids[1][j]]), method="Nelder-Mead")
    return np.asarray(best.x)
