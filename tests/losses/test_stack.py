import pytest
import torch

from interpreted_kernels import THERE, sic
from sicgrid.kernels import choose
from sicgrid.losses import SICLoss, SICLossStack
from sicgrid.losses import _stack as stack
from sicgrid.trajectories import PermutedVelocities

SETTINGS = [
    {"sigma_x": 0.05, "sigma_g": 0.4},
    {"sigma_x": 0.1, "sigma_g": 0.2, "separation": 0.3, "conformal_isometry": 0.5},
    {"sigma_x": 0.07, "sigma_g": 0.9, "capacity": 0.0, "conformal_isometry": 0.0},
]


def batch_of(count, max_speed=0.15):
    generators = [torch.Generator().manual_seed(seed) for seed in range(count)]
    batch = PermutedVelocities(batch_size=4, length=7, max_speed=max_speed, dtype=torch.float64).sample_each(generators)
    states = torch.rand(count, 4, 7, 6, dtype=torch.float64, generator=generators[0])
    states = (states / states.norm(dim=-1, keepdim=True)).requires_grad_()
    initial = torch.rand(count, 6, dtype=torch.float64, generator=generators[0])
    return {"positions": batch.positions, "velocities": batch.velocities, "states": states, "initial_state": initial}


@pytest.fixture
def by_the_gpus_kernel(monkeypatch):
    """On a CPU, where the stack would not take it."""
    if THERE == "cpu":
        monkeypatch.setattr(stack, "choose", lambda *_: choose("cuda", "reference")._replace(name="triton"))
        monkeypatch.setattr(stack, "sic_terms", sic.sic_terms)


def assert_each_is_alone(settings, reduction, kernels, batch, there="cpu"):
    """Terms, total and the total's gradient of a stack are those of each loss by the reference."""
    losses = [SICLoss(**one, reduction=reduction, kernels=kernels) for one in settings]
    states = batch["states"].detach().to(there).requires_grad_()
    terms = SICLossStack(losses)(
        **{name: tensor.detach().to(there) for name, tensor in batch.items()} | {"states": states}
    )
    terms.total.sum().backward()
    for k, one in enumerate(settings):
        alone = batch["states"].detach()[k].requires_grad_()
        own = {name: tensor[k] for name, tensor in batch.items()} | {"states": alone}
        expected = SICLoss(**one, reduction=reduction, kernels="reference")(**own)
        expected.total.backward()
        assert expected.conformal_isometry > 0 or batch["velocities"].abs().max() > 0.1
        for name in terms._fields:
            torch.testing.assert_close(getattr(terms, name)[k].cpu(), getattr(expected, name), msg=name)
        torch.testing.assert_close(states.grad[k].cpu(), alone.grad)


@pytest.mark.parametrize("kernels", ["reference", "numba"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_terms_and_gradients_are_those_of_each_loss_alone(kernels, reduction):
    assert_each_is_alone(SETTINGS, reduction, kernels, batch_of(3))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("unused", [{}, {"capacity": 0.0}, {"separation": 0.0, "conformal_isometry": 0.0}])
def test_by_the_gpus_kernel_too(by_the_gpus_kernel, unused, reduction):
    settings = [one | unused for one in SETTINGS]
    assert_each_is_alone(settings, reduction, "auto", batch_of(3, max_speed=0.05), THERE)


def test_losses_that_reduce_differently_are_refused():
    with pytest.raises(ValueError, match="equal reduction"):
        SICLossStack([SICLoss(reduction="sum"), SICLoss()])
    with pytest.raises(ValueError, match="equal kernels"):
        SICLossStack([SICLoss(kernels="numba"), SICLoss(kernels="reference")])
    with pytest.raises(ValueError, match="at least one"):
        SICLossStack([])
