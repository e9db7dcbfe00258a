import pytest
import torch

from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig, make_network
from sicgrid.trajectories import PermutedVelocities


@pytest.fixture
def make_parts():
    """Maker of a small network with its loss and sampler, the same for the same arguments."""

    def make(kernels="reference", dtype=torch.float32, batch_size=6, length=8, **settings):
        torch.manual_seed(0)
        defaults = {"units": 12, "hidden": 8, "initialization": "identity", "velocity_scale": 0.15}
        rnn = make_network(ModelConfig(**{**defaults, **settings}), kernels=kernels)
        sampler = PermutedVelocities(batch_size=batch_size, length=length, dtype=dtype)
        return rnn.to(dtype), SICLoss(kernels=kernels), sampler

    return make
