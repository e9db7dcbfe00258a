import dataclasses

import numpy as np
import pytest

from sicgrid.evaluation import Recording, path_consistency
from sicgrid.trajectories import WalkConfig, arena_walks

ARENA = 1.0


def place_code(positions, width=0.1):
    """Unit states of Gaussian place fields on a square lattice that reaches beyond the box."""
    centers = np.stack(np.meshgrid(*[np.arange(-0.8, 0.81, 0.1)] * 2), axis=-1).reshape(-1, 2)
    squared = ((positions[..., None, :] - centers) ** 2).sum(axis=-1)
    states = np.exp(-squared / (2 * width**2))
    return (states / np.linalg.norm(states, axis=-1, keepdims=True)).astype(np.float32)


def recording_of(code, seed=0, animals=40, steps=200):
    walks = arena_walks(ARENA, WalkConfig(animals=animals, steps=steps), np.random.default_rng(seed))
    states = code(walks.positions)
    return Recording(walks.positions, walks.velocities, states, states[0, 0], ARENA)


def test_code_of_the_place_alone_has_only_the_bins_error():
    result = path_consistency(recording_of(place_code))
    assert result.path_integration_error < 0.3
    assert result.same_place == pytest.approx(result.floor, rel=0.1)
    assert result.far_place == pytest.approx(np.sqrt(2), rel=0.02)
    assert result.decoding_error < 0.05
    assert result.decoding_chance > 0.3
    assert result.error_by_window.max() < 0.35


def test_error_of_the_place_code_vanishes_with_the_bins():
    fine = path_consistency(recording_of(place_code, animals=200), bin_size=0.01, decoded_animals=1)
    assert fine.path_integration_error < 0.06


def test_code_without_the_place_has_an_error_of_one():
    generator = np.random.default_rng(3)

    def elsewhere(positions):
        return place_code(generator.uniform(-0.5, 0.5, positions.shape))

    result = path_consistency(recording_of(elsewhere))
    assert result.path_integration_error == pytest.approx(1.0, abs=0.05)
    assert result.decoding_error == pytest.approx(result.decoding_chance, rel=0.15)


def test_drift_shows_as_an_error_that_grows_with_the_time_walked():
    generator = np.random.default_rng(4)

    def drifting(positions):
        return place_code(positions + np.cumsum(generator.normal(0, 0.01, positions.shape), axis=1))

    result = path_consistency(recording_of(drifting), windows=4)
    exact = path_consistency(recording_of(place_code), windows=4)
    assert np.all(np.diff(result.error_by_window) > 0)
    assert np.all(np.diff(result.decoding_error_by_window) > 0)
    assert result.path_integration_error > 1.5 * exact.path_integration_error
    np.testing.assert_array_equal(result.window_end, [50, 100, 150, 200])


def test_periodic_code_is_consistent_but_ambiguous():
    result = path_consistency(recording_of(lambda x: place_code(np.mod(x, 0.25) * 4 - 0.5, width=0.2)))
    assert result.path_integration_error < 0.6
    assert result.decoding_error > 0.2


def test_three_animals_by_hand():
    # Animals 0 and 1 share a bin at step 0 only, 60 degrees apart; animal 2 and they are far apart, at right angles.
    positions = np.array([[[0.01, 0.01]], [[0.02, 0.02]], [[0.31, -0.29]]], dtype=np.float32)
    states = np.array([[[1, 0, 0]], [[0.5, np.sqrt(0.75), 0]], [[0, 0, 1]]], dtype=np.float32)
    recording = Recording(positions, positions, states, states[0, 0], ARENA)
    result = path_consistency(recording, windows=1, far_distance=0.3, seed=1)
    assert result.same_place == pytest.approx(1.0)
    assert result.far_place == pytest.approx(np.sqrt(2))
    assert result.path_integration_error == pytest.approx(1 / np.sqrt(2))
    assert np.isnan(result.floor)
    # Without themselves 0 and 1 are each other's nearest template, in the same bin; 2 is as far from both.
    center = np.array([0.025, 0.025])
    errors = [np.linalg.norm(position[0] - center) for position in positions]
    assert result.decoding_error == pytest.approx(np.median(errors), abs=1e-6)


def test_state_that_never_changes_has_no_error_to_speak_of():
    result = path_consistency(recording_of(lambda x: np.ones((*x.shape[:2], 1), dtype=np.float32)))
    assert np.isnan(result.path_integration_error)
    assert result.same_place == 0.0


def test_seed_decides_the_pairs():
    recording = recording_of(place_code)
    assert repr(path_consistency(recording, seed=1)) == repr(path_consistency(recording, seed=1))
    assert path_consistency(recording, seed=1).same_place != path_consistency(recording, seed=2).same_place


def test_bins_fill_the_arena():
    recording = dataclasses.replace(recording_of(place_code), arena=1.02)
    assert path_consistency(recording).bin_size == pytest.approx(0.051)


def test_what_is_far_follows_the_box_and_windows_the_walk():
    small = dataclasses.replace(recording_of(place_code), arena=0.4)
    assert path_consistency(small).far_distance == 0.2
    short = recording_of(place_code)
    short = dataclasses.replace(
        short, **{name: getattr(short, name)[:, :5] for name in ("positions", "velocities", "activity")}
    )
    assert path_consistency(short).window_end.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"bin_size": 0.0}, "bin_size"),
        ({"bin_size": 1.5}, "bin_size"),
        ({"far_distance": 2.0}, "far_distance"),
        ({"windows": 0}, "windows"),
        ({"windows": 201}, "windows"),
        ({"decoded_animals": 0}, "decoded_animals"),
    ],
)
def test_impossible_arguments_are_refused(setting, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        path_consistency(recording_of(place_code), **setting)


def test_one_animal_has_no_other_route():
    with pytest.raises(ValueError, match="at least 2 animals"):
        path_consistency(recording_of(place_code, animals=1))
