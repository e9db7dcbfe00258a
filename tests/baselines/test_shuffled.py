"""A network with shuffled weights: the same weights, and nothing of what they had learned."""

import numpy as np
import pytest

from baselines.looking import walked
from sicgrid.analysis import find_modules
from sicgrid.baselines import ShuffledConfig, baseline, shuffled_weights
from sicgrid.evaluation import Recording, path_consistency
from sicgrid.pretrained import load_pretrained


@pytest.fixture(scope="module")
def trained():
    return {name: tensor.numpy() for name, tensor in load_pretrained("quick").state_dict().items()}


def test_every_tensor_keeps_its_entries(trained) -> None:
    shuffled = shuffled_weights(trained, 0)
    assert shuffled.keys() == trained.keys()
    for name, array in trained.items():
        np.testing.assert_array_equal(np.sort(shuffled[name].ravel()), np.sort(array.ravel()))
    assert not np.array_equal(shuffled["transition.mlp.0.weight"], trained["transition.mlp.0.weight"])


def test_the_default_sizes_are_those_of_quick(trained) -> None:
    fresh = baseline("shuffled").fit(ShuffledConfig(), 0, None)
    assert {name: array.shape for name, array in fresh.items()} == {n: a.shape for n, a in trained.items()}


def test_the_trained_network_integrates_and_the_shuffled_one_does_not(trained) -> None:
    errors = []
    for weights in (trained, shuffled_weights(trained, 0)):
        network = baseline("shuffled").make(weights=weights)
        walks, states, maps = walked(network, 2.0, animals=30, steps=40)
        recording = Recording(walks.positions, walks.velocities, states, network.initial_state, 2.0)
        errors.append(path_consistency(recording).path_integration_error)
    assert errors[0] < 0.5
    assert errors[1] > 0.9
    assert len(find_modules(maps.maps[:8], 0.05, null_draws=99)) == 0
