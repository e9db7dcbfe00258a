"""A weight of invariance that is another one in the last steps."""

import pytest
import torch

from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig
from sicgrid.training import TrainConfig, TrainState, refusal, train

WEIGHT = 3.0


def config_of(**settings):
    given = {"steps": 10, "learning_rate": 1e-2, "accumulate": 1, "log_every": 1, "schedule": "constant"}
    return TrainConfig(**given | {"late_invariance": WEIGHT, "late_share": 0.4} | settings)


def test_the_weight_changes_at_its_step(make_parts):
    parts = make_parts(dtype=torch.float64)
    for record in train(*parts, config_of(), seed=2):
        terms, weights = record.terms, dict(parts[1].weights)
        if record.step > 6:
            weights["invariance"] = WEIGHT
        assert terms["total"] == pytest.approx(sum(weights[name] * terms[name] for name in weights), rel=1e-9)


@pytest.mark.parametrize("share", [0.4, 1.0])
def test_as_if_the_loss_were_exchanged_by_hand(make_parts, share):
    def weights_of(parts):
        return [parameter.detach().clone() for parameter in parts[0].parameters()]

    parts = make_parts()
    config = config_of(late_share=share, log_every=100)
    list(train(*parts, config, seed=2))

    network, loss, sampler = by_hand = make_parts()
    late = SICLoss(**loss.config.model_dump() | {"invariance": WEIGHT}, kernels="reference")
    plain = config_of(late_invariance=0, log_every=config.early_steps or 100)
    state = TrainState.start(network, plain, seed=2)
    if config.early_steps:
        next(train(network, loss, sampler, plain, state=state))
    list(train(network, late, sampler, plain, state=state))
    assert all(torch.equal(one, other) for one, other in zip(weights_of(parts), weights_of(by_hand), strict=True))


@pytest.mark.parametrize("every", [3, 100])
def test_the_same_however_rarely_somebody_looks(make_parts, every):
    def end(log_every):
        parts = make_parts()
        *_, last = train(*parts, config_of(log_every=log_every), seed=1)
        return last[:4]

    assert end(1) == end(every)


def test_an_objective_without_that_weight_is_refused(make_parts):
    network, _, sampler = make_parts()
    with pytest.raises(ValueError, match=r"training\.late_invariance needs the objective SICLoss"):
        next(train(network, lambda states, positions: {"own": states.sum()}, sampler, config_of()))


def test_networks_whose_loss_changes_are_not_stacked():
    assert "training.late_invariance is 3" in refusal(ModelConfig(), config_of())
    assert refusal(ModelConfig(), config_of(late_invariance=0)) is None


def test_the_last_steps():
    assert config_of().early_steps == 6
    assert config_of(late_invariance=0).early_steps == 0
    assert config_of(late_share=1.0).early_steps == 0
