import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.states._circular_coordinates import circular_coordinates, reduce_pair
from sicgrid.analysis.states._lattice_decoding import decode_modulo_lattice, distance_modulo_lattice

POSITIONS = synthetic_cells.bin_centers(np.linspace(-1, 1, 41)).reshape(-1, 2)


@pytest.mark.parametrize("shear, angle", [(0.0, 60.0), (0.25, 60.0), (0.0, 90.0)])
def test_the_lattice_is_recovered_from_the_states_alone(shear, angle):
    generator = np.random.default_rng(5)
    basis = synthetic_cells.lattice_basis(0.6, 17, shear=shear, angle_deg=angle)
    states = synthetic_cells.grid_cells(POSITIONS, basis, generator.random((50, 2)), 0.6 * 0.18)
    found = decode_modulo_lattice(POSITIONS, circular_coordinates(states).coordinates)
    shortest = reduce_pair(basis) @ basis
    np.testing.assert_allclose(np.sort(found.spacing_m), np.sort(np.linalg.norm(shortest, axis=1)), rtol=0.02)
    assert abs(np.linalg.det(found.basis_m)) == pytest.approx(abs(np.linalg.det(basis)), rel=0.03)
    assert (found.goodness > 0.9).all()
    assert (found.goodness_chance < 0.3).all()
    assert found.error_m < 0.25 * found.error_chance_m


def test_exact_coordinates_decode_exactly_with_any_pair_of_wave_vectors():
    generator = np.random.default_rng(6)
    positions = generator.uniform(-1, 1, (2000, 2))
    basis = synthetic_cells.lattice_basis(0.5, 33)
    waves = np.array([[2, 1], [1, 1]]) @ np.linalg.inv(basis).T
    found = decode_modulo_lattice(positions, (positions @ waves.T + [0.2, 0.7]) % 1)
    np.testing.assert_allclose(found.wave_vectors, waves, atol=1e-3)
    np.testing.assert_allclose(found.offsets % 1, [0.2, 0.7], atol=1e-3)
    np.testing.assert_allclose(found.spacing_m, 0.5, rtol=1e-3)
    assert found.error_m < 1e-3
    # A place at random in a hexagonal cell: the median distance from its center, by numbers of our own.
    offsets = generator.random((20000, 2)) @ basis
    centers = np.array([(i, j) for i in range(-1, 3) for j in range(-1, 3)]) @ basis
    nearest = np.linalg.norm(offsets[:, None] - centers, axis=2).min(axis=1)
    assert found.error_chance_m == pytest.approx(np.median(nearest), rel=0.03)


def test_coordinates_that_have_nothing_to_do_with_place_decode_by_chance():
    generator = np.random.default_rng(7)
    positions = generator.uniform(-1, 1, (2000, 2))
    found = decode_modulo_lattice(positions, generator.random((2000, 2)))
    assert (found.goodness < 0.2).all()
    assert found.error_m == pytest.approx(found.error_chance_m, rel=0.15)


def test_distance_modulo_a_lattice():
    basis = synthetic_cells.lattice_basis(1.0, 0)
    displacements = np.array([[0.0, 0.0], [3.0, 0.0], [0.9, 0.0], [0.5, np.sqrt(3) / 6]])
    np.testing.assert_allclose(distance_modulo_lattice(displacements, basis), [0, 0, 0.1, 1 / np.sqrt(3)], atol=1e-12)


def test_bad_input_gets_a_sentence():
    positions = np.random.default_rng(8).random((100, 2))
    turns = positions.copy()
    with pytest.raises(ValueError, match=r"both have shape \(points, 2\)"):
        decode_modulo_lattice(positions, turns[:, :1])
    with pytest.raises(ValueError, match="finite"):
        decode_modulo_lattice(positions, np.full_like(turns, np.nan))
    with pytest.raises(ValueError, match="at least 20 places"):
        decode_modulo_lattice(positions[:10], turns[:10])
    with pytest.raises(ValueError, match="one period, no lattice"):
        decode_modulo_lattice(positions, np.repeat(5 * positions[:, :1], 2, axis=1) % 1)
