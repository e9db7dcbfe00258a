"""The design of a periodic fit: a constant, cosines and sines of waves over the bins of a map, as sums are taken of it.

No row a bin is ever made: the product of two waves of a lattice is a sum of two others, of which there are few. Over a
map without a gap each is moreover a product of a wave along x and one along y.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Slopes(NamedTuple):
    """Sums of the derivatives J of a fitted function in K's four numbers, row by row."""

    against: Float[np.ndarray, "term 4"]
    """``D' W J``"""
    products: Float[np.ndarray, "4 4"]
    """``J' W J``"""
    values: Float[np.ndarray, " 4"]
    """``J' W v``"""


class Design:
    """What a fit to a map v needs of a design D, whose columns are the constant, all cosines, all sines.

    W are the weights of the bins, finite and 0 or more, 1 by default; a weight of 0 leaves a bin out, and v must be
    finite there too. Places are from the center of the map, in bins.
    """

    gram: Float[np.ndarray, "term term"]
    """``D' W D``"""
    values: Float[np.ndarray, " term"]
    """``D' W v``"""
    bins: int

    def __init__(
        self,
        rate_map: Float[np.ndarray, "x y"],
        reciprocal: Float[np.ndarray, "2 2"],
        harmonics: Int[np.ndarray, "harmonic 2"],
        weights: Float[np.ndarray, "x y"] | None = None,
    ) -> None:
        from ...kernels.arrays import grid_sums, weighted_sums  # here, since it loads numba

        terms = 2 * len(harmonics) + 1
        self._grams, self._values = np.empty((6, terms, terms)), np.empty((3, terms))
        # Compiled for one order of memory, and not once more for the transposed.
        lattice = np.ascontiguousarray(reciprocal), harmonics, self._grams, self._values
        if weights is None:
            grid_sums(np.ascontiguousarray(rate_map), *lattice)
            self.bins = rate_map.size
        else:
            weighted_sums(*map(np.ascontiguousarray, (weights, weights * rate_map)), *lattice)
            self.bins = int(np.count_nonzero(weights))
        self.gram, self.values = self._grams[0], self._values[0]

    def slopes(self, turned: Float[np.ndarray, "term 2"]) -> Slopes:
        """Of J, whose column (k, a) is ``D turned[:, k]`` times the places along the axis a."""
        changed = self._grams[1:] @ turned  # times x, y, x^2, x y, y^2
        products = (turned.T @ changed[2:])[_SECOND]
        return Slopes(
            np.moveaxis(changed[:2], 0, -1).reshape(-1, 4),
            products.transpose(2, 0, 3, 1).reshape(4, 4),
            (turned.T @ self._values[1:].T).ravel(),
        )


_SECOND = np.array([[0, 1], [1, 2]])
"""Where x^2, x y and y^2 stand among the products of two places."""
