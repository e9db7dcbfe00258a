"""The steps that a GPU makes in few launches, run by Triton's interpreter, against those of PyTorch's operators."""

import pytest
import torch

from interpreted_kernels import THERE, rollouts, sic
from sicgrid import kernels
from sicgrid.losses import _stack as loss_stack
from sicgrid.training import TrainConfig, Trainee, TrainState, train_together
from sicgrid.training import _fused_steps as fused_steps
from sicgrid.training import _loop as loop
from sicgrid.training import _many_steps as many_steps

# On a GPU PyTorch's AdamW takes the learning rate as float32.
TIGHT = 1e-9 if THERE == "cpu" else 1e-6


@pytest.fixture
def by_kernels(monkeypatch):
    """On a CPU, the GPU's kernels take the place of the CPU's; on a GPU nothing is changed."""
    if THERE == "cuda":
        return
    chosen = kernels.choose("cuda", "auto")._replace(name="triton")
    for module in (kernels, loss_stack, fused_steps):
        monkeypatch.setattr(module, "choose", lambda *_: chosen)
    monkeypatch.setattr(kernels, "rollout", rollouts.rollout)
    monkeypatch.setattr(loss_stack, "sic_terms", sic.sic_terms)
    monkeypatch.setattr(loop, "_stacks", lambda trainees: [many_steps.ManySteps(trainees)])


def trainees(make_parts, steps=(2, 2)):
    """Two networks of their own learning rates, bounds and lengths, of two batches a step."""
    made = []
    for seed in range(2):
        rnn, loss, sampler = make_parts(kernels="auto", dtype=torch.float64, batch_size=3, length=6)
        with torch.no_grad():
            for parameter in rnn.parameters():
                parameter.mul_(1 + 0.1 * seed)
        config = TrainConfig(
            steps=steps[seed],
            log_every=1,
            accumulate=2,
            betas=(0.8, 0.9 + 0.03 * seed),
            learning_rate=1e-3 * (seed + 1),
            gradient_clip=0.05 + 0.2 * seed,
            weight_decay=0.1 * seed,
        )
        rnn = rnn.to(THERE)
        made.append(Trainee(TrainState.start(rnn, config, seed), loss, sampler, config))
    return made


def learned(trainees):
    records = [(index, record) for index, record in train_together(trainees)]
    return records, [trainee.state.arrays() for trainee in trainees]


@pytest.mark.slow
def test_weights_moments_and_records_are_those_of_the_operators(make_parts, by_kernels, monkeypatch):
    """Of networks that end one after the other: the second goes on alone, from the moments that it has."""
    asked = trainees(make_parts, steps=(1, 2))
    records, arrays = learned(asked)
    monkeypatch.setattr(many_steps, "can_be_fused", lambda _: False)
    expected_records, expected_arrays = learned(trainees(make_parts, steps=(1, 2)))
    assert len(records) == 3
    for (index, record), (expected_index, expected) in zip(records, expected_records, strict=True):
        assert (index, record.step) == (expected_index, expected.step)
        assert record.terms == pytest.approx(expected.terms, rel=TIGHT)
        assert record.gradient_norm == pytest.approx(expected.gradient_norm, rel=TIGHT)
        assert record.learning_rate == expected.learning_rate
    for one, other in zip(arrays, expected_arrays, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            torch.testing.assert_close(one[name], other[name], msg=name, rtol=TIGHT, atol=1e-2 * TIGHT)
    assert [trainee.state.learning_rate for trainee in asked] == pytest.approx([1e-3, 2e-3])


def test_an_optimizer_that_is_not_as_we_make_it_works_for_itself(make_parts, by_kernels):
    usual, other = trainees(make_parts)
    assert fused_steps.can_be_fused([usual, other])
    assert fused_steps.FusedSteps([usual])._update.settings[:, 0].tolist() == pytest.approx([0.8, 0.9, 1e-8, 0, 0.05])
    first = next(other.state.rnn.transition.parameters())
    first.requires_grad_(False)  # which the optimizer still holds
    assert not fused_steps.can_be_fused([other])
    frozen = other._replace(state=TrainState.start(other.state.rnn, other.config))
    assert fused_steps.can_be_fused([frozen])
    assert not fused_steps.can_be_fused([usual, frozen])
    usual.state.optimizer.param_groups[0]["amsgrad"] = True
    assert not fused_steps.can_be_fused([usual])
