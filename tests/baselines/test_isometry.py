"""Conformal isometry and capacity: loss and gradient against loops, and a training that goes down."""

import numpy as np
import torch

from sicgrid.baselines import IsometryConfig, baseline
from sicgrid.baselines._isometry import isometry_loss

TOY = IsometryConfig(units=24, batch=12, time=5, steps=101)


def by_loops(states, places, width, alpha):
    total, pairs = 0.0, 0
    for i in range(len(states)):
        for j in range(i + 1, len(states)):
            space = sum(float(a - b) ** 2 for a, b in zip(places[i], places[j], strict=True))
            state = sum((a - b) ** 2 for a, b in zip(states[i], states[j], strict=True))
            difference = np.exp(-space / (2 * width**2)) - torch.exp(-state)
            total = total + difference**2 * np.exp(-space / (2 * (1.5 * width) ** 2))
            pairs += 1
    return alpha * total / pairs - (1 - alpha) * sum(sum(row) for row in states) / states.numel()


def test_loss_and_gradient_are_those_of_the_loops() -> None:
    generator = torch.Generator().manual_seed(0)
    places = torch.rand(6, 2, generator=generator, dtype=torch.float64)
    states = torch.rand(6, 4, generator=generator, dtype=torch.float64)
    states[1] = states[0]  # two points of one state, where the distance has no gradient
    one, other = states.clone().requires_grad_(), states.clone().requires_grad_()
    fast, slow = isometry_loss(one, places, 0.4, 0.88), by_loops(other, places, 0.4, 0.88)
    torch.testing.assert_close(fast, slow)
    torch.testing.assert_close(*(torch.autograd.grad(loss, at)[0] for loss, at in ((fast, one), (slow, other))))


def test_training_lowers_the_loss_and_gives_unit_states() -> None:
    losses: list[float] = []
    weights = baseline("isometry").fit(TOY, 0, lambda done, total, loss: losses.append(loss))
    assert losses[-1] < losses[0]
    network = baseline("isometry").build(TOY, weights)
    states = network.walk(np.full((2, 4, 2), 0.05))
    np.testing.assert_allclose(np.linalg.norm(states, axis=-1), 1, rtol=1e-5)
    assert (states >= 0).all()
