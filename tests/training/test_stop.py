"""Training that ends where the loss has stopped falling."""

import math

import pytest

from scripted_loss import ScriptedLoss
from sicgrid.training import TrainConfig, Trainee, TrainState, train, train_together

SCRIPT = [9.0, 9.0, 5.0, 5.0, 3.0, 3.0, 2.8, 2.8]  # readings of 2 steps fall by 4, 2, 0.2


def config_of(**settings):
    defaults = {"steps": 40, "learning_rate": 1e-2, "schedule": "cosine", "accumulate": 1, "log_every": 1}
    return TrainConfig(**{**defaults, "stop": 1.0, "stop_window": 2, **settings})


def records(make_parts, losses=SCRIPT, **settings):
    rnn, _, sampler = make_parts(batch_size=2, length=3, units=4, hidden=4)
    return list(train(rnn, ScriptedLoss(losses), sampler, config_of(**settings)))


def test_the_rate_falls_from_the_reading_that_fell_by_less_and_training_ends_with_it(make_parts):
    found = records(make_parts)
    # The reading of steps 7 and 8 is 0.2 below the one before: from there on half of 8 steps more.
    assert [record.step for record in found] == list(range(1, 13))
    falling = [1e-2 * (1 + math.cos(math.pi * step / 4)) / 2 for step in range(4)]
    assert [record.learning_rate for record in found] == pytest.approx([1e-2] * 8 + falling)
    assert [record.steps for record in found] == [40] * 7 + [12] * 5


@pytest.mark.parametrize(("share", "last"), [(0.25, 10), (1.0, 16), (4.0, 40)])
def test_the_fall_takes_its_share_of_the_steps_before(make_parts, share, last):
    assert records(make_parts, stop_fall=share)[-1].step == last


def test_a_loss_that_keeps_falling_has_all_steps_and_the_rate_is_zero_at_the_last(make_parts):
    found = records(make_parts, losses=[100.0 - step for step in range(40)], steps=30)
    assert [record.steps for record in found] == [30] * 30
    assert [record.learning_rate for record in found[:21]] == [1e-2] * 21
    assert found[-1].learning_rate == pytest.approx(1e-2 * (1 + math.cos(math.pi * 9 / 10)) / 2)


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ({"warmup_steps": 7}, 18),  # the first two readings after it are of steps 9 to 12
        ({"apart_steps": 7}, 18),
        ({"first_length": 2, "growth_share": 0.25}, 21),
    ],
)
def test_readings_of_the_warm_up_and_of_another_loss_say_nothing(make_parts, settings, last):
    assert records(make_parts, losses=[1.0], **settings)[-1].step == last


@pytest.mark.parametrize("every", [2, 5, 100])
def test_the_same_however_rarely_somebody_looks(make_parts, every):
    assert records(make_parts, log_every=every)[-1]._replace(state=None) == records(make_parts)[-1]._replace(state=None)


def test_each_of_several_networks_ends_by_itself(make_parts):
    trainees = []
    for stop in (0.0, 10.0):
        rnn, loss, sampler = make_parts(batch_size=2, length=3, units=4, hidden=4)
        config = config_of(stop=stop, steps=20)
        trainees.append(Trainee(TrainState.start(rnn, config), loss, sampler, config))
    last = {index: record.step for index, record in train_together(trainees)}
    assert last == {0: 20, 1: 6}


def test_without_it_nothing_changes(make_parts):
    found = records(make_parts, losses=[1.0], stop=0.0)
    assert [record.step for record in found] == list(range(1, 41))
    assert found[20].learning_rate == pytest.approx(5e-3)


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_a_schedule_that_does_not_fall_at_the_end_is_refused(schedule):
    with pytest.raises(ValueError, match=f"needs training.schedule 'cosine' \\(it is '{schedule}'\\), or must be 0"):
        config_of(schedule=schedule)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"stop_window": 500}, "1,000"),
        ({"stop_window": 14}, "28"),
        ({"warmup_steps": 24}, "28"),
        ({"window": 2}, "32"),  # for two thirds of the steps
        ({"late_invariance": 2.0, "late_share": 0.1}, "40"),
    ],
)
def test_where_the_rate_falls_before_there_are_two_readings_it_is_refused(make_parts, settings, told):
    with pytest.raises(ValueError, match=f"first compared at step {told}, and .* from step 27 at"):
        records(make_parts, **settings)


@pytest.mark.parametrize("settings", [{"stop_window": 13}, {"warmup_steps": 22}])
def test_where_there_is_just_time_for_two_it_may_end_early(make_parts, settings):
    assert records(make_parts, losses=[1.0], **settings)[-1].step == 39


def test_a_state_trains_for_as_long_as_the_settings_say_that_come_with_it(make_parts):
    rnn, loss, sampler = make_parts(batch_size=2, length=3, units=4, hidden=4)
    state = TrainState.start(rnn, config_of(steps=3, stop=0.0))
    for steps in (3, 7):
        found = list(train(rnn, loss, sampler, config_of(steps=steps, stop=0.0), state=state))
        assert found[-1].step == found[-1].steps == steps
