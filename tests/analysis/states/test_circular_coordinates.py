import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.states._circular_coordinates import (
    circular_coordinates,
    lift_cocycle,
    longest_classes,
    primitive_pair,
    reduce_pair,
    smooth_cocycle,
    whole_basis,
)
from sicgrid.analysis.states._topology import TopologyConfig

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


def test_too_few_states_get_a_sentence():
    with pytest.raises(ValueError, match="at least 30 points"):
        circular_coordinates(np.random.default_rng(0).random((20, 5)))
