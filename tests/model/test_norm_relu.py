import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.model import norm_relu

# Nothing that is not 0 but whose square is: there neither the code nor the loops give unit length.
SIZES = st.floats(1e-100, 1e3)
VECTORS = st.lists(SIZES | SIZES.map(lambda size: -size) | st.just(0.0), min_size=1, max_size=8)


@settings(deadline=None, max_examples=100)
@given(VECTORS)
def test_equals_the_loops(z):
    found = norm_relu(torch.tensor(z, dtype=torch.float64))
    assert found.tolist() == pytest.approx(by_loops.norm_relu(z), abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(VECTORS)
def test_is_a_non_negative_unit_vector(z):
    state = norm_relu(torch.tensor(z, dtype=torch.float64))
    assert (state >= 0).all()
    assert state.norm().item() == pytest.approx(1.0)


def test_by_hand():
    z = torch.tensor([[3.0, -7.0, 4.0], [-1.0, 0.0, 2.0]])
    torch.testing.assert_close(norm_relu(z), torch.tensor([[0.6, 0.0, 0.8], [0.0, 0.0, 1.0]]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_silent_units_alone_give_the_uniform_state_and_no_gradient(dtype):
    z = torch.tensor([[-1.0, 0.0, -2.0, 0.0], [3.0, -1.0, 4.0, 0.0]], dtype=dtype, requires_grad=True)
    states = norm_relu(z)
    torch.testing.assert_close(states[0], torch.full((4,), 0.5, dtype=dtype))
    (states * torch.arange(8.0).reshape(2, 4)).sum().backward()
    assert torch.equal(z.grad[0], torch.zeros(4, dtype=dtype))
    assert z.grad[1].isfinite().all()
    assert z.grad[1].any()


def test_scale_does_not_matter():
    z = torch.randn(5, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(norm_relu(1e3 * z), norm_relu(z))


def test_gradient():
    z = torch.randn(3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(norm_relu, z)


def test_gradient_is_tangent_to_the_sphere():
    # Growing z along itself changes nothing, so the gradient is orthogonal to the state.
    z = torch.randn(6, generator=torch.Generator().manual_seed(2), dtype=torch.float64).requires_grad_()
    state = norm_relu(z)
    (gradient,) = torch.autograd.grad(state @ torch.arange(6.0, dtype=torch.float64), z)
    assert math.isclose(float(gradient @ state.detach()), 0.0, abs_tol=1e-12)
