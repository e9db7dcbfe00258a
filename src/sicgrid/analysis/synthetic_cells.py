"""Ideal populations whose verdict is known: activity of grid, stripe, place and noise cells at given positions.

Every function takes positions (..., 2) in meters (a path, or bin centers) and returns activity (..., units), not
negative, with peaks of about 1. Random choices come from a numpy Generator, so a seed fixes the population.
"""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from .._bins import bin_places


def lattice_basis(
    spacing_m: float,
    orientation_deg: float = 0.0,
    shear: float = 0.0,
    shear_axis_deg: float = 0.0,
    angle_deg: float = 60.0,
) -> Float[np.ndarray, "2 2"]:
    """Basis of a lattice, its rows the two vectors in meters.

    Both vectors have length `spacing_m`, the first at `orientation_deg`, the second `angle_deg` counterclockwise of it
    (60: hexagonal, 90: square). Then a simple shear along the direction at `shear_axis_deg`: with s along it and n
    across, s becomes s + shear * n (Stensola et al. 2015 found such shear along the walls).

    Raises
    ------
    ValueError
        If `spacing_m` is not positive, or `angle_deg` leaves the vectors on one line.

    """
    if not spacing_m > 0:
        raise ValueError(f"spacing_m must be positive (meters), got {spacing_m}")
    if not abs(np.sin(np.deg2rad(angle_deg))) > 1e-9:
        raise ValueError(f"angle_deg must not be a multiple of 180, got {angle_deg}")
    angles = np.deg2rad([orientation_deg, orientation_deg + angle_deg])
    basis = spacing_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    axis = np.deg2rad(shear_axis_deg)
    along, across = np.array([np.cos(axis), np.sin(axis)]), np.array([-np.sin(axis), np.cos(axis)])
    return np.asarray(basis + shear * (basis @ across)[:, None] * along)


def grid_cells(
    positions: npt.ArrayLike, basis_m: npt.ArrayLike, phases: npt.ArrayLike, field_width: float
) -> Float[np.ndarray, "*samples units"]:
    """Gaussian fields at every point of a lattice: sum over fields of ``exp(-|x - field|^2 / (2 field_width^2))``.

    Parameters
    ----------
    positions : (..., 2)
        Meters.
    basis_m : (2, 2)
        Rows the lattice vectors in meters; see :func:`lattice_basis`.
    phases : (units, 2) or (units, fields, 2)
        In lattice coordinates: fields at ``(phase + integers) @ basis_m``. With the second form a unit fires at several
        phases of the same lattice.
    field_width : float
        Standard deviation of a field, meters.

    Raises
    ------
    ValueError
        For another shape, linearly dependent lattice vectors, or a width that is not positive.

    """
    points = _as_positions(positions)
    basis = np.asarray(basis_m, dtype=np.float64)
    if basis.shape != (2, 2) or abs(np.linalg.det(basis)) < 1e-12:
        raise ValueError(f"basis_m must be two linearly independent vectors (2, 2) in meters, got {basis.tolist()}")
    offsets = np.asarray(phases, dtype=np.float64)
    if offsets.ndim == 2:
        offsets = offsets[:, None, :]
    if offsets.ndim != 3 or offsets.shape[-1] != 2:
        raise ValueError(f"phases must have shape (units, 2) or (units, fields, 2), got {np.shape(phases)}")
    if not field_width > 0:
        raise ValueError(f"field_width must be positive (meters), got {field_width}")
    # Copies of the nearest field out to 5 widths: what is left out is below exp(-12.5).
    heights = abs(np.linalg.det(basis)) / np.linalg.norm(basis[::-1], axis=1)
    reach = np.ceil(5 * field_width / heights + 0.5).astype(int)
    shifts = [(i, j) for i in range(-reach[0], reach[0] + 1) for j in range(-reach[1], reach[1] + 1)]
    coordinates = points.reshape(-1, 2) @ np.linalg.inv(basis)
    activity = np.zeros((len(coordinates), len(offsets)))
    for unit, unit_phases in enumerate(offsets):
        for phase in unit_phases:
            from_field = coordinates - phase
            from_field -= np.rint(from_field)
            for shift in shifts:
                squared = (((from_field - shift) @ basis) ** 2).sum(axis=1)
                activity[:, unit] += np.exp(squared / (-2 * field_width**2))
    return activity.reshape(*points.shape[:-1], len(offsets))


def stripe_cells(
    positions: npt.ArrayLike, spacing_m: float, orientation_deg: float, phases: npt.ArrayLike
) -> Float[np.ndarray, "*samples units"]:
    """Parallel bands: ``(1 + cos(2 pi (x . u / spacing - phase))) / 2``, u the unit vector at `orientation_deg`.

    Raises
    ------
    ValueError
        For positions of another shape, or a spacing that is not positive.

    """
    if not spacing_m > 0:
        raise ValueError(f"spacing_m must be positive (meters), got {spacing_m}")
    points = _as_positions(positions)
    angle = np.deg2rad(orientation_deg)
    along = points @ np.array([np.cos(angle), np.sin(angle)]) / spacing_m
    return np.asarray((1 + np.cos(2 * np.pi * (along[..., None] - np.asarray(phases, dtype=np.float64)))) / 2)


def place_cells(
    positions: npt.ArrayLike, centers: npt.ArrayLike, field_width: float
) -> Float[np.ndarray, "*samples units"]:
    """One Gaussian field a unit: ``exp(-|x - center|^2 / (2 field_width^2))``; centers (units, 2) meters.

    Raises
    ------
    ValueError
        For another shape, or a width that is not positive.

    """
    if not field_width > 0:
        raise ValueError(f"field_width must be positive (meters), got {field_width}")
    points, middles = _as_positions(positions), np.asarray(centers, dtype=np.float64)
    if middles.ndim != 2 or middles.shape[1] != 2:
        raise ValueError(f"centers must have shape (units, 2), got {middles.shape}")
    squared = ((points[..., None, :] - middles) ** 2).sum(axis=-1)
    return np.asarray(np.exp(squared / (-2 * field_width**2)))


def noise_cells(
    positions: npt.ArrayLike, units: int, smoothing_m: float, generator: np.random.Generator, waves: int = 512
) -> Float[np.ndarray, "*samples units"]:
    """Rectified smooth noise: ``max(0, f(x))``, f a Gaussian random field of variance 1.

    White noise smoothed by a Gaussian of standard deviation `smoothing_m` (so that its correlation is a Gaussian of
    sqrt(2) times that), made of `waves` random plane waves, which defines it at any position.

    Raises
    ------
    ValueError
        For positions of another shape, or smoothing that is not positive.

    """
    if not smoothing_m > 0:
        raise ValueError(f"smoothing_m must be positive (meters), got {smoothing_m}")
    points = _as_positions(positions)
    frequencies = generator.normal(scale=1 / (np.sqrt(2) * smoothing_m), size=(2, waves))
    offsets = generator.uniform(0, 2 * np.pi, waves)
    weights = generator.normal(size=(waves, units)) * np.sqrt(2 / waves)
    return np.asarray(np.maximum(np.cos(points @ frequencies + offsets) @ weights, 0.0))


def bin_centers(bin_edges: npt.ArrayLike) -> Float[np.ndarray, "x y 2"]:
    """Centers of the bins of a square arena, (nx, nx, 2) meters.

    Activity there, its last axis moved to the front, is a set of ideal rate maps.
    """
    edges = np.asarray(bin_edges, dtype=np.float64)
    return bin_places(edges, edges)


def _as_positions(positions: npt.ArrayLike) -> Float[np.ndarray, "*samples 2"]:
    points = np.asarray(positions, dtype=np.float64)
    if points.ndim < 1 or points.shape[-1] != 2:
        raise ValueError(f"positions must have shape (..., 2) in meters, got {points.shape}")
    return points
