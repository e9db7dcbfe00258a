import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import by_loops
from sicgrid.analysis import rate_maps, smooth_maps


def test_equals_the_loops_with_unvisited_bins_edges_and_places_outside():
    generator = np.random.default_rng(0)
    x_edges, y_edges = np.array([-1.0, -0.4, 0.1, 1.0]), np.linspace(-1, 1, 6)
    positions = generator.uniform(-1.2, 1.2, (60, 2))
    positions[:6] = [(-1, -1), (1, 1), (0.1, 0.2), (-0.4, 1), (1, -0.6), (1.0001, 0)]
    positions = positions[~((positions[:, 0] > 0.1) & (positions[:, 1] > 0.6)) | (np.arange(60) < 6)]
    activity = generator.random((len(positions), 3))
    found = rate_maps(positions, activity, (x_edges, y_edges))
    for unit in range(3):
        expected = by_loops.rate_map(positions.tolist(), activity[:, unit].tolist(), x_edges.tolist(), y_edges.tolist())
        np.testing.assert_allclose(found.maps[unit], expected, atol=1e-12)


def test_unvisited_is_nan_and_silent_is_zero():
    maps = rate_maps([[0.5, 0.5], [0.5, 1.5]], [[0.0], [2.0]], [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(maps.maps, [[[0.0, 2.0], [np.nan, np.nan]]])
    np.testing.assert_array_equal(maps.occupancy, [[1, 1], [0, 0]])


def test_axes_are_unit_x_y():
    maps = rate_maps([[0.5, 0.5], [1.5, 0.5], [1.5, 2.5]], np.eye(3), ([0, 1, 2], [0, 1, 2, 3]))
    assert maps.maps.shape == (3, 2, 3)
    assert maps.maps[2, 1, 2] == 1
    assert (len(maps.x_edges), len(maps.y_edges)) == (3, 4)


def test_animals_and_time_are_samples_alike():
    generator = np.random.default_rng(1)
    positions, activity = generator.uniform(-1, 1, (3, 20, 2)), generator.random((3, 20, 40), dtype=np.float32)
    edges = np.linspace(-1, 1, 4)
    flat = rate_maps(positions.reshape(60, 2), activity.reshape(60, 40).astype(float), edges)
    np.testing.assert_array_equal(rate_maps(positions, activity, edges).maps, flat.maps)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 40))
def test_occupancy_times_rate_is_all_that_was_fired(seed, bins, samples):
    generator = np.random.default_rng(seed)
    positions, activity = generator.uniform(-1, 1, (samples, 2)), generator.random((samples, 2))
    found = rate_maps(positions, activity, np.linspace(-1, 1, bins + 1))
    assert found.occupancy.sum() == samples
    np.testing.assert_allclose(np.nansum(found.maps * found.occupancy, axis=(1, 2)), activity.sum(axis=0))
    np.testing.assert_array_equal(np.isnan(found.maps[0]), found.occupancy == 0)


@pytest.mark.parametrize(
    ("positions", "activity", "edges", "says"),
    [
        (np.zeros(5), np.zeros((5, 1)), [0, 1], "1-D track"),
        (np.zeros((5, 3)), np.zeros((5, 1)), [0, 1], r"\(5, 3\)"),
        (np.full((5, 2), np.nan), np.zeros((5, 1)), [0, 1], "5 of 5 samples are NaN"),
        (np.zeros((5, 2)), np.zeros((4, 1)), [0, 1], "same leading axes"),
        (np.zeros((5, 2)), np.zeros(5), [0, 1], "activity.*None"),
        (np.zeros((5, 2)), np.full((5, 2), [0, np.inf]), [0, 1], r"units \[1\]"),
        (np.zeros((5, 2)), np.zeros((5, 1)), [0, 1, 1], "strictly increasing"),
        (np.zeros((5, 2)), np.zeros((5, 1)), ([0, 1], [1, 0]), "the y edges"),
        (np.zeros((5, 2)), np.zeros((5, 1)), 3.0, "linspace"),
        (np.full((5, 2), 50), np.zeros((5, 1)), [-1, 1], "in metres"),
    ],
)
def test_bad_input_is_named(positions, activity, edges, says):
    with pytest.raises(ValueError, match=says):
        rate_maps(positions, activity, edges)


def test_smoothing_keeps_a_flat_map_flat_and_unvisited_bins_unvisited():
    flat = np.full((2, 12, 9), 3.0)
    flat[:, 4:6, 3] = np.nan
    np.testing.assert_allclose(smooth_maps(flat, 1.5), flat)
    assert smooth_maps(flat, 0) is flat
    spot = np.zeros((11, 11))
    spot[5, 5] = 1
    smooth = smooth_maps(spot, 1.0)
    assert smooth[5, 6] / smooth[5, 5] == pytest.approx(np.exp(-0.5))
    with pytest.raises(ValueError, match="sigma_bins"):
        smooth_maps(flat, -1)
