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

TIGHT = {"rtol": 1e-9, "atol": 1e-11}


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


def trainees(make_parts, networks=2, **settings):
    """Networks of several learning rates and bounds, of two batches a step."""
    made = []
    for seed in range(networks):
        rnn, loss, sampler = make_parts(kernels="auto", dtype=torch.float64, batch_size=3, length=6)
        with torch.no_grad():
            for parameter in rnn.parameters():
                parameter.mul_(1 + 0.1 * seed)
        rate = {"learning_rate": 1e-3 * (seed + 1), "gradient_clip": 0.05 + 0.2 * seed, "weight_decay": 0.1 * seed}
        config = TrainConfig(
            **{"steps": 3, "log_every": 1, "accumulate": 2, "betas": (0.8, 0.9 + 0.03 * seed)} | rate | settings
        )
        rnn = rnn.to(THERE)
        made.append(Trainee(TrainState.start(rnn, config, seed), loss, sampler, config))
    return made


def learned(trainees):
    records = [(index, record) for index, record in train_together(trainees)]
    return records, [trainee.state.arrays() for trainee in trainees]


def test_weights_moments_and_records_are_those_of_the_operators(make_parts, by_kernels, monkeypatch):
    asked = trainees(make_parts)
    records, arrays = learned(asked)
    monkeypatch.setattr(many_steps, "can_be_fused", lambda _: False)
    expected_records, expected_arrays = learned(trainees(make_parts))
    assert len(records) == 6
    for (index, record), (expected_index, expected) in zip(records, expected_records, strict=True):
        assert (index, record.step) == (expected_index, expected.step)
        assert record.terms == pytest.approx(expected.terms, rel=1e-9)
        assert record.gradient_norm == pytest.approx(expected.gradient_norm, rel=1e-9)
        assert record.learning_rate == expected.learning_rate
    for one, other in zip(arrays, expected_arrays, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            torch.testing.assert_close(one[name], other[name], msg=name, **TIGHT)
    assert [trainee.state.learning_rate for trainee in asked] == pytest.approx([1e-3, 2e-3])


def test_a_network_that_diverges_is_left_alone_and_the_others_go_on(make_parts, by_kernels):
    asked = trainees(make_parts)
    with torch.no_grad():
        next(asked[1].state.rnn.parameters()).fill_(float("nan"))
    before = asked[1].state.rnn.state_dict()
    before = {name: tensor.clone() for name, tensor in before.items()}
    records, _ = learned(asked)
    stopped = [record for index, record in records if index == 1]
    assert [type(record).__name__ for record in stopped] == ["NonFiniteLoss"]
    assert stopped[0].step == 1
    assert [record.step for index, record in records if index == 0] == [1, 2, 3]
    for name, tensor in asked[1].state.rnn.state_dict().items():
        assert torch.equal(tensor, before[name]) or tensor.isnan().any(), name


def test_a_state_that_was_saved_on_the_way_goes_on_byte_for_byte(make_parts, by_kernels):
    (whole,), (first,), (second,) = (trainees(make_parts, networks=1) for _ in range(3))
    learned([whole])
    for _, record in train_together([first]):
        if record.step == 1:
            saved = {name: tensor.clone() for name, tensor in record.state.arrays().items()}
            meta = record.state.meta()
            break
    second.state.load(saved, meta)
    learned([second])
    for name, tensor in second.state.arrays().items():
        assert torch.equal(tensor, whole.state.arrays()[name]), name


def test_float32_too(make_parts, by_kernels, monkeypatch):
    def learn():
        asked = trainees(make_parts, networks=2)
        for trainee in asked:
            trainee.sampler.dtype = torch.float32
        asked = [
            trainee._replace(state=TrainState.start(trainee.state.rnn.float(), trainee.config, seed))
            for seed, trainee in enumerate(asked)
        ]
        return learned(asked)

    records, arrays = learn()
    monkeypatch.setattr(many_steps, "can_be_fused", lambda _: False)
    expected_records, expected = learn()
    assert records[-1][1].terms == pytest.approx(expected_records[-1][1].terms, rel=1e-3)
    for one, other in zip(arrays, expected, strict=True):
        for name in one:
            torch.testing.assert_close(one[name], other[name], msg=name, rtol=1e-3, atol=1e-4)
