import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.analysis._circular_coordinates import (
    circular_coordinates,
    decode_modulo_lattice,
    distance_modulo_lattice,
    lift_cocycle,
    longest_classes,
    primitive_pair,
    reduce_pair,
    smooth_cocycle,
    whole_basis,
)
from sicgrid.analysis._topology import TopologyConfig

QUICK = TopologyConfig(points=100, shuffle_points=60, coordinate_points=250)
POSITIONS = synthetic_cells.bin_centers(np.linspace(-1, 1, 41)).reshape(-1, 2)


def coherence(angles, turns):
    """How well an angle follows another, up to direction and origin; both in turns."""
    return max(abs(np.mean(np.exp(2j * np.pi * (angles - sign * turns)))) for sign in (1, -1))


def test_coordinates_of_a_flat_torus_are_its_angles():
    turns = np.random.default_rng(0).random((1500, 2))
    wave = np.exp(2j * np.pi * turns)
    found = circular_coordinates(np.column_stack([wave.real, wave.imag]), QUICK)
    assert ((found.coordinates >= 0) & (found.coordinates < 1)).all()
    table = np.array([[coherence(found.coordinates[:, i], turns[:, j]) for j in range(2)] for i in range(2)])
    best = table if table[0, 0] > table[0, 1] else table[::-1]
    assert (np.diag(best) > 0.97).all()
    assert best[0, 1] < 0.2
    assert (np.diff(found.bars, axis=1) > 2 * found.next_length).all()


def edges_of_a_circle(points=24, reach=2):
    """Points around a circle, joined up to `reach` steps, and the cocycle that counts crossings of 0."""
    pairs = [(i, (i + k) % points) for i in range(points) for k in range(1, reach + 1)]
    start, end = np.array([(min(p), max(p)) for p in pairs]).T
    return start, end, np.array([0 if i < j else -1 for i, j in pairs])


def test_smoothing_leaves_a_harmonic_cocycle_on_an_even_circle():
    start, end, cocycle = edges_of_a_circle()
    f, harmonic = smooth_cocycle(cocycle, start, end, 24)
    np.testing.assert_allclose(np.exp(2j * np.pi * (f - f[0])), np.exp(2j * np.pi * np.arange(24) / 24), atol=1e-6)
    # Steps to the next and the next but one: 1/24 and 2/24 of a turn, whichever way the edge is written.
    np.testing.assert_allclose(sorted(set(np.abs(harmonic).round(6))), [1 / 24, 2 / 24], atol=1e-6)


@pytest.mark.parametrize("fraction, multiple", [(1, 1), (24, 2), (16, 3)])
def test_a_class_that_is_a_fraction_lifts_as_a_multiple(fraction, multiple):
    # 24 = 1/2 and 16 = 1/3 modulo 47: as steps of a filled triangle they add up only after the multiplication.
    near = ~np.eye(3, dtype=bool)
    heights = np.arange(3)
    steps = heights - heights[:, None]
    np.testing.assert_array_equal(lift_cocycle(steps * fraction % 47, near), steps)
    assert fraction * multiple % 47 == 1


def test_a_cochain_that_is_no_cocycle_is_refused():
    cocycle = np.zeros((4, 4), dtype=np.int64)
    cocycle[0, 1], cocycle[1, 0] = 1, -1
    with pytest.raises(ValueError, match="does not lift"):
        lift_cocycle(cocycle, ~np.eye(4, dtype=bool))


def test_classes_that_wind_more_than_once_are_taken_apart():
    # Two circles that share point 0; the classes wind (1 on the first, 2 on the second) and (0, 2), an index of 2.
    start, end, cocycle = edges_of_a_circle(reach=1)
    second = np.where(start == 0, 0, start + 23), np.where(end == 0, 0, end + 23)
    start, end = np.concatenate([start, second[0]]), np.concatenate([end, second[1]])
    zero = np.zeros_like(cocycle)
    pair = np.stack([np.concatenate([cocycle, 2 * cocycle]), np.concatenate([zero, 2 * cocycle])])
    found = primitive_pair(pair, start, end, 47)
    windings = np.unique(found, axis=1).T
    assert abs(np.linalg.det(whole_basis(windings))) == pytest.approx(1)
    np.testing.assert_array_equal(np.abs(found).sum(axis=1) > 0, [True, True])


def test_basis_of_whole_vectors():
    assert abs(np.linalg.det(whole_basis(np.array([[4, 0], [0, 6], [2, 3]])))) == pytest.approx(12)
    assert abs(np.linalg.det(whole_basis(np.array([[2, 1], [1, 1], [7, 3]])))) == pytest.approx(1)
    with pytest.raises(ValueError, match="same loops"):
        whole_basis(np.array([[1, 2], [2, 4], [0, 0]]))


def test_a_line_has_no_two_loops():
    line = np.linspace(0, 1, 40)
    with pytest.raises(ValueError, match="two classes in H1, found 0"):
        longest_classes(np.abs(line[:, None] - line))


def test_reduction_finds_the_short_vectors_of_a_lattice():
    short = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    long = np.array([[5, 7], [2, 3]]) @ short
    change = reduce_pair(long)
    np.testing.assert_allclose(np.linalg.norm(change @ long, axis=1), 1)
    assert abs(np.linalg.det(change)) == pytest.approx(1)


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
    with pytest.raises(ValueError, match="at least 30 points"):
        circular_coordinates(np.random.default_rng(0).random((20, 5)))
