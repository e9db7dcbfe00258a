"""Many networks at once: each learns what it would alone."""

import numba
import pytest
import torch

from sicgrid.kernels import limited_threads, use_threads
from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig, make_network
from sicgrid.training import NonFiniteLoss, StepRecord, TrainConfig, Trainee, TrainState, _loop, train, train_together
from sicgrid.training._many_steps import ManySteps
from sicgrid.training._step import refuse_unstackable
from sicgrid.trajectories import PermutedVelocities

# What may differ: seeds, loss settings, learning rates, schedules, clipping, length.
TRAINING = [
    {"steps": 12, "learning_rate": 1e-3, "schedule": "constant"},
    {"steps": 9, "learning_rate": 5e-3, "schedule": "cosine", "gradient_clip": 0.01, "warmup_steps": 3},
    {"steps": 12, "learning_rate": 2e-3, "schedule": "plateau", "plateau_window": 2, "plateau_patience": 0},
]
LOSSES = [{}, {"sigma_g": 0.3, "capacity": 1.0}, {"sigma_x": 0.1, "conformal_isometry": 0.0}]


def trainee_of(k, kernels="reference", dtype=torch.float64, accumulate=1, units=10, populations=1, **training):
    torch.manual_seed(k)
    size = {"units": units, "populations": populations, "hidden": 8}
    settings = {**size, "initialization": "identity", "velocity_scale": 0.15}
    rnn = make_network(ModelConfig(**settings), kernels=kernels).to(dtype)
    config = TrainConfig(**{"accumulate": accumulate, "log_every": 2, **TRAINING[k], **training})
    sampler = PermutedVelocities(batch_size=4, length=6, dtype=dtype)
    return Trainee(TrainState.start(rnn, config, seed=k), SICLoss(**LOSSES[k], kernels=kernels), sampler, config)


def numbers(record):
    return record.step, pytest.approx(record.terms, rel=1e-9), record.learning_rate


def weights(trainee):
    return [parameter.detach().clone() for parameter in trainee.state.rnn.parameters()]


@pytest.fixture(params=["one by one", "a thread each", "stacked"])
def side_by_side(request, monkeypatch):
    """The ways in which networks are trained side by side; that of a GPU, on the CPU."""
    of_torch, of_numba = torch.get_num_threads(), numba.get_num_threads()
    if request.param == "stacked":
        monkeypatch.setattr(_loop, "_stacks", lambda trainees: [ManySteps(trainees)])
    elif request.param == "a thread each":
        if numba.config.NUMBA_NUM_THREADS < 2:
            pytest.skip("takes two cores")
        use_threads(2)
    yield
    torch.set_num_threads(of_torch)
    numba.set_num_threads(of_numba)


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize("kernels", ["reference", "numba"])
@pytest.mark.parametrize("accumulate", [1, 2])
def test_each_learns_what_it_would_alone(kernels, accumulate):
    together = [trainee_of(k, kernels, accumulate=accumulate) for k in range(3)]
    records = {k: [] for k in range(3)}
    for k, record in train_together(together):
        records[k].append(record)
    for k in range(3):
        state, loss, sampler, config = alone = trainee_of(k, kernels, accumulate=accumulate)
        expected = list(train(state.rnn, loss, sampler, config, state=state))
        assert [record.step for record in records[k]] == [record.step for record in expected]
        for one, other in zip(records[k], expected, strict=True):
            assert (one.step, one.terms, one.learning_rate) == numbers(other)
            assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-9)
        for one, other in zip(weights(together[k]), weights(alone), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-9)
        assert torch.equal(together[k].state.generator.get_state(), alone.state.generator.get_state())


@pytest.mark.usefixtures("side_by_side")
def test_a_pause_and_a_group_of_other_size_change_nothing():
    whole = [trainee_of(k) for k in range(2)]
    list(train_together(whole))
    parts = [trainee_of(k) for k in range(2)]
    for k, record in train_together(parts):
        if k == 1 and record.step == 4:
            break
    resumed = []
    for k, part in enumerate(parts):
        fresh = trainee_of(k)
        fresh.state.load({name: tensor.clone() for name, tensor in part.state.arrays().items()}, part.state.meta())
        resumed.append(fresh)
    for trainee in resumed:
        list(train_together([trainee]))
    for one, other in zip(resumed, whole, strict=True):
        for a, b in zip(weights(one), weights(other), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.usefixtures("side_by_side")
def test_one_that_diverges_stops_alone():
    trainees = [trainee_of(k) for k in range(3)]
    outcomes = {k: [] for k in range(3)}
    for k, outcome in train_together(trainees):
        outcomes[k].append(outcome)
        if k == 1 and isinstance(outcome, StepRecord) and outcome.step == 4:
            outcome.state.rnn.transition.mlp[0].bias.data[0] = float("nan")
            before = weights(trainees[1])
    (*good, bad) = outcomes[1]
    assert isinstance(bad, NonFiniteLoss)
    assert (bad.step, trainees[1].state.step) == (5, 4)
    assert [record.step for record in good] == [2, 4]
    for one, other in zip(weights(trainees[1]), before, strict=True):
        assert torch.equal(one.nan_to_num(), other.nan_to_num())
    for k in (0, 2):
        alone = trainee_of(k)
        list(train_together([alone]))
        assert outcomes[k][-1].step == 12
        for a, b in zip(weights(trainees[k]), weights(alone), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"units": 11}, "model"),
        ({"dtype": torch.float32}, "device"),
        ({"accumulate": 3}, "training.accumulate"),
        ({"kernels": "numba"}, "kernels"),
    ],
)
def test_networks_that_cannot_be_stacked_are_refused_at_once(change, word):
    with pytest.raises(ValueError, match=f"equal {word}"):
        refuse_unstackable([trainee_of(0), trainee_of(1, **change)])


def test_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        train_together([])


def test_own_kinds_of_loss_train_alone_only():
    class Other(SICLoss):
        pass

    with pytest.raises(ValueError, match="one by one"):
        train_together([trainee_of(0), trainee_of(1)._replace(objective=Other(kernels="reference"))])


def test_several_populations_are_not_stacked():
    with pytest.raises(ValueError, match="one population"):
        refuse_unstackable([trainee_of(0), trainee_of(1, populations=2)])


def test_a_network_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="one is there twice"):
        train_together([trainee_of(0)] * 2)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="takes two cores")
def test_networks_of_any_kind_and_shape_train_side_by_side_on_a_cpu():
    def each():
        return [
            trainee_of(0, units=11, accumulate=2),
            trainee_of(1, populations=2, apart_steps=4),
            trainee_of(2, first_length=3),
        ]

    with limited_threads(2):
        last = dict(train_together(each()))
    for index, alone in enumerate(each()):
        (*_, expected) = train(alone.state.rnn, alone.objective, alone.sampler, alone.config, state=alone.state)
        assert last[index]._replace(state=None) == expected._replace(state=None)


def test_learning_apart_means_nothing_to_networks_of_one_population():
    one, other = ([trainee_of(0), trainee_of(1, apart_steps=apart)] for apart in (0, 5))
    for (k, record), (_, expected) in zip(train_together(one), train_together(other), strict=True):
        assert record[:4] == expected[:4], k
    for a, b in zip(one, other, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))
