"""Points of one sequence, by its definition, and how evenly they lie."""

import numpy as np
import pytest

from sicgrid._even_points import even_points


def test_the_step_is_of_the_plastic_number():
    """The real root of p^3 = p + 1; the step along x is 1/p, along y 1/p^2."""
    roots = np.roots([1, 0, -1, -1])
    plastic = float(roots[np.isreal(roots)].real[0])
    x, y = even_points(np.arange(2), 0.0)[1]
    assert (x, y) == pytest.approx((1 / plastic, 1 / plastic**2), abs=1e-12)


def test_each_sequence_begins_where_its_origin_is():
    origins = np.array([[[0.1, 0.2]], [[0.9, 0.4]]])
    points = even_points(np.arange(5), origins)
    assert points.shape == (2, 5, 2)
    np.testing.assert_array_equal(points[:, 0], origins[:, 0])
    assert (points >= 0).all()
    assert (points < 1).all()


@pytest.mark.parametrize("first", [0, 1, 1000])
def test_any_stretch_is_spread_evenly(first):
    """No two of 100 points are nearer, around the edges, than half of the distance of a square grid of as many."""
    points = even_points(np.arange(first, first + 100), 0.5)
    apart = np.abs(points[:, None] - points)
    distance = np.linalg.norm(np.minimum(apart, 1 - apart), axis=-1)
    assert distance[~np.eye(100, dtype=bool)].min() > 0.05
