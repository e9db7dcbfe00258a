import pytest
import torch

from sicgrid.losses import SICLoss, SICLossStack
from sicgrid.trajectories import PermutedVelocities

SETTINGS = [
    {"sigma_x": 0.05, "sigma_g": 0.4},
    {"sigma_x": 0.1, "sigma_g": 0.2, "separation": 0.3, "conformal_isometry": 0.5},
    {"sigma_x": 0.07, "sigma_g": 0.9, "capacity": 0.0, "conformal_isometry": 0.0},
]


def batch_of(count):
    generators = [torch.Generator().manual_seed(seed) for seed in range(count)]
    batch = PermutedVelocities(batch_size=4, length=7, dtype=torch.float64).sample_each(generators)
    states = torch.rand(count, 4, 7, 6, dtype=torch.float64, generator=generators[0])
    states = (states / states.norm(dim=-1, keepdim=True)).requires_grad_()
    initial = torch.rand(count, 6, dtype=torch.float64, generator=generators[0])
    return {"positions": batch.positions, "velocities": batch.velocities, "states": states, "initial_state": initial}


@pytest.mark.parametrize("kernels", ["reference", "numba"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_terms_and_gradients_are_those_of_each_loss_alone(kernels, reduction):
    losses = [SICLoss(**settings, reduction=reduction, kernels=kernels) for settings in SETTINGS]
    batch = batch_of(3)
    terms = SICLossStack(losses)(**batch)
    terms.total.sum().backward()
    for k, settings in enumerate(SETTINGS):
        states = batch["states"].detach()[k].requires_grad_()
        own = {name: tensor[k] for name, tensor in batch.items()} | {"states": states}
        expected = SICLoss(**settings, reduction=reduction, kernels="reference")(**own)
        expected.total.backward()
        for name in terms._fields:
            torch.testing.assert_close(getattr(terms, name)[k], getattr(expected, name), msg=name)
        torch.testing.assert_close(batch["states"].grad[k], states.grad)


def test_losses_that_reduce_differently_are_refused():
    with pytest.raises(ValueError, match="equal reduction"):
        SICLossStack([SICLoss(reduction="sum"), SICLoss()])
    with pytest.raises(ValueError, match="equal kernels"):
        SICLossStack([SICLoss(kernels="numba"), SICLoss(kernels="reference")])
    with pytest.raises(ValueError, match="at least one"):
        SICLossStack([])
