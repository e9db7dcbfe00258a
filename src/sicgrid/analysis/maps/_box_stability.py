"""Whether maps and lattices of one box hold in another."""

from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._maps import RateMaps
from ..._numbers import plain_numbers
from ..._repr import brief


@brief
class BoxStability(NamedTuple):
    """Each unit's map and lattice in another box, compared with those in the reference box."""

    correlation: Float[np.ndarray, " unit"]
    """Pearson r of the two maps over bins visited in both; NaN for a unit that is flat in either."""
    null_p95: float
    """95th percentile of r between the maps of *different* units, one from each box; NaN with fewer than two units."""
    shared_bins: int
    deformation: Float[np.ndarray, "unit 2 2"] | None
    """F: lattice vectors of the other box are F times those of the reference; None when no lattices were given."""
    strain: Float[np.ndarray, " unit"] | None
    """Largest relative change of any lattice vector, the spectral norm of F - I; NaN for units without a lattice."""
    scale: Float[np.ndarray, " unit"] | None
    """Change of spacing, sqrt(det F)."""
    rotation_deg: Float[np.ndarray, " unit"] | None
    """Change of orientation, degrees counterclockwise."""


def box_stability(
    reference: RateMaps,
    other: RateMaps,
    reference_basis_m: npt.ArrayLike | None = None,
    other_basis_m: npt.ArrayLike | None = None,
) -> BoxStability:
    """Compare the maps of the same units in two boxes where the boxes overlap, and their lattices.

    ``r_u`` is the Pearson correlation of unit u's two maps over the bins that both boxes have and both walks visited;
    both maps are in the same coordinates (origin at the start, the boxes' centers), so that a map that keeps its
    lattice but shifts its phase scores low. The null, different units against each other, says what r comes from a
    shared lattice alone.

    Lattices: with rows B and B' of lattice vectors, ``F`` minimizes ``|F - I|`` over all choices of basis, ``U B' = B
    F^T``, U integer with determinant 1. A hexagonal lattice is thus never said to have turned by 60 degrees.

    Parameters
    ----------
    reference, other
        RateMaps with the same units and bin size, their bins aligned where the boxes overlap.
    reference_basis_m, other_basis_m : (units, 2, 2) meters, NaN for units without a lattice
        As in ``UnitTable.basis_m``; both or neither.

    Raises
    ------
    ValueError
        When units differ, bins are not aligned, fewer than 10 bins are shared, or only one set of bases is given.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> from sicgrid.analysis import RateMaps
    >>> edges = np.linspace(-1, 1, 41)
    >>> whole = RateMaps(maps, np.ones((40, 40)), edges, edges)
    >>> middle = RateMaps(maps[:, 10:30, 10:30], np.ones((20, 20)), edges[10:31], edges[10:31])  # a box of 1 m within
    >>> box_stability(middle, whole).correlation.round(3).tolist()
    [1.0, 1.0]

    """
    maps = plain_numbers("reference", reference.maps, np.float64)
    other_maps = plain_numbers("other", other.maps, np.float64)
    if maps.ndim != 3 or other_maps.ndim != 3 or len(maps) != len(other_maps) or len(maps) == 0:
        raise ValueError(
            f"reference and other must have the same units, got maps of shape {maps.shape} and {other_maps.shape}"
        )
    for name, boxed in (("reference", reference), ("other", other)):
        expected = (len(boxed.x_edges) - 1, len(boxed.y_edges) - 1)
        if np.shape(boxed.maps)[1:] != expected:
            raise ValueError(f"{name} has maps of {np.shape(boxed.maps)[1:]} bins and edges of {expected}")
    if (reference_basis_m is None) != (other_basis_m is None):
        raise ValueError("reference_basis_m and other_basis_m must be given together, or neither")
    x_slice, other_x_slice = _shared(reference.x_edges, other.x_edges, "x")
    y_slice, other_y_slice = _shared(reference.y_edges, other.y_edges, "y")
    first, second = (
        maps[:, x_slice, y_slice].reshape(len(maps), -1),
        other_maps[:, other_x_slice, other_y_slice].reshape(len(other_maps), -1),
    )
    for name, shared in (("reference", first), ("other", second)):
        if len(nowhere := np.flatnonzero(~np.isfinite(shared).any(axis=1))):
            raise ValueError(
                f"units {nowhere[:5].tolist()} have in {name} no bin in which their rate is known, of those that both "
                "boxes share; leave them out"
            )
    shared_bins = np.asarray((np.isfinite(first) & np.isfinite(second)).all(axis=0))
    if shared_bins.sum() < 10:
        raise ValueError(f"reference and other must share at least 10 visited bins, got {int(shared_bins.sum())}")
    table = _standardized(first[:, shared_bins]) @ _standardized(second[:, shared_bins]).T
    between_units = table[~np.eye(len(table), dtype=bool)]
    between_units = between_units[np.isfinite(between_units)]
    null = float(np.percentile(between_units, 95)) if len(between_units) else float("nan")
    correlation = np.diag(table).copy()
    if reference_basis_m is None or other_basis_m is None:
        return BoxStability(correlation, null, int(shared_bins.sum()), None, None, None, None)
    deformation = lattice_deformation(reference_basis_m, other_basis_m)
    if len(deformation) != len(maps):
        raise ValueError(f"reference_basis_m must have one basis for each of {len(maps)} units, got {len(deformation)}")
    return BoxStability(correlation, null, int(shared_bins.sum()), deformation, *_parts(deformation))


def lattice_deformation(basis_m: npt.ArrayLike, other_m: npt.ArrayLike) -> Float[np.ndarray, "unit 2 2"]:
    """F for each pair of bases (units, 2, 2): the smallest deformation that turns the one lattice into the other.

    Every choice of basis of the other lattice with integer coefficients from -2 to 2 is tried. NaN where a basis is
    NaN.

    Raises
    ------
    ValueError
        If the bases are not both (units, 2, 2), or one of `basis_m` is not of linearly independent vectors.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> basis = synthetic_cells.lattice_basis(0.5)
    >>> abs(lattice_deformation(basis[None], 1.1 * basis[None])).round(3).tolist()  # wider by a tenth everywhere
    [[[1.1, 0.0], [0.0, 1.1]]]

    """
    first, second = np.asarray(basis_m, dtype=np.float64), np.asarray(other_m, dtype=np.float64)
    if first.ndim != 3 or first.shape[1:] != (2, 2) or first.shape != second.shape:
        raise ValueError(f"basis_m and other_m must both be (units, 2, 2), got {first.shape} and {second.shape}")
    changes = np.array([(p, q, r, s) for p, q, r, s in product(range(-2, 3), repeat=4) if p * s - q * r == 1])
    result = np.full(first.shape, np.nan)
    finite = np.asarray(np.isfinite(first).all(axis=(1, 2)) & np.isfinite(second).all(axis=(1, 2)))
    flat = np.flatnonzero(finite & (np.abs(np.linalg.det(np.where(finite[:, None, None], first, np.eye(2)))) < 1e-12))
    if len(flat):
        raise ValueError(
            f"basis_m must be two linearly independent vectors for each unit; units {flat[:5].tolist()} are not"
        )
    for unit in np.flatnonzero(finite):
        # Bases of opposite handedness would give F a negative determinant, which no F near I has.
        other = second[unit] if np.linalg.det(first[unit]) * np.linalg.det(second[unit]) > 0 else second[unit][::-1]
        candidates = np.linalg.solve(first[unit], changes.reshape(-1, 2, 2) @ other).swapaxes(1, 2)
        sizes = np.linalg.norm(candidates - np.eye(2), ord=2, axis=(1, 2))
        result[unit] = candidates[sizes.argmin()]
    return result


def _shared(first: np.ndarray, second: np.ndarray, axis: str) -> tuple[slice, slice]:
    """Slices of the bins of each box that lie in both, along one axis."""
    low, high = max(first[0], second[0]), min(first[-1], second[-1])
    if not low < high:
        raise ValueError(
            f"reference and other must overlap, and in {axis} they span {first[0]:g} to {first[-1]:g} m and "
            f"{second[0]:g} to {second[-1]:g} m"
        )
    step = float(first[1] - first[0])
    ends = [[int(np.abs(edges - end).argmin()) for end in (low, high)] for edges in (first, second)]
    reference, other = (edges[i : j + 1] for edges, (i, j) in zip((first, second), ends, strict=True))
    if len(reference) < 2 or len(reference) != len(other) or not np.allclose(reference, other, atol=1e-3 * step):
        raise ValueError(
            f"reference and other must have the same bins where they overlap in {axis} ({low:g} to {high:g} m); "
            "use one bin size of which both sides are even multiples"
        )
    return slice(ends[0][0], ends[0][1]), slice(ends[1][0], ends[1][1])


def _standardized(maps: Float[np.ndarray, "unit bin"]) -> Float[np.ndarray, "unit bin"]:
    """Mean 0 and norm 1 for each unit; NaN for a flat one."""
    centered = maps - maps.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centered, axis=1, keepdims=True)
    varies = length > 1e-12 * np.maximum(np.linalg.norm(maps, axis=1, keepdims=True), 1e-300)
    return np.asarray(np.divide(centered, length, out=np.full_like(centered, np.nan), where=varies))


def _parts(deformation: Float[np.ndarray, "unit 2 2"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strain, scale and rotation of each deformation."""
    finite = np.isfinite(deformation).all(axis=(1, 2))
    strain = np.full(len(deformation), np.nan)
    strain[finite] = np.linalg.norm(deformation[finite] - np.eye(2), ord=2, axis=(1, 2))
    scale = np.full(len(deformation), np.nan)
    scale[finite] = np.sqrt(np.linalg.det(deformation[finite]))
    turned = np.arctan2(deformation[:, 1, 0] - deformation[:, 0, 1], deformation[:, 0, 0] + deformation[:, 1, 1])
    return strain, scale, np.rad2deg(turned)
