import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sicgrid.kernels import band_rollout
from sicgrid.model import local_norm_relu, neighborhood, norm_relu
from sicgrid.model._ring import banded_product

TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-10}
SHAPES = [(1, 1, 1, 1), (1, 7, 3, 3), (5, 1, 4, 3), (4, 6, 8, 5), (13, 5, 16, 7), (3, 12, 33, 9), (4, 6, 8, 8)]


def make(batch, time, units, width, dtype=torch.float64, seed=0):
    """Random bands, some near the identity, random orders and a unit initial state with silent units."""
    generator = torch.Generator().manual_seed(seed)
    bands = torch.randn(time, units, width, generator=generator, dtype=torch.float64) / width**0.5
    bands[::2] *= 0.3
    bands[::2, :, width // 2] += 1.0
    order = torch.rand(batch, time, generator=generator).argsort(dim=1)
    start = torch.randn(units, generator=generator, dtype=torch.float64).relu() + 1e-3
    start[1::3] = 0.0
    return bands.to(dtype), order, (start / start.norm()).to(dtype)


def plain(bands, order, initial_state, weights=None):
    """The recurrence in the readable operations."""
    state, states = initial_state.expand(len(order), -1), []
    for t in range(order.shape[1]):
        z = banded_product(state, bands[order[:, t]])
        state = norm_relu(z) if weights is None else local_norm_relu(z, weights)
        states.append(state)
    return torch.stack(states, dim=1)


def assert_agree(bands, order, initial_state, weights=None):
    tolerance = TOLERANCE[bands.dtype]
    results = []
    for function in (band_rollout, plain):
        variables = bands.clone().requires_grad_(), initial_state.clone().requires_grad_()
        states = function(variables[0], order, variables[1], weights)
        upstream = torch.linspace(-2, 2, states.numel(), dtype=states.dtype).view_as(states)
        gradients = torch.autograd.grad((states * upstream).sum(), variables, allow_unused=True)
        empty = [torch.zeros_like(variable) for variable in variables]
        results.append(
            [states.detach(), *(zero if grad is None else grad for grad, zero in zip(gradients, empty, strict=True))]
        )
    for found, expected in zip(*results, strict=True):
        assert found.dtype == bands.dtype
        scale = max(1.0, expected.abs().max().item())
        torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("norm_range", [0.0, 0.8, 5.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_plain_recurrence_in_value_and_gradient(shape, norm_range, dtype):
    weights = neighborhood(shape[2], norm_range) if norm_range else None
    assert_agree(*make(*shape, dtype=dtype), weights)


def test_weights_need_not_be_symmetric():
    assert_agree(*make(4, 6, 8, 5), neighborhood(8, 1.3, "line"))


@settings(deadline=None, max_examples=40)
@given(batch=st.integers(1, 5), time=st.integers(1, 7), units=st.integers(1, 9), data=st.data())
def test_equals_the_plain_recurrence_for_any_layout(batch, time, units, data):
    width = data.draw(st.integers(1, units))
    weights = neighborhood(units, data.draw(st.floats(0.3, 9.0))) if data.draw(st.booleans()) else None
    assert_agree(*make(batch, time, units, width, seed=data.draw(st.integers(0, 2**32))), weights)


@pytest.mark.parametrize("norm_range", [None, 1.0])
def test_gradient_by_differences(norm_range):
    bands, order, start = make(3, 4, 6, 3)
    weights = None if norm_range is None else neighborhood(6, norm_range)
    variables = bands.requires_grad_(), (start + 0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda m, g: band_rollout(m, order, g, weights), variables)


@pytest.mark.parametrize("silenced", [0, 2, 5])
@pytest.mark.parametrize("norm_range", [None, 1.0])
def test_silent_step_gives_the_uniform_state_and_stops_the_gradient(silenced, norm_range):
    bands, _, start = make(1, 6, 5, 3)
    bands[silenced] = -1.0
    weights, order = None if norm_range is None else neighborhood(5, norm_range), torch.arange(6)[None]
    states = band_rollout(bands, order, start, weights)
    torch.testing.assert_close(states[0, silenced], torch.full((5,), 5**-0.5, dtype=torch.float64))
    assert_agree(bands, order, start, weights)


def test_states_that_diverged_are_not_hidden():
    bands, order, start = make(2, 4, 5, 3)
    bands[2, :, 1] = float("nan")
    assert band_rollout(bands, order, start, neighborhood(5, 1.0)).isnan().any()


def test_same_bits_twice():
    results = []
    for _ in range(2):
        bands, order, start = make(20, 9, 24, 7, dtype=torch.float32)
        bands.requires_grad_()
        states = band_rollout(bands, order, start, neighborhood(24, 2.0))
        states.square().sum().backward()
        results.append((states.detach(), bands.grad))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))
