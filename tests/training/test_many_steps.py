"""What is not seen from the loop, whose tests make every step through it: which steps go into CUDA graphs."""

import pytest
import torch

from sicgrid.losses import SICLoss
from sicgrid.training import TrainConfig, Trainee, TrainState
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
