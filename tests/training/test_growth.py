"""Trajectories that grow in training: what each step is asked of, when it is resumed, and what is refused."""

import pytest
import torch

from sicgrid.model import ModelConfig
from sicgrid.training import TrainConfig, TrainState, refusal, train
from sicgrid.trajectories import PermutedVelocities


def config_of(**settings):
    given = {"steps": 10, "learning_rate": 1e-2, "accumulate": 1, "log_every": 1, "schedule": "constant"}
    return TrainConfig(**given | {"first_length": 2, "growth_share": 0.5} | settings)


class Noted(PermutedVelocities):
    """Keeps the shapes of the batches that it gives."""

    shapes: list[tuple[int, ...]]

    def of_length(self, length):
        self.shapes.append((length, len(super().of_length(length).sample().positions)))
        return super().of_length(length)


def test_trajectories_grow_evenly_and_the_points_of_a_batch_stay(make_parts):
    network, loss, _ = make_parts()
    sampler = Noted(batch_size=4, length=12)
    sampler.shapes = []
    list(train(network, loss, sampler, config_of(log_every=100)))
    # 2 + 10 k / 5 steps and 48 points, as many as fit; after the first five batches the sampler is asked as it is.
    assert sampler.shapes == [(2, 24), (4, 12), (6, 8), (8, 6), (10, 4)]


def test_the_loss_is_that_of_a_batch_of_the_length_reached(make_parts):
    parts = make_parts(dtype=torch.float64)
    network, loss, sampler = parts
    config = config_of()
    state = TrainState.start(network, config, seed=2)

    def expected(step):
        generator = torch.Generator()
        generator.set_state(state.generator.get_state())
        batch = sampler.of_length(config.length_at(step, sampler.config.length)).sample(generator)
        states, start = network(batch.distinct, batch.order)
        terms = loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=start)
        return terms.total.item()

    coming = expected(0)
    for record in train(*parts, config, state=state):
        assert record.terms["total"] == pytest.approx(coming, rel=1e-9)
        coming = expected(record.step)


@pytest.mark.parametrize("every", [3, 100])
def test_the_same_however_rarely_somebody_looks(make_parts, every):
    def end(log_every):
        parts = make_parts()
        *_, last = train(*parts, config_of(log_every=log_every), seed=1)
        return last[:4], [parameter.detach().clone() for parameter in parts[0].parameters()]

    (numbers, weights), (others, other_weights) = end(1), end(every)
    assert numbers == others
    assert all(torch.equal(one, other) for one, other in zip(weights, other_weights, strict=True))


def test_what_cannot_grow_is_refused(make_parts):
    network, loss, sampler = make_parts()
    longer = sampler.config.length + 1
    with pytest.raises(ValueError, match=rf"at most trajectories.length, {sampler.config.length}, got {longer}"):
        next(train(network, loss, sampler, config_of(first_length=longer)))

    class Other:
        def sample(self, generator=None):
            return sampler.sample(generator)

    with pytest.raises(ValueError, match="needs the sampler PermutedVelocities"):
        next(train(network, loss, Other(), config_of()))


def test_networks_with_growing_trajectories_are_not_stacked():
    assert "training.first_length is 2" in refusal(ModelConfig(), config_of())
    assert refusal(ModelConfig(), config_of(first_length=0)) is None
