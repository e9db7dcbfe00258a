import numpy as np
import pytest

import ideal_network as ideal
from sicgrid.evaluation import (
    Recording,
    error_by_distance,
    path_consistency,
    record,
    training_distances,
    usual_far_distance,
)
from sicgrid.trajectories import PermutedVelocities, WalkConfig, arena_walks

WALK = WalkConfig(animals=40, steps=100)


def place_code(positions, width=0.1):
    centers = np.stack(np.meshgrid(*[np.arange(-0.8, 0.81, 0.1)] * 2), axis=-1).reshape(-1, 2)
    squared = ((positions[..., None, :] - centers) ** 2).sum(axis=-1)
    states = np.exp(-squared / (2 * width**2))
    return (states / np.linalg.norm(states, axis=-1, keepdims=True)).astype(np.float32)


def recording_of(shift):
    """A place code read at x + shift(positions, velocities)."""
    walks = arena_walks(1.0, WALK, np.random.default_rng(0))
    states = place_code(walks.positions + shift(walks.positions, walks.velocities))
    return Recording(walks.positions, walks.velocities, states, states[0, 0], 1.0)


@pytest.mark.parametrize("kind", ["smooth", "iid"])
@pytest.mark.parametrize("arena", [0.6, 1.0])
def test_an_exact_integrator_is_as_good_everywhere(arena, kind):
    recording = record(ideal.ideal_network(idle=0), arena, WalkConfig(animals=40, steps=100, kind=kind), seed=0)
    whole = path_consistency(recording, far_distance=usual_far_distance(arena))
    assert whole.path_integration_error < 0.2
    for of in ("start", "walked"):
        by = error_by_distance(recording, of=of, far_place=whole.far_place)
        np.testing.assert_allclose(by.same_place[np.isfinite(by.same_place)], whole.floor, rtol=0.25)
        assert by.edges.shape == (9,)
    corner = error_by_distance(recording, of="start", far_place=whole.far_place).edges[-1]
    assert corner == pytest.approx(arena * np.sqrt(0.5))


def test_error_that_grows_with_the_way_walked_shows_there():
    generator = np.random.default_rng(1)
    drifting = recording_of(lambda x, _v: np.cumsum(generator.normal(0, 0.01, x.shape), axis=1))
    found = error_by_distance(drifting, of="walked", far_place=1.4, classes=4)
    assert np.all(np.diff(found.error) > 0)
    assert found.edges[-1] == pytest.approx(np.linalg.norm(drifting.velocities, axis=-1).sum(axis=1).max(), rel=1e-6)


def test_error_that_grows_with_the_distance_from_the_start_shows_there():
    generator = np.random.default_rng(1)

    def worse_outside(x, _v):
        return generator.normal(size=x.shape) * 0.2 * np.linalg.norm(x, axis=-1, keepdims=True)

    found = error_by_distance(recording_of(worse_outside), of="start", far_place=1.4, classes=4)
    assert np.all(np.diff(found.error) > 0)
    np.testing.assert_allclose(found.error, found.same_place / 1.4)


def test_pairs_by_hand():
    # Both animals are in one bin at steps 1 (0.1 m from the start) and 2 (0.3 m); their states differ by 1 and by 2.
    positions = np.array([[[0.11, 0], [0.31, 0]]] * 2, dtype=np.float32)
    velocities = np.diff(positions, axis=1, prepend=np.float32(0))
    states = np.array([[[0.0], [0.0]], [[1.0], [2.0]]], dtype=np.float32)
    many = Recording(*(np.repeat(a, 60, axis=0) for a in (positions, velocities, states)), states[0, 0], 1.0)
    for of in ("start", "walked"):
        found = error_by_distance(many, of=of, far_place=2.0, classes=2)
        assert found.pairs.sum() >= 100
        assert set(np.unique(found.same_place[np.isfinite(found.same_place)])) <= {0.0, 1.0, 2.0}


def test_classes_with_few_pairs_are_nan_not_zero():
    walks = arena_walks(1.0, WalkConfig(animals=2, steps=5), np.random.default_rng(0))
    recording = Recording(walks.positions, walks.velocities, place_code(walks.positions), np.ones(289, np.float32), 1.0)
    found = error_by_distance(recording, far_place=1.0)
    assert np.isnan(found.error).all()
    assert found.pairs.sum() < 20


def test_a_network_that_never_changes_has_no_error_to_speak_of():
    rnn = ideal.ideal_network(idle=0)
    rnn.transition = ideal.Standing(4)
    recording = record(rnn, 1.0, WALK, seed=0)
    whole = path_consistency(recording)
    assert np.isnan(whole.path_integration_error)
    assert np.isnan(error_by_distance(recording, far_place=whole.far_place).error).all()


def test_training_distances_are_those_of_its_samples():
    found = training_distances(PermutedVelocities(batch_size=50, length=60), batches=20)
    assert found.shape == (20 * 50 * 60,)
    # Mean squared distance after t of T permuted steps is t E|v|^2, E|v|^2 = 2 * 0.15^2 / 3; over t, that times 30.5.
    # Of walks that each have steps of their own: 20 batches whose walks share theirs would scatter by a quarter.
    assert (found**2).mean() == pytest.approx(30.5 * 2 * 0.15**2 / 3, rel=0.1)
    reach = [
        np.quantile(training_distances(PermutedVelocities(batch_size=16, length=40), seed=seed), 0.99)
        for seed in range(4)
    ]
    assert np.ptp(reach) < 0.1 * np.mean(reach)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"classes": 0}, "classes"), ({"bin_size": 0.0}, "bin_size"), ({"far_place": -1.0}, "far_place")],
)
def test_impossible_classes_are_refused(settings, message):
    with pytest.raises(ValueError, match=f"^{message} must"):
        error_by_distance(recording_of(lambda x, _v: 0 * x), **{"far_place": 1.0, **settings})


def test_no_batches_are_refused():
    with pytest.raises(ValueError, match="batches must be"):
        training_distances(PermutedVelocities(), batches=0)
