"""Place targets: the loss falls, and the network that walks is the one that was trained."""

import numpy as np

from sicgrid.baselines import SorscherConfig, baseline

TOY = SorscherConfig(
    units=48, cells=40, width_m=0.3, surround=4, time=6, batch=40, steps=150, learning_rate=3e-3, weight_decay=0
)


def test_training_lowers_the_loss_and_the_network_walks() -> None:
    losses: list[float] = []
    weights = baseline("sorscher").fit(TOY, 0, lambda done, total, loss: losses.append(loss))
    # With nothing learned all 40 cells are as likely as each other.
    assert abs(losses[0] - np.log(40)) < 0.2
    assert losses[-1] < losses[0] - 0.1
    network = baseline("sorscher").build(TOY, weights)
    displacements = np.random.default_rng(0).uniform(-0.1, 0.1, (2, 3, 2))
    state = weights["initial_state"]
    for displacement in displacements[1]:
        state = np.maximum(weights["recurrent.weight"] @ state + weights["velocity.weight"] @ displacement, 0)
    np.testing.assert_allclose(network.walk(displacements)[1, -1], state, rtol=1e-4, atol=1e-6)
