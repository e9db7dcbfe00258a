import numpy as np
import pytest

from sicgrid.analysis.lattices._wave_vectors import wave_vectors
from sicgrid.analysis.synthetic_cells import lattice_basis


def test_wave_vectors_are_reciprocal_and_sum_to_zero() -> None:
    basis = lattice_basis(0.6, 10, shear=0.1)
    k = wave_vectors(basis)
    np.testing.assert_allclose(k.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(k @ basis.T, np.rint(k @ basis.T), atol=1e-9)


def test_phases_along_the_waves_sum_to_zero_and_repeat_with_the_lattice() -> None:
    positions = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    basis = lattice_basis(0.7, 12)
    for signs in ([[1], [1]], [[1], [-1]]):
        k = wave_vectors(basis * signs)
        total = (positions @ k.T % 1.0).sum(axis=1)
        np.testing.assert_allclose(total, np.rint(total), atol=1e-9)
        turned = np.exp(2j * np.pi * (positions + 2 * basis[0] - basis[1]) @ k.T)
        np.testing.assert_allclose(turned, np.exp(2j * np.pi * positions @ k.T), atol=1e-9)
    with pytest.raises(ValueError, match="linearly independent"):
        wave_vectors([[1, 0], [2, 0]])
