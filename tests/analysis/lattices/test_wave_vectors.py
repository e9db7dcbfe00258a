import numpy as np
import pytest

from sicgrid.analysis import ordered_waves, plane_waves, synthetic_cells, wave_vectors, waves_spacing
from sicgrid.analysis.lattices._wave_vectors import nearest_waves
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


def test_waves_of_a_unit_are_named_as_the_modules() -> None:
    basis = lattice_basis(0.5, 10)
    k = wave_vectors(basis)
    shuffled = np.array([-k[2], k[0], -k[1]])
    assert np.allclose(ordered_waves(shuffled, k), k)
    assert nearest_waves(shuffled, k)[1].tolist() == [1, 2, 0]
    assert np.isnan(ordered_waves(np.array([k[0], k[0], k[1]]), k)).all()
    places = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    measured = plane_waves(synthetic_cells.grid_cells(places, basis, np.array([[0.2, 0.7]]), 0.08)[..., 0])
    assert np.allclose(ordered_waves(measured.k, k), k, atol=0.05)


def test_two_waves_are_no_three() -> None:
    k = wave_vectors(lattice_basis(0.5, 10))
    without = np.array([k[0], k[1], [np.nan, np.nan]])
    assert np.isnan(ordered_waves(without, k)).all()
    assert np.isnan(waves_spacing(without))


def test_spacing_is_that_of_the_lattice_and_of_the_nearest_one_where_the_waves_do_not_close() -> None:
    k = wave_vectors(lattice_basis(0.5, 10))
    assert waves_spacing(k) == pytest.approx(0.5)
    # What is missing in the sum is shared out among the three: each moves by a third of it.
    first, second = np.zeros((3, 2)), np.zeros((3, 2))
    first[0] = error = np.array([0.03, -0.06])
    second[:] = error / 3
    assert waves_spacing(k + first) == pytest.approx(waves_spacing(k + first - second))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda k: waves_spacing(np.zeros((3, 2))), "k must be three waves of more than one direction"),
        (lambda k: waves_spacing(k[:2]), r"k must be three waves in cycles per meter, of shape \(3, 2\)"),
        (lambda k: ordered_waves(k, k * [[1, 0]]), "expected must be three waves of more than one direction"),
        (lambda k: ordered_waves("waves", k), "k must be three waves in cycles per meter"),
    ],
)
def test_what_is_no_three_waves_is_refused(call, says) -> None:
    with pytest.raises(ValueError, match=says):
        call(wave_vectors(lattice_basis(0.5, 10)))


def test_lists_of_waves_are_waves() -> None:
    k = wave_vectors(lattice_basis(0.5, 10))
    np.testing.assert_array_equal(ordered_waves(k.tolist(), k.tolist()), k)
    assert waves_spacing(k.tolist()) == waves_spacing(k)
