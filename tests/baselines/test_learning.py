"""Walks to train on, and the descent."""

import numpy as np
import pytest
import torch

from sicgrid.baselines._learning import descend, seeded, training_walks


def test_walks_begin_all_over_the_box_and_are_paths() -> None:
    walk = training_walks(2.2, 200, 12, 0.15, np.random.default_rng(0))
    assert walk.displacements.shape == (200, 12, 2)
    torch.testing.assert_close(walk.start[:, None] + walk.displacements.cumsum(dim=1), walk.places, atol=1e-5, rtol=0)
    assert walk.places.abs().max() <= 1.1
    assert walk.start.abs().max() > 0.9
    assert walk.displacements.norm(dim=-1).max() <= 0.15 + 1e-6


def test_the_descent_descends_and_tells_how_far() -> None:
    value, told = torch.tensor([3.0], requires_grad=True), []
    descend(lambda: (value**2).sum(), torch.optim.SGD([value], lr=0.1), 150, lambda *words: told.append(words))
    assert [(done, total) for done, total, _ in told] == [(1, 150), (101, 150), (150, 150)]
    assert told[-1][2] < told[0][2] == 9.0


def test_a_loss_that_is_not_finite_is_refused() -> None:
    value = torch.tensor([1.0], requires_grad=True)
    with pytest.raises(FloatingPointError, match="the loss is inf at step 0; lower the learning rate"):
        descend(lambda: (value / 0).sum(), torch.optim.SGD([value], lr=0.1), 3, None)


def test_seeds_leave_torchs_generator_alone() -> None:
    before = torch.random.get_rng_state()
    one, again = (seeded(5, lambda: torch.nn.ModuleDict({"a": torch.nn.Linear(2, 2)})) for _ in range(2))
    assert torch.equal(one["a"].weight, again["a"].weight)
    assert torch.equal(before, torch.random.get_rng_state())
