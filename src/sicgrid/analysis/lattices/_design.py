"""The design of a periodic fit: a constant, cosines and sines of waves over the bins of a map, as sums are taken of it.

Two ways to the same numbers. `Design` holds a row a bin, for maps with gaps and for weighted bins. Over a map without
a gap each wave is a product of a wave along x and one along y, so that `GridDesign` needs no such rows: its sums are
made of sums along the axes, compiled, in a hundredth of the time.
"""

from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Float, Int


class Slopes(NamedTuple):
    """Sums of the derivatives J of a fitted function in K's four numbers, row by row."""

    against: Float[np.ndarray, "term 4"]
    """``D' J``"""
    products: Float[np.ndarray, "4 4"]
    """``J' J``"""
    values: Float[np.ndarray, " 4"]
    """``J' v``"""


class Sums(Protocol):
    """What a fit to values v needs of a design D, whose columns are the constant, all cosines, all sines."""

    gram: Float[np.ndarray, "term term"]
    """``D' D``"""
    values: Float[np.ndarray, " term"]
    """``D' v``"""
    bins: int

    def slopes(self, turned: Float[np.ndarray, "term 2"]) -> Slopes:
        """Of J, whose column (k, a) is ``D turned[:, k]`` times the places along the axis a."""


class Design:
    """Row by row; the rows are scaled as the values are."""

    def __init__(
        self,
        places: Float[np.ndarray, "bin 2"],
        values: Float[np.ndarray, " bin"],
        reciprocal: Float[np.ndarray, "2 2"],
        harmonics: Int[np.ndarray, "harmonic 2"],
        scale: Float[np.ndarray, " bin"],
    ) -> None:
        # Every harmonic is a product of powers of two waves: two complex exponentials instead of one per harmonic.
        wave = np.exp(2j * np.pi * places @ reciprocal.T)
        powers = {
            n: wave**n if n >= 0 else np.conj(wave) ** -n for n in range(int(harmonics.min()), int(harmonics.max()) + 1)
        }
        waves = np.stack([powers[int(h)][:, 0] * powers[int(k)][:, 1] for h, k in harmonics], axis=1)
        self._rows = np.hstack([np.ones((len(places), 1)), waves.real, waves.imag]) * scale[:, None]
        self._places, self._values, self.bins = places, values, len(values)
        self.gram = self._rows.T @ self._rows
        self.values = self._rows.T @ values

    def slopes(self, turned: Float[np.ndarray, "term 2"]) -> Slopes:
        """Of J, whose column (k, a) is ``D turned[:, k]`` times the places along the axis a."""
        change = self._rows @ turned
        jacobian = (change[:, :, None] * self._places[:, None, :]).reshape(-1, 4)
        return Slopes(self._rows.T @ jacobian, jacobian.T @ jacobian, self._values @ jacobian)


class GridDesign:
    """Over all bins of a map, places from its center: the wave of p is ``exp(2 pi i p_x x) exp(2 pi i p_y y)``."""

    def __init__(
        self,
        rate_map: Float[np.ndarray, "x y"],
        reciprocal: Float[np.ndarray, "2 2"],
        harmonics: Int[np.ndarray, "harmonic 2"],
    ) -> None:
        from ...kernels.arrays import grid_sums  # here, since it loads numba

        terms = 2 * len(harmonics) + 1
        self._grams, self._values = np.empty((6, terms, terms)), np.empty((3, terms))
        # Compiled for one order of memory, and not once more for the transposed.
        grid_sums(*map(np.ascontiguousarray, (rate_map, reciprocal)), harmonics, self._grams, self._values)
        self.gram, self.values, self.bins = self._grams[0], self._values[0], rate_map.size

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
