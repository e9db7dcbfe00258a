"""What is not seen from the loop, whose tests make every step through it: which steps go into CUDA graphs,

and how many threads they take.
"""

import numba
import pytest
import torch

from sicgrid.kernels import _pace, _threads, limited_threads
from sicgrid.losses import SICLoss
from sicgrid.training import TrainConfig, Trainee, TrainState, train
from sicgrid.training._many_steps import ManySteps


class Variant(SICLoss):
    pass


@pytest.mark.parametrize(
    ("settings", "loss", "captured"),
    [({}, SICLoss, True), ({"populations": 2}, SICLoss, False), ({}, Variant, False)],
)
def test_only_networks_that_can_be_stacked_go_into_graphs(make_parts, monkeypatch, settings, loss, captured):
    """Others may ask the device something, which a capture refuses, or change their loss, which a replay would miss."""
    rnn, _, sampler = make_parts(**settings)
    config = TrainConfig(steps=9, accumulate=1)
    steps = ManySteps([Trainee(TrainState.start(rnn, config), loss(kernels="reference"), sampler, config)])
    (seen,) = steps.advance(3)  # makes what lies on the device
    assert seen.made == 3

    def stream():
        raise RuntimeError("asked for a stream")

    monkeypatch.setattr(torch.cuda, "Stream", stream)  # what a capture begins with
    monkeypatch.setattr(steps, "_device", torch.device("cuda"))
    if captured:
        with pytest.raises(RuntimeError, match="asked for a stream"):
            steps.advance(3)
    else:
        (seen,) = steps.advance(3)
        assert seen.made == 3


@pytest.fixture
def two_threads(monkeypatch):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("takes two cores")
    before = torch.get_num_threads(), numba.get_num_threads()
    monkeypatch.setattr(_threads, "_asked", "")
    torch.set_num_threads(2)
    numba.set_num_threads(2)
    yield
    torch.set_num_threads(before[0])
    numba.set_num_threads(before[1])


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("settings", [{}, {"populations": 2}, {"coupling_range": 3}])
def test_what_is_learned_does_not_hang_on_the_number_of_threads(make_parts, monkeypatch, settings):
    """By turns on one thread and on two, as on a machine that others use, where two give the same bits."""
    config = TrainConfig(steps=40, accumulate=1)
    monkeypatch.setattr(_pace, "WINDOW", 2)
    monkeypatch.setattr(_pace, "SOON", 0)
    monkeypatch.setattr(_pace, "SELDOM", 0)

    def learned():
        rnn, loss, sampler = make_parts(kernels="numba", batch_size=16, length=40, units=64, hidden=32, **settings)
        trainee = Trainee(TrainState.start(rnn, config), loss, sampler, config)
        steps = ManySteps([trainee])
        for _ in range(4):
            steps.advance(10)
        return steps, [trainee.state.generator.get_state(), *(p.detach().clone() for p in rnn.parameters())]

    def gradients(steps):
        return [p.grad.clone() for p in steps._trainees[0].state.parameters if p.grad is not None]

    with limited_threads(1):
        first, alone = learned()
    seen = []
    judge = _pace.Pace._judge
    monkeypatch.setattr(_pace.Pace, "_judge", lambda pace, same: (seen.append(pace._threads), judge(pace, same)))
    steps, by_turns = learned()
    assert all(map(torch.equal, alone, by_turns))
    assert all(map(torch.equal, gradients(first), gradients(steps)))
    assert set(seen) == ({1, 2} if steps._same_bits() else {1})


def test_a_loss_of_ones_own_is_never_called_twice_for_a_step(make_parts):
    rnn, _, sampler = make_parts()
    config = TrainConfig(steps=9, accumulate=1)
    own = ManySteps([Trainee(TrainState.start(rnn, config), Variant(kernels="reference"), sampler, config)])
    assert own._pace is None


@pytest.mark.usefixtures("two_threads")
def test_nor_where_trajectories_grow(make_parts, monkeypatch):
    """Two threads give the bits of one at some lengths and not at others, so each is asked for itself."""
    config = TrainConfig(steps=120, accumulate=1, first_length=4, growth_share=1.0)
    monkeypatch.setattr(_pace, "WINDOW", 2)
    monkeypatch.setattr(_pace, "SOON", 0)
    monkeypatch.setattr(_pace, "SELDOM", 0)

    def learned():
        rnn, loss, sampler = make_parts(kernels="numba", batch_size=16, length=16, units=24, hidden=64)
        for _ in train(rnn, loss, sampler, config):
            pass
        return [p.detach().clone() for p in rnn.parameters()]

    with limited_threads(1):
        alone = learned()
    assert all(map(torch.equal, alone, learned()))
