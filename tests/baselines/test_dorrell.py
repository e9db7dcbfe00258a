"""Actionable representations: the loss against loops, a training that goes down, and displacements that act exactly."""

import numpy as np
import pytest
import torch

from sicgrid.baselines import DorrellConfig, baseline
from sicgrid.baselines._dorrell import dorrell_terms

TOY = DorrellConfig(units=15, waves=7, places=40, rooms=3, steps=300)


def test_the_loss_is_that_of_the_loops() -> None:
    generator = np.random.default_rng(0)
    mixing, waves = generator.normal(size=(5, 5)), generator.normal(size=(2, 2))
    here, rooms = generator.normal(size=(4, 2)), generator.normal(size=(3, 4, 2))

    def code(x):
        angles = [k @ x for k in waves]
        return mixing @ np.array([1, *np.cos(angles), *np.sin(angles)])

    norms = np.sqrt(sum(code(x) ** 2 for x in here))
    own, others = [code(x) / norms for x in here], [[code(x) / norms for x in room] for room in rooms]
    separation = np.mean(
        [
            (1 - np.exp(-((x - y) ** 2).sum() / (2 * 0.25))) * np.exp(-((g - h) ** 2).sum() / (2 * 0.4))
            for x, g in zip(here, own, strict=True)
            for y, h in zip(here, own, strict=True)
        ]
    )
    negativity = np.mean([max(0.0, -each) for g in [*own, *others[0], *others[1], *others[2]] for each in g])
    boundedness = np.mean([(sum(g**2 for g in room) - 1) ** 2 for room in others])
    found = dorrell_terms(*(torch.tensor(array) for array in (mixing, waves, here, rooms)), DorrellConfig())
    np.testing.assert_allclose([float(term) for term in found], [separation, negativity, boundedness])


def test_training_lowers_the_loss_and_displacements_act_exactly() -> None:
    losses: list[float] = []
    weights = baseline("dorrell").fit(TOY, 0, lambda done, total, loss: losses.append(loss))
    assert losses[-1] < 0.8 * losses[0]
    network = baseline("dorrell").build(TOY, weights)
    there_and_back = np.array([[[0.3, 0.1], [-0.5, 0.4], [0.2, -0.5]]])
    states = network.walk(there_and_back)[0]
    np.testing.assert_allclose(states[-1], network.initial_state, atol=1e-4)
    straight = network.walk(np.array([[[-0.2, 0.5]]]))[0, 0]
    np.testing.assert_allclose(states[1], straight, atol=1e-4)


def test_more_waves_than_units_can_tell_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="units must be at least 2 waves"):
        baseline("dorrell").fit(DorrellConfig(units=10, waves=5), 0, None)
