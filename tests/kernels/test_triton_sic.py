"""The GPU kernel of the whole loss, on a GPU or run by Triton's interpreter."""

import pytest
import torch

from interpreted_kernels import THERE, sic_terms
from sicgrid.kernels._triton_factors import Scales
from sicgrid.losses import TERMS, SICLoss

SIGMAS = [(0.05, 0.4), (0.1, 0.2), (0.07, 0.9)]
# networks, batch, time, units; a program has 32 states
SHAPES = [(1, 1, 1, 1), (3, 1, 5, 3), (1, 7, 11, 13), (3, 2, 33, 6), (1, 1, 64, 17)]


def batches(make_points, networks, batch, time, units, dtype):
    """Tensors of so many batches, and states and starts that want gradients."""
    made = [make_points(batch, time, units, dtype=dtype, seed=seed, max_speed=0.08) for seed in range(networks)]
    return [torch.stack(parts) for parts in zip(*made, strict=True)]


def by_kernel(x, v, states, start, means, precision="ieee"):
    sigmas = torch.tensor(SIGMAS[: len(states)], dtype=states.dtype, device=THERE)
    return sic_terms(x, v, states, start, Scales.of(*sigmas.T.contiguous()), means, precision)


def by_reference(x, v, states, start, means):
    reduction = "mean" if means else "sum"
    losses = [SICLoss(sigma_x=a, sigma_g=b, reduction=reduction, kernels="reference") for a, b in SIGMAS]
    each = [
        loss.terms(positions=x[k], velocities=v[k], states=states[k], initial_state=start[k])
        for k, loss in enumerate(losses[: len(states)])
    ]
    return torch.stack([torch.stack([terms[name] for terms in each]) for name in TERMS])


@pytest.mark.parametrize("means", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_reference_in_value_and_gradient(make_points, shape, dtype, means):
    x, v, states, start = batches(make_points, *shape, dtype)
    variables = states.requires_grad_(), start.requires_grad_()
    tolerance = {"rtol": 1e-10, "atol": 1e-10} if dtype == torch.float64 else {"rtol": 2e-5, "atol": 2e-5}
    found, expected = (function(x, v, *variables, means) for function in (by_kernel, by_reference))
    torch.testing.assert_close(found, expected, **tolerance)
    for term in range(len(TERMS)):
        gradients = [
            torch.autograd.grad(one[term].sum(), variables, retain_graph=True, allow_unused=True)
            for one in (found, expected)
        ]
        for one, other in zip(*gradients, strict=True):
            scale = 1.0 if other is None else max(1.0, other.abs().max().item())
            zeros = torch.zeros_like(one)
            torch.testing.assert_close(one / scale, zeros if other is None else other / scale, **tolerance)


def test_all_terms_together_have_the_gradient_of_their_sum(make_points):
    x, v, states, start = batches(make_points, 3, 2, 33, 6, torch.float64)
    states.requires_grad_()
    weights = torch.linspace(0.5, 2.0, 12, dtype=torch.float64).view(4, 3)
    gradients = [
        torch.autograd.grad((weights * function(x, v, states, start, True)).sum(), states)[0]
        for function in (by_kernel, by_reference)
    ]
    torch.testing.assert_close(*gradients)


def test_more_units_than_fit_are_refused(make_points):
    x, v, states, start = batches(make_points, 1, 1, 2, 300, torch.float32)
    with pytest.raises(ValueError, match="at most 256 units here, got 300"):
        by_kernel(x, v, states, start, True)
    with pytest.raises(ValueError, match="precision must be one of ieee, fp16, got 'tf32'"):
        by_kernel(x, v, states[..., :4], start[..., :4], True, "tf32")


def test_states_that_diverged_are_not_hidden(make_points):
    x, v, states, start = batches(make_points, 1, 2, 9, 4, torch.float32)
    states[0, 0, 1, 2] = float("nan")
    assert by_kernel(x, v, states, start, True)[:3].isnan().all()
