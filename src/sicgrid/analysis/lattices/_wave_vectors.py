"""From a lattice to the plane waves that it is made of."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

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
