import numpy as np
import pytest

from sicgrid.analysis import RateMaps
from sicgrid.analysis.maps._state_maps import as_places


def test_places_are_the_visited_bins_with_their_states():
    maps = np.arange(12.0).reshape(2, 2, 3)
    maps[:, 0, 1] = np.nan
    places = as_places(RateMaps(maps, np.ones((2, 3)), np.array([0, 0.1, 0.2]), np.array([-0.1, 0, 0.1, 0.2])))
    np.testing.assert_array_equal(places.bins, [[0, 0], [0, 2], [1, 0], [1, 1], [1, 2]])
    np.testing.assert_allclose(places.positions[[0, -1]], [[0.05, -0.05], [0.15, 0.15]])
    np.testing.assert_array_equal(places.states[1], [2.0, 8.0])
    assert places.bin_size == pytest.approx(0.1)
    assert places.reach_m == pytest.approx(0.2)
