"""The page's arithmetic against the package's, for every kind of network that settings can make."""

import json

import numpy as np
import pytest
import torch

from sicgrid.explorer._network import describe_network
from sicgrid.explorer._packing import packed
from sicgrid.model import ModelConfig, Network, make_network
from sicgrid.storage import UserError

STEPS = 60
KINDS = {
    "plain": {},
    "one layer": {"layers": 1},
    "five layers, gelu": {"layers": 5, "activation": "gelu", "initialization": "identity"},
    "tanh, scaled": {"activation": "tanh", "velocity_scale": 0.15},
    "silu": {"activation": "silu", "initialization": "identity"},
    "populations": {"populations": 3, "population_units": (5, 8, 10), "initialization": "identity"},
    "band on a ring": {"coupling_range": 4, "initialization": "identity"},
    "band on a line": {"coupling_range": 4, "sheet": "line", "initialization": "identity"},
    "local norm": {"norm_range": 3.0, "initialization": "identity"},
    "local norm on a line": {"norm_range": 3.0, "coupling_range": 5, "sheet": "line"},
    "band as wide as the ring": {"coupling_range": 12, "norm_range": 2.5},
}
ROLL = """
(async () => {
  const [about, text, path] = %s;
  const network = new explorer.Network(about, await explorer.unpack(text));
  let state = network.initialState();
  const states = [[...state]];
  for (const [vx, vy] of path) states.push([...(state = network.step(state, vx, vy, new Float32Array(state.length)))]);
  return states;
})()
"""


def velocities(steps, speed=0.1, seed=0):
    return np.random.default_rng(seed).uniform(-speed, speed, (steps, 2)).astype(np.float32)


def in_python(network, path):
    with torch.no_grad():
        rollout = network(torch.from_numpy(path)[None])
    return np.vstack([rollout.initial_state.numpy(), rollout.states[0].numpy()])


def in_page(page, network, path):
    about, arrays = describe_network(network, 0.15)
    return np.array(page.run(ROLL % json.dumps([about, packed(arrays), path.tolist()])))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_walks_as_in_python(page, kind):
    torch.manual_seed(0)
    network = make_network(ModelConfig(units=23, hidden=7, **KINDS[kind]))
    path = velocities(STEPS)
    expected = in_python(network, path)
    assert len(describe_network(network, 0.15)[1]) == sum(
        1 + 2 * len([layer for layer in one.transition.mlp if hasattr(layer, "weight")])
        for one in getattr(network, "populations", [network])
    )  # nothing is rounded in one so small
    np.testing.assert_allclose(in_page(page, network, path), expected, atol=2e-5)


def test_the_bundled_network_in_eight_bits_stays_with_it(page, quick):
    """400 steps as an animal walks: 0.004 apart at most (0.035 with plain rounding), of states of length 1."""
    turn = np.cumsum(np.random.default_rng(1).normal(0, 0.2, 400))
    path = (0.07 * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.float32)
    apart = np.abs(in_page(page, quick[0], path) - in_python(quick[0], path))
    assert apart.max() < 0.01


def test_a_network_of_ones_own_is_refused():
    class Still(Network):
        initial_state = torch.ones(3)

        def step(self, state, velocity):
            return state

    with pytest.raises(UserError, match="cannot run a Still"):
        describe_network(Still(), 0.15)
