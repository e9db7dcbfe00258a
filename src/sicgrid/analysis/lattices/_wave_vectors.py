"""From a lattice to the plane waves that it is made of, and back; which measured wave is which."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from ..._numbers import real_numbers, shown
from ._lattice import lattice_shape


def wave_vectors(basis_m: npt.ArrayLike) -> Float[np.ndarray, "3 2"]:
    """k1, k2, k3 of a lattice in cycles per meter, summing to zero: ``k_i . b_j = delta_ij``, ``k3 = -(k1 + k2)``.

    b1, b2 is the conventional basis (:func:`lattice_shape`), so that the three are the lattice's shortest waves.
    Schaeffer et al. 2023 draw them 60 degrees apart; turning one of them round (-k is the same wave) puts them 120
    apart, where they sum to zero.

    The phases of places along the three, in turns, are ``positions @ k.T`` modulo 1, and sum to 0 modulo 1 (C6).

    >>> from sicgrid.analysis.synthetic_cells import lattice_basis
    >>> k = wave_vectors(lattice_basis(0.5, orientation_deg=10))
    >>> np.round(1 / np.linalg.norm(k, axis=1), 3).tolist()  # wavelengths in meters, sqrt(3)/2 of the spacing
    [0.433, 0.433, 0.433]
    """
    first, second = np.linalg.inv(lattice_shape(basis_m).basis_m).T
    return np.stack([first, second, -(first + second)])


def three_waves(name: str, k: npt.ArrayLike) -> Float[np.ndarray, "3 2"]:
    """Three waves as float64, NaN where they are not known; ValueError for anything else, by the argument's name."""
    waves = real_numbers(name, k, "three waves in cycles per meter, of shape (3, 2)", (3, 2), missing=True)
    if np.isfinite(waves).all() and np.linalg.matrix_rank(waves) < 2:
        raise ValueError(f"{name} must be three waves of more than one direction, got {shown(waves)}")
    return waves


def nearest_waves(
    k: Float[np.ndarray, "3 2"], expected: Float[np.ndarray, "3 2"]
) -> tuple[Float[np.ndarray, "3 2"], Int[np.ndarray, " 3"]]:
    """For each expected wave the nearest of the waves k and -k, which are one; and the index in k that it has."""
    signed_waves = np.concatenate([k, -k])
    nearest = ((signed_waves - expected[:, None]) ** 2).sum(axis=2).argmin(axis=1)
    return signed_waves[nearest], nearest % 3


def ordered_waves(k: npt.ArrayLike, expected: npt.ArrayLike) -> Float[np.ndarray, "3 2"]:
    """Three measured waves in the order and with the signs of the expected ones, to which they are nearest.

    Measured waves have no order, and k and -k are one wave: in one order, a module's, those of several units can be
    averaged. Both in cycles per meter. All NaN where two expected waves have the same nearest one, or with a NaN in k.

    Raises
    ------
    ValueError
        For other shapes, or three waves of a single direction.

    >>> import numpy as np
    >>> from sicgrid.analysis.synthetic_cells import lattice_basis
    >>> expected = wave_vectors(lattice_basis(0.5, orientation_deg=10))
    >>> measured = np.array([-expected[2], expected[0], -expected[1]])
    >>> np.array_equal(ordered_waves(measured, expected), expected)
    True

    """
    k, expected = three_waves("k", k), three_waves("expected", expected)
    if not np.isfinite(k).all():
        return np.full((3, 2), np.nan)
    ordered, index = nearest_waves(k, expected)
    return ordered if len(set(index)) == 3 else np.full((3, 2), np.nan)


def waves_spacing(k: npt.ArrayLike) -> float:
    """Distance between neighboring fields of the lattice with these waves (cycles per meter), meters; NaN with a NaN.

    The waves, each measured by itself, need not sum to zero exactly: the lattice is that of a and b for which a, b and
    -a - b are nearest to the three in least squares. Its spacing is :func:`lattice_shape`'s.

    Raises
    ------
    ValueError
        For another shape, or waves of a single direction.

    >>> from sicgrid.analysis.synthetic_cells import lattice_basis
    >>> round(waves_spacing(wave_vectors(lattice_basis(0.5, orientation_deg=10))), 3)
    0.5

    """
    k = three_waves("k", k)
    if not np.isfinite(k).all():
        return float("nan")
    pair = np.linalg.lstsq(np.array([[1.0, 0], [0, 1], [-1, -1]]), k, rcond=None)[0]
    return lattice_shape(np.linalg.inv(pair).T).spacing_m
