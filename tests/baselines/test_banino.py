"""Place and heading targets through a linear layer: the loss falls, and the layer is what walks first."""

import numpy as np

from sicgrid.baselines import BaninoConfig, baseline

TOY = BaninoConfig(units=16, layer=24, cells=20, width_m=0.2, time=4, batch=10, steps=120, learning_rate=1e-3)


def test_training_lowers_the_loss_and_the_layer_leads_the_state() -> None:
    losses: list[float] = []
    weights = baseline("banino").fit(TOY, 0, lambda done, total, loss: losses.append(loss))
    assert abs(losses[0] - np.log(20) - np.log(12)) < 1.0
    assert losses[-1] < losses[0] - 0.1
    states = baseline("banino").build(TOY, weights).walk(np.full((2, 4, 2), 0.05))
    assert states.shape == (2, 4, 24 + 2 * 16)
    np.testing.assert_allclose(states[..., :24], states[..., 24:40] @ weights["layer.weight"].T, atol=1e-5)
