import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.losses import capacity


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("shape", [(1, 7, 3), (5, 1, 4), (1, 1, 2), (4, 6, 7)])
def test_equals_the_loops(make_points, dtype, tolerance, shape):
    states = make_points(*shape, dtype=dtype).states
    found = capacity(states)
    assert found.dtype == dtype
    assert found.shape == ()
    assert found.item() == pytest.approx(by_loops.capacity(states.tolist()), rel=tolerance)


def test_is_minus_one_when_all_states_coincide():
    states = torch.tensor([0.6, 0.0, 0.8], dtype=torch.float64).expand(4, 5, 3)
    assert capacity(states).item() == pytest.approx(-1.0)


@pytest.mark.parametrize("units", [1, 2, 8])
def test_of_orthonormal_states_is_minus_one_over_their_number(units):
    assert capacity(torch.eye(units, dtype=torch.float64)[None]).item() == pytest.approx(-1 / units)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_lies_between_minus_one_and_zero_and_forgets_the_order(make_points, seed):
    states = make_points(seed=seed).states
    value = capacity(states).item()
    assert -1 <= value < 0
    shuffled = states.reshape(24, -1)[torch.randperm(24, generator=torch.Generator().manual_seed(seed))]
    assert capacity(shuffled.reshape(2, 12, -1)).item() == pytest.approx(value, rel=1e-12)


def test_gradient(make_points):
    states = make_points(2, 3, 4).states.clone().requires_grad_()
    assert torch.autograd.gradcheck(capacity, states)


def test_gradient_is_the_mean_state_times_minus_two_over_the_points(make_points):
    states = make_points(3, 5, 4).states.clone().requires_grad_()
    capacity(states).backward()
    expected = -2 / 15 * states.detach().mean(dim=(0, 1))
    torch.testing.assert_close(states.grad, expected.expand(3, 5, 4))
