"""Middles of bins, by loops."""

import numpy as np

from sicgrid._bins import bin_middles, bin_places

X, Y = np.array([-1.0, -0.5, 0.25, 1.0]), np.linspace(0, 0.3, 4)


def test_a_middle_is_as_far_from_both_edges():
    middles = bin_middles(X)
    np.testing.assert_allclose(middles - X[:-1], X[1:] - middles)


def test_places_have_x_first_and_the_axes_of_rate_maps():
    places = bin_places(X, Y[:3])
    assert places.shape == (3, 2, 2)
    for i in range(3):
        for j in range(2):
            assert places[i, j].tolist() == [(X[i] + X[i + 1]) / 2, (Y[j] + Y[j + 1]) / 2]
