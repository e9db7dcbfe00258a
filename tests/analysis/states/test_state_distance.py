"""How far the state moves from that at the start."""

import numpy as np
import pytest

from sicgrid.analysis import state_distance_density


def test_state_distance_of_a_flat_code_is_the_distance():
    positions = np.random.default_rng(0).uniform(-1, 1, (50, 200, 2))
    found = state_distance_density(positions, positions, [0.0, 0.0], state_edges=np.linspace(0, 1.5, 31))
    middle = (found.distance_edges[1:] + found.distance_edges[:-1]) / 2
    np.testing.assert_allclose(found.median, middle, atol=0.026)
    assert np.all(found.high - found.low <= 0.05)
    seen = found.samples > 0
    np.testing.assert_allclose((found.density * np.diff(found.state_edges)).sum(axis=1)[seen], 1.0)
    assert found.samples.sum() == 10_000
    assert found.training_cumulative is None


def test_state_at_the_start_stands_in_for_a_missing_one():
    generator = np.random.default_rng(0)
    positions = np.concatenate([generator.uniform(-0.02, 0.02, (100, 2)), generator.uniform(-1, 1, (1000, 2))])
    found = state_distance_density(positions, positions + 5.0)
    assert found.median[0] < 0.05
    assert found.median[15] == pytest.approx(0.775, abs=0.03)
    with pytest.raises(ValueError, match="give initial_state"):
        state_distance_density(positions + 3.0, positions)


def test_empty_distances_are_nan_and_training_is_counted_up_to_the_edges():
    positions = np.array([[0.0, 0.0], [0.3, 0.0]])
    found = state_distance_density(
        positions,
        [[0.0], [2.0]],
        [0.0],
        distance_edges=[0, 0.1, 0.2, 0.3],
        training_distances=[[0.05, 0.1], [0.25, 0.9]],
    )
    np.testing.assert_array_equal(found.samples, [1, 0, 1])
    np.testing.assert_array_equal(found.median, [0.0, np.nan, 2.0])
    np.testing.assert_array_equal(found.typical_distance, [0.0, np.nan, 0.3])
    assert np.isnan(found.density[1]).all()
    np.testing.assert_allclose(found.training_cumulative, [0, 0.5, 0.5, 0.75])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"positions": np.zeros((4, 3))}, "positions must be"),
        ({"positions": np.full((4, 2), np.nan)}, "positions must be"),
        ({"states": np.zeros((5, 2))}, "same leading axes"),
        ({"initial_state": np.zeros(3)}, "initial_state must be"),
        ({"distance_edges": [1.0, 0.5]}, "distance_edges must be"),
        ({"state_edges": [1.0]}, "state_edges must be"),
        ({"training_distances": []}, "training_distances must be"),
        ({"training_distances": [-1.0]}, "training_distances must be"),
    ],
)
def test_impossible_arguments_are_refused(settings, message):
    arguments = {"positions": np.zeros((4, 2)), "states": np.ones((4, 2)), "initial_state": np.zeros(2), **settings}
    with pytest.raises(ValueError, match=message):
        state_distance_density(**arguments)
