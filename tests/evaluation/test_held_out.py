import pytest
import torch

from sicgrid.evaluation import held_out_loss
from sicgrid.losses import SICLoss
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import PermutedVelocities

WEIGHTS = {"separation": 1.0, "invariance": 0.1, "capacity": 0.5, "conformal_isometry": 0.25}


@pytest.fixture
def parts():
    torch.manual_seed(0)
    rnn = VelocityRNN(units=10, hidden=8, initialization="identity", velocity_scale=0.15, kernels="reference")
    return rnn, SICLoss(**WEIGHTS, kernels="reference"), PermutedVelocities(batch_size=6, length=9)


def test_terms_are_averaged_and_add_up(parts):
    terms = held_out_loss(*parts, batches=4, seed=0)
    assert set(terms) == {"total", *WEIGHTS}
    assert terms["total"] == pytest.approx(sum(weight * terms[name] for name, weight in WEIGHTS.items()), rel=1e-5)
    assert -1 <= terms["capacity"] < 0
    assert 0 < terms["separation"] <= 1


def test_mean_of_one_batch_is_that_batch(parts):
    drawn = []

    class Spy(PermutedVelocities):
        def sample(self, generator=None):
            drawn.append(super().sample(generator))
            return drawn[-1]

    rnn, loss, _ = parts
    terms = held_out_loss(rnn, loss, Spy(batch_size=6, length=9), batches=1, seed=0)
    (batch,) = drawn
    rollout = rnn(batch.velocities)
    expected = loss(
        positions=batch.positions,
        velocities=batch.velocities,
        states=rollout.states,
        initial_state=rollout.initial_state,
    )
    for name, value in expected._asdict().items():
        assert terms[name] == pytest.approx(value.item(), rel=1e-4, abs=1e-6)


def test_seed_decides_and_differs_from_trainings_stream(parts):
    rnn, loss, _ = parts
    assert held_out_loss(*parts, batches=2, seed=1) == held_out_loss(*parts, batches=2, seed=1)
    assert held_out_loss(*parts, batches=2, seed=1) != held_out_loss(*parts, batches=2, seed=2)
    generators = []

    class Spy(PermutedVelocities):
        def sample(self, generator=None):
            generators.append(generator.initial_seed())
            return super().sample(generator)

    held_out_loss(rnn, loss, Spy(batch_size=6, length=9), batches=1, seed=1)
    assert generators[0] not in (0, 1)


def test_nothing_is_learned(parts):
    rnn = parts[0]
    before = {name: value.clone() for name, value in rnn.state_dict().items()}
    held_out_loss(*parts, batches=2, seed=0)
    assert all(torch.equal(value, before[name]) for name, value in rnn.state_dict().items())
    assert all(parameter.grad is None for parameter in rnn.parameters())


@pytest.mark.parametrize(("batches", "seed", "name"), [(0, 0, "batches"), (1, -1, "seed")])
def test_impossible_arguments_are_refused(parts, batches, seed, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        held_out_loss(*parts, batches=batches, seed=seed)
