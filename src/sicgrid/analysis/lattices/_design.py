"""The design of a periodic fit: a constant, cosines and sines of waves over the bins of a map, as sums are taken of it.

Two ways to the same numbers. `Design` holds a row a bin, for maps with gaps and for weighted bins. Over a map without
a gap each wave is a product of a wave along x and one along y, so that `GridDesign` needs no such rows: its sums are
those of small products, in a twentieth of the time.
"""

from typing import Protocol

import numpy as np
from jaxtyping import Float, Int


class Sums(Protocol):
    """What a fit needs of a design D, whose columns are the constant, all cosines, all sines."""

    gram: Float[np.ndarray, "term term"]
    """``D' D``"""

    def against(self, values: Float[np.ndarray, "some bin"]) -> Float[np.ndarray, "term some"]:
        """``D' v`` for each v."""

    def function(self, coefficients: Float[np.ndarray, "some term"]) -> Float[np.ndarray, "some bin"]:
        """``D c`` for each c."""


class Design:
    """Row by row; the rows are scaled as the values are."""

    def __init__(
        self,
        places: Float[np.ndarray, "bin 2"],
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
        self.rows = np.hstack([np.ones((len(places), 1)), waves.real, waves.imag]) * scale[:, None]
        self.gram = self.rows.T @ self.rows

    def against(self, values: Float[np.ndarray, "some bin"]) -> Float[np.ndarray, "term some"]:
        """``D' v`` for each v."""
        return np.asarray(self.rows.T @ values.T)

    def function(self, coefficients: Float[np.ndarray, "some term"]) -> Float[np.ndarray, "some bin"]:
        """``D c`` for each c."""
        return np.asarray(coefficients @ self.rows.T)


class GridDesign:
    """Over all bins of a map, places from its center: the wave of p is ``exp(2 pi i p_x x) exp(2 pi i p_y y)``."""

    def __init__(
        self,
        shape: tuple[int, int],
        reciprocal: Float[np.ndarray, "2 2"],
        harmonics: Int[np.ndarray, "harmonic 2"],
    ) -> None:
        waves = np.concatenate([np.zeros((1, 2)), harmonics @ reciprocal])
        x, y = (
            np.exp(2j * np.pi * np.outer(np.arange(size) - (size - 1) / 2, waves[:, axis]))
            for axis, size in enumerate(shape)
        )
        self.shape, self.x = shape, x
        self.y_parts = np.hstack([y.real, y.imag])
        # cos cos, sin sin and cos sin of two waves, from the sums over their sum and over their difference.
        plus, minus = (x.T @ x) * (y.T @ y), (x.T @ x.conj()) * (y.T @ y.conj())
        cc, ss, cs = (minus + plus).real / 2, (minus - plus).real / 2, (plus - minus).imag / 2
        self.gram = np.block([[cc, cs[:, 1:]], [cs[:, 1:].T, ss[1:, 1:]]])

    def against(self, values: Float[np.ndarray, "some bin"]) -> Float[np.ndarray, "term some"]:
        """``D' v`` for each v."""
        along_y = values.reshape(-1, *self.shape) @ self.y_parts
        real, imaginary = np.split(along_y, 2, axis=-1)
        cosines = np.einsum("xw,sxw->ws", self.x.real, real) - np.einsum("xw,sxw->ws", self.x.imag, imaginary)
        sines = np.einsum("xw,sxw->ws", self.x.real, imaginary) + np.einsum("xw,sxw->ws", self.x.imag, real)
        return np.concatenate([cosines, sines[1:]])

    def function(self, coefficients: Float[np.ndarray, "some term"]) -> Float[np.ndarray, "some bin"]:
        """``D c`` for each c."""
        count = self.x.shape[1]
        of_wave = coefficients[:, :count] + 0j
        of_wave[:, 1:] -= 1j * coefficients[:, count:]
        along_x = self.x * of_wave[:, None, :]
        # The real part of the product with the waves along y.
        parts = np.concatenate([along_x.real, -along_x.imag], axis=-1)
        return np.asarray(parts @ self.y_parts.T).reshape(len(coefficients), -1)
