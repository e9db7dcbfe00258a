"""Whatever has terms is trained: readouts and predictions with their own parameters, functions, others' cells."""

import json
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from own_terms import Sparse
from sicgrid import evaluation
from sicgrid.losses import TERMS, Objective, SICLoss, capacity, conformal_isometry, invariance, separation
from sicgrid.model import Network
from sicgrid.training import TrainConfig, Trainee, TrainState, train, train_together
from sicgrid.trajectories import WalkConfig

UNITS = 12


def config_of(**settings):
    defaults = {"steps": 9, "learning_rate": 1e-2, "schedule": "constant", "accumulate": 2, "log_every": 1}
    return TrainConfig(**{**defaults, **settings})


class Readout(Objective):
    """Supervised: places are read out of the states."""

    def __init__(self, units=UNITS):
        super().__init__()
        self.readout = nn.Linear(units, 2)
        self.register_buffer("seen", torch.zeros(()))

    def terms(self, positions, states):
        self.seen += 1  # a buffer that training changes is of the state too
        return {"readout": (self.readout(states) - positions).square().mean()}


class Prediction(Objective):
    """Predictive: the next state is told from this one and the velocity."""

    weights = {"unused": 0.0}

    def __init__(self, units=UNITS):
        super().__init__()
        self.predictor = nn.Linear(units + 2, units)
        self.idle = nn.Parameter(torch.zeros(3))

    def terms(self, velocities, states):
        told = self.predictor(torch.cat([states[:, :-1], velocities[:, 1:]], dim=-1))
        return {
            "prediction": (told - states[:, 1:]).square().sum(dim=-1).mean(),
            "collapse": states.mean(dim=(0, 1)).square().sum(),
            "unused": self.idle.sum(),
        }


def objective_of(kind):
    torch.manual_seed(1)
    return kind() if kind is not Sparse else kind(kernels="reference")


def saved(state):
    return {name: tensor.clone() for name, tensor in state.arrays().items()}, json.loads(json.dumps(state.meta()))


def numbers(record):
    return record[:4]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Readout, ["readout", "total"]),
        (Prediction, ["prediction", "collapse", "unused", "total"]),
        (Sparse, [*TERMS, "sparsity", "total"]),
    ],
)
def test_its_terms_are_recorded_and_its_parameters_learn(make_parts, kind, names):
    rnn, _, sampler = make_parts()
    objective = objective_of(kind)
    before = {name: tensor.clone() for name, tensor in objective.state_dict().items() if "idle" not in name}
    records = list(train(rnn, objective, sampler, config_of(steps=80)))
    assert all(list(record.terms) == names for record in records)
    weights = objective.weights
    for record in records:
        total = sum(weights.get(name, 1.0) * record.terms[name] for name in names[:-1])
        assert record.terms["total"] == pytest.approx(total, rel=1e-5)
    totals = [record.terms["total"] for record in records]
    assert sum(totals[-10:]) < sum(totals[:10])
    assert not any(torch.equal(tensor, objective.state_dict()[name]) for name, tensor in before.items())
    held_out = evaluation.held_out_loss(rnn, objective, sampler, batches=2, seed=0)
    assert list(held_out) == ["total", *names[:-1]]


@pytest.mark.parametrize("kind", [Readout, Prediction, Sparse])
@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
@pytest.mark.parametrize("stop", [1, 5])
def test_resumed_it_is_the_uninterrupted_run_bit_for_bit(make_parts, kind, schedule, stop):
    config = config_of(schedule=schedule, plateau_window=2, plateau_patience=0)

    def parts():
        rnn, _, sampler = make_parts()
        return rnn, objective_of(kind), sampler

    whole = list(train(*(uninterrupted := parts()), config, seed=5))
    expected = [numbers(record) for record in whole], saved(whole[-1].state)
    before, checkpoint = [], None
    for record in train(*parts(), config, seed=5):
        before.append(numbers(record))
        if record.step == stop:
            checkpoint = saved(record.state)
            break
    rnn, objective, sampler = parts()
    with torch.no_grad():
        for parameter in [*rnn.parameters(), *objective.parameters()]:
            parameter.add_(1.0)
    state = TrainState.start(rnn, config, 123, objective)
    state.load(*checkpoint)
    records = list(train(rnn, objective, sampler, config, state=state))
    arrays, meta = saved(records[-1].state)
    assert before + [numbers(record) for record in records] == expected[0]
    assert meta == expected[1][1]
    assert arrays.keys() == expected[1][0].keys()
    assert all(torch.equal(tensor, expected[1][0][name]) for name, tensor in arrays.items())
    assert all(map(torch.equal, objective.state_dict().values(), uninterrupted[1].state_dict().values()))


def test_a_checkpoint_without_the_objectives_parameters_is_refused_and_changes_nothing(make_parts):
    rnn, loss, sampler = make_parts()
    checkpoint = saved(next(train(rnn, loss, sampler, config_of())).state)
    assert not any(name.startswith("objective.") for name in checkpoint[0])
    objective = objective_of(Readout)
    before = {name: tensor.clone() for name, tensor in objective.state_dict().items()}
    state = TrainState.start(rnn, config_of(), 0, objective)
    with pytest.raises(ValueError, match=r"objective\.readout\.bias"):
        state.load(*checkpoint)
    assert all(torch.equal(tensor, before[name]) for name, tensor in objective.state_dict().items())


def test_a_state_that_does_not_know_the_objectives_parameters_is_refused(make_parts):
    rnn, _, sampler = make_parts()
    state = TrainState.start(rnn, config_of())
    with pytest.raises(ValueError, match=r"start it with TrainState\.start"):
        next(train(rnn, objective_of(Readout), sampler, config_of(), state=state))
    with pytest.raises(ValueError, match="on the network's device, cpu, got meta"):
        TrainState.start(rnn, config_of(), 0, objective_of(Readout).to("meta"))


def test_the_gradient_that_is_clipped_is_of_all_parameters(make_parts):
    rnn, _, sampler = make_parts()
    objective = objective_of(Readout)
    record = next(train(rnn, objective, sampler, config_of(gradient_clip=1e-4)))
    gradients = [one.grad for one in [*rnn.parameters(), *objective.parameters()] if one.grad is not None]
    assert torch.cat([gradient.flatten() for gradient in gradients]).norm().item() == pytest.approx(1e-4, rel=1e-2)
    assert objective.readout.weight.grad.any()
    assert record.gradient_norm > 1e-4


def test_a_plain_function_trains_what_the_objective_does(make_parts):
    outcomes = []
    for wrap in (False, True):
        rnn, loss, sampler = make_parts()
        objective = (lambda **tensors: loss(**tensors)) if wrap else loss  # noqa: B023 - used at once
        records = [numbers(record) for record in train(rnn, objective, sampler, config_of(), seed=3)]
        outcomes.append((records, [one.detach().clone() for one in rnn.parameters()]))
    assert outcomes[0][0] == outcomes[1][0]
    assert all(map(torch.equal, outcomes[0][1], outcomes[1][1]))


def test_the_loop_is_the_plain_loop_bit_for_bit(make_parts):
    """Twenty steps written by hand, from the plain functions of the terms and torch's own optimizer."""
    config = config_of(steps=20, accumulate=1, gradient_clip=0.1)
    rnn, loss, sampler = make_parts()
    records = list(train(rnn, loss, sampler, config, seed=7))
    same, _, _ = make_parts()
    trained = [one for one in same.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-2, betas=(0.9, 0.999), weight_decay=0.0, fused=True)
    generator = torch.Generator().manual_seed(7)
    for record in records:
        optimizer.zero_grad()
        batch = sampler.sample(generator)
        states, start = same(batch.distinct, batch.order)
        terms = {
            "separation": separation(batch.positions, states, 0.05, 0.4),
            "invariance": invariance(batch.positions, states, 0.05),
            "capacity": capacity(states),
            "conformal_isometry": conformal_isometry(batch.velocities, states, start, 0.05),
        }
        total = sum(weight * terms[name] for name, weight in SICLoss().weights.items())
        total.backward()
        norm = clip_grad_norm_(trained, 0.1)
        optimizer.step()
        assert record.terms == {name: term.item() for name, term in terms.items()} | {"total": total.item()}
        assert record.gradient_norm == norm.item()
    assert all(map(torch.equal, rnn.parameters(), same.parameters()))


class LSTM(Network):
    """A cell of one's own: the state is hidden and cell state, one after the other."""

    def __init__(self, units=5):
        super().__init__()
        self.cell = nn.LSTMCell(2, units)
        self.start = nn.Parameter(torch.zeros(2 * units))

    @property
    def initial_state(self):
        return self.start

    def step(self, state, velocity):
        hidden, cell = state.expand(len(velocity), -1).chunk(2, dim=-1)
        return torch.cat(self.cell(velocity, (hidden.contiguous(), cell.contiguous())), dim=-1)


class Straight(NamedTuple):
    """A batch without an order, and with something that ours has not."""

    positions: torch.Tensor
    velocities: torch.Tensor
    heading: torch.Tensor


class StraightWalks:
    def sample(self, generator=None):
        heading = torch.rand(6, 1, generator=generator) * 6.28
        velocities = 0.1 * torch.cat([heading.cos(), heading.sin()], dim=1)[:, None].expand(-1, 5, -1)
        return Straight(velocities.cumsum(dim=1), velocities, heading[:, 0])


def test_ones_own_cell_sampler_and_readout_train_together(make_parts):
    torch.manual_seed(0)
    network, readout = LSTM(), nn.Linear(10, 2)

    class Heading(nn.Module):
        def __init__(self):
            super().__init__()
            self.readout = readout

        def forward(self, states, heading):
            wanted = torch.stack([heading.cos(), heading.sin()], dim=1)
            return {"heading": (self.readout(states[:, -1]) - wanted).square().mean()}

    records = list(train(network, Heading(), StraightWalks(), config_of(steps=150)))
    assert records[-1].terms["heading"] < 0.3 * records[0].terms["heading"]
    assert records[-1].terms["heading"] == records[-1].terms["total"]
    walked = evaluation.record(network, 1.0, WalkConfig(animals=3, steps=7), seed=0)
    assert walked.shape == (3, 7, 10)


def test_a_network_of_ones_own_takes_the_batches_of_ours(make_parts):
    _, loss, sampler = make_parts()
    torch.manual_seed(0)
    network = LSTM()
    batch = sampler.sample(torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(batch.distinct, batch.order), network(batch.velocities))
    assert next(train(network, loss, sampler, config_of())).terms.keys() == {*TERMS, "total"}


def test_objectives_of_ones_own_train_alone_only(make_parts):
    def trainee():
        rnn, _, sampler = make_parts()
        objective = objective_of(Readout)
        return Trainee(TrainState.start(rnn, config_of(), 0, objective), objective, sampler, config_of())

    with pytest.raises(ValueError, match="one by one"):
        train_together([trainee(), trainee()])


@pytest.mark.parametrize(
    ("loss", "complaint"),
    [
        (lambda states: {"mean": states.mean(dim=(0, 1))}, "scalars, got mean of shape"),
        (lambda states, targets: {"mean": states.mean()}, "asks for targets, and there is distinct, order, "),
    ],
)
def test_what_is_no_loss_is_refused(make_parts, loss, complaint):
    rnn, _, sampler = make_parts()
    with pytest.raises(ValueError, match=complaint):
        next(train(rnn, loss, sampler, config_of()))


def test_terms_that_change_from_step_to_step_are_refused(make_parts):
    rnn, _, sampler = make_parts()
    names = iter("aaaab")

    with pytest.raises(ValueError, match="same terms at every step, got b, total after a, total"):
        list(train(rnn, lambda states: {next(names): states.mean()}, sampler, config_of(steps=5, accumulate=1)))
