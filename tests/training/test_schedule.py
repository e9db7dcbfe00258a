import math

import pytest
import torch

from scripted_loss import ScriptedLoss
from sicgrid.training import TrainConfig, train


def rates(make_parts, loss=None, populations=1, **settings):
    rnn, default, sampler = make_parts(batch_size=2, length=3, units=4, hidden=4, populations=populations)
    config = TrainConfig(**{"steps": 20, "learning_rate": 1e-2, "accumulate": 1, "log_every": 1, **settings})
    return [record.learning_rate for record in train(rnn, loss or default, sampler, config)]


def test_constant(make_parts):
    assert rates(make_parts, schedule="constant") == [1e-2] * 20


def test_cosine_falls_from_the_full_rate_to_nearly_nothing(make_parts):
    found = rates(make_parts, schedule="cosine")
    expected = [1e-2 * (1 + math.cos(math.pi * step / 20)) / 2 for step in range(20)]
    assert found == pytest.approx(expected, rel=1e-9)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "plateau"])
def test_warm_up_rises_in_equal_steps_to_the_full_rate(make_parts, schedule):
    found = rates(make_parts, schedule=schedule, warmup_steps=4)
    assert found[:5] == pytest.approx([2.5e-3, 5e-3, 7.5e-3, 1e-2, 1e-2], rel=1e-9)
    assert max(found) == pytest.approx(1e-2)


def test_cosine_after_warm_up_is_over_the_steps_that_remain(make_parts):
    found = rates(make_parts, schedule="cosine", warmup_steps=4)
    assert found[4 + 8] == pytest.approx(5e-3, rel=1e-9)


def test_plateau_lowers_the_rate_after_patience_windows_without_a_better_loss(make_parts):
    # Windows of 2 steps have the means 5, 4, 4, 4, 4: two windows of patience end with the fifth.
    losses = [6.0, 4.0, *[4.0] * 18]
    found = rates(
        make_parts,
        ScriptedLoss(losses),
        schedule="plateau",
        plateau_window=2,
        plateau_patience=2,
        plateau_factor=0.1,
        steps=12,
    )
    assert found == pytest.approx([1e-2] * 10 + [1e-3] * 2)


@pytest.mark.parametrize(("apart", "lowered_after"), [(0, 8), (4, 12), (3, 12)])
def test_plateau_compares_no_loss_with_those_of_learning_apart(make_parts, apart, lowered_after):
    """Windows of 2 steps; the loss is 1 while both populations learn apart, each by itself, and 5 from then on."""
    alone = 2 * apart
    found = rates(
        make_parts,
        ScriptedLoss([*[1.0] * (alone or 4), *[5.0] * 40]),
        populations=2,
        apart_steps=apart,
        schedule="plateau",
        plateau_window=2,
        plateau_patience=2,
        plateau_factor=0.1,
        steps=14,
    )
    assert found == pytest.approx([1e-2] * lowered_after + [1e-3] * (14 - lowered_after))


def test_plateau_keeps_the_rate_while_the_loss_falls(make_parts):
    found = rates(
        make_parts,
        ScriptedLoss([10.0 - 0.4 * step for step in range(20)]),
        schedule="plateau",
        plateau_window=2,
        plateau_patience=1,
    )
    assert found == [1e-2] * 20


@pytest.mark.parametrize(
    "setting",
    [
        {"steps": 0},
        {"learning_rate": 0.0},
        {"gradient_clip": 0.0},
        {"accumulate": 0},
        {"schedule": "linear"},
        {"plateau_factor": 1.5},
        {"warmup_steps": -1},
        {"apart_steps": -1},
        {"log_every": 0},
        {"betas": (1.5, 0.9)},
    ],
)
def test_impossible_settings_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=name):
        TrainConfig(**setting)


def test_published_numbers_are_the_default():
    config = TrainConfig()
    assert (config.steps, config.learning_rate, config.gradient_clip, config.accumulate, config.schedule) == (
        2_000_000,
        2e-5,
        0.1,
        2,
        "plateau",
    )


def test_scripted_losses_do_not_move_the_network(make_parts):
    rnn, _, sampler = make_parts()
    before = [parameter.detach().clone() for parameter in rnn.parameters()]
    list(train(rnn, ScriptedLoss([1.0] * 3), sampler, TrainConfig(steps=3, accumulate=1, learning_rate=1e-2)))
    assert all(torch.equal(now, then) for now, then in zip(rnn.parameters(), before, strict=True))
