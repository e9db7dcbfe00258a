import dataclasses

import numpy as np
import pytest
import torch

from sicgrid._clock import Stretches
from sicgrid.evaluation import OwnNetwork, Recording, _recording, record
from sicgrid.model import ModelConfig, VelocityRNN, make_network
from sicgrid.trajectories import WalkConfig, arena_walks

CONFIG = WalkConfig(animals=7, steps=20)


@pytest.fixture
def rnn():
    torch.manual_seed(0)
    return VelocityRNN(units=12, hidden=16, initialization="identity", velocity_scale=0.15)


def test_states_are_those_of_the_networks_own_rollout(rnn):
    recording = record(rnn, 1.0, CONFIG, seed=3)
    walks = arena_walks(1.0, CONFIG, np.random.default_rng(3))
    np.testing.assert_array_equal(recording.positions, walks.positions)
    np.testing.assert_array_equal(recording.velocities, walks.velocities)
    with torch.no_grad():
        rollout = rnn(torch.from_numpy(walks.velocities))
    np.testing.assert_allclose(recording.activity, rollout.states.numpy(), atol=1e-5)
    np.testing.assert_array_equal(recording.initial_state, rollout.initial_state.numpy())
    assert recording.arena == 1.0


def test_populations_are_recorded_as_the_network_walks_them():
    torch.manual_seed(0)
    rnn = make_network(ModelConfig(units=14, populations=3, hidden=5, initialization="identity", velocity_scale=0.15))
    recording = record(rnn, 1.0, CONFIG, seed=3)
    with torch.no_grad():
        rollout = rnn(torch.from_numpy(recording.velocities))
    np.testing.assert_allclose(recording.activity, rollout.states.numpy(), atol=1e-5)
    np.testing.assert_array_equal(recording.initial_state, rollout.initial_state.numpy())
    for part in np.split(recording.activity, [5, 10], axis=-1):
        np.testing.assert_allclose(np.square(part).sum(axis=-1), 1 / 3, rtol=1e-5)


def test_chunks_of_animals_change_nothing(rnn, monkeypatch):
    whole = record(rnn, 1.0, CONFIG, seed=0)
    monkeypatch.setattr(_recording, "CHUNK_BYTES", 3 * 12 * 16 * 4)  # three animals at a time, and one left over
    np.testing.assert_allclose(record(rnn, 1.0, CONFIG, seed=0).activity, whole.activity, atol=1e-5)
    monkeypatch.setattr(_recording, "CHUNK_BYTES", 1)
    np.testing.assert_allclose(record(rnn, 1.0, CONFIG, seed=0).activity, whole.activity, atol=1e-5)


def test_chunk_bounds_the_animals_that_step_at_once(rnn, monkeypatch):
    seen = []
    monkeypatch.setattr(_recording, "CHUNK_BYTES", 3 * 12 * 16 * 4)
    take_step = rnn.stepper()
    monkeypatch.setattr(rnn, "stepper", lambda: lambda *taken: seen.append(len(taken[0])) or take_step(*taken))
    record(rnn, 1.0, CONFIG, seed=0)
    assert max(seen) == 3


def test_double_network_leaves_float32_and_no_gradient(rnn):
    recording = record(rnn.double(), 1.0, CONFIG, seed=0)
    arrays = [getattr(recording, field.name) for field in dataclasses.fields(recording)][:4]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert all(parameter.grad is None for parameter in rnn.parameters())


def test_seed_decides_the_walks(rnn):
    one, same, other = (record(rnn, 1.0, CONFIG, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.activity, same.activity)
    assert not np.array_equal(one.positions, other.positions)


def test_larger_box_has_more_animals(rnn):
    assert record(rnn, 4.0, CONFIG, seed=0).activity.shape == (28, 20, 12)


def test_negative_seed_is_refused(rnn):
    with pytest.raises(ValueError, match=r"^seed must be 0 or more"):
        record(rnn, 1.0, CONFIG, seed=-1)


def test_a_box_in_centimeters_is_refused_before_it_takes_all_memory(rnn):
    with pytest.raises(ValueError, match=r"a box of 2000 m takes 7,000,000 animals of 20 steps each.* in meters\?"):
        record(rnn, 2000.0, CONFIG, seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("positions", np.zeros((2, 4, 2), np.float32)),
        ("velocities", np.zeros((3, 4, 3), np.float32)),
        ("initial_state", np.zeros(4, np.float32)),
        ("arena", 0.0),
        ("arena", float("nan")),
        ("stretches", Stretches(np.array([1]), np.array([0.0]))),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_arrays_that_do_not_belong_together_are_refused(name, value):
    path = np.zeros((3, 4, 2), np.float32)
    recording = Recording(path, path, np.zeros((3, 4, 5), np.float32), np.zeros(5, np.float32), 1.0)
    with pytest.raises(ValueError, match=f"^{name} must"):
        dataclasses.replace(recording, **{name: value})


def test_states_that_single_precision_cannot_hold_are_no_recording():
    class Grows(OwnNetwork):
        def step(self, state, velocity):
            return 1e4 * state

    with pytest.raises(ValueError, match=r"at step 10 of a walk the states hold numbers above 3\.4e\+38"):
        record(Grows(lambda states, moves: states, np.ones(4)), 1.0, CONFIG, seed=0)
