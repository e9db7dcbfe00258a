import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.model import local_norm_relu, neighborhood, norm_relu

SHEETS = ["ring", "line"]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize("norm_range", [0.3, 1.0, 4.0, 50.0])
@pytest.mark.parametrize("units", [1, 2, 7, 12])
def test_equals_the_loops(units, norm_range, sheet):
    z = draw(5, units)
    expected = [by_loops.local_norm_relu(row, norm_range, sheet == "line") for row in z.tolist()]
    found = local_norm_relu(z, neighborhood(units, norm_range, sheet))
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=1e-12, atol=1e-14)


def test_two_units_by_hand():
    """r = (3, 1), K = (a, b; b, a): h = (3 / sqrt(9 a + b), 1 / sqrt(9 b + a))."""
    near = 1 / (1 + math.exp(-0.5))
    h = torch.tensor([3 / math.sqrt(9 * near + (1 - near)), 1 / math.sqrt(9 * (1 - near) + near)], dtype=torch.float64)
    found = local_norm_relu(torch.tensor([3.0, 1.0], dtype=torch.float64), neighborhood(2, 1.0))
    torch.testing.assert_close(found, h / h.norm())


@pytest.mark.parametrize("sheet", SHEETS)
def test_weights_fall_with_the_places_between_and_sum_to_one(sheet):
    weights = neighborhood(8, 1.5, sheet)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(8, dtype=torch.float64))
    assert torch.equal(weights[0].argsort(descending=True)[0], torch.tensor(0))
    torch.testing.assert_close(
        weights[0, 1] / weights[0, 0], torch.tensor(math.exp(-0.5 / 1.5**2), dtype=torch.float64)
    )
    # On a ring the last unit is the first one's neighbor.
    assert (weights[0, 7] == weights[0, 1]) == (sheet == "ring")


@pytest.mark.parametrize("sheet", SHEETS)
def test_with_a_very_large_range_it_is_norm_relu(sheet):
    z = draw(20, 9)
    torch.testing.assert_close(local_norm_relu(z, neighborhood(9, 1e6, sheet)), norm_relu(z))


def test_far_parts_of_the_ring_do_not_compete():
    """Activity of one half times 1,000 leaves the other half's share as it is, where NormReLU would silence it."""
    z = draw(3, 80).abs()
    louder = z.clone()
    louder[:, 40:] *= 1000
    weights = neighborhood(80, 1.0)
    middle = slice(10, 30)
    before, after = (local_norm_relu(one, weights)[:, middle].square().sum(dim=1) for one in (z, louder))
    torch.testing.assert_close(before, after, rtol=0.2, atol=0)
    assert (norm_relu(louder)[:, middle].square().sum(dim=1) < 1e-5).all()


@settings(deadline=None, max_examples=40)
@given(units=st.integers(1, 12), seed=st.integers(0, 99), reach=st.floats(0.1, 30), scale=st.floats(1e-3, 1e3))
def test_states_are_non_negative_unit_vectors_that_no_common_factor_changes(units, seed, reach, scale):
    z, weights = draw(4, units, seed=seed), neighborhood(units, reach)
    states = local_norm_relu(z, weights)
    assert (states >= 0).all()
    torch.testing.assert_close(states.norm(dim=-1), torch.ones(4, dtype=torch.float64))
    torch.testing.assert_close(local_norm_relu(scale * z, weights), states)


def test_silence_is_the_uniform_state_without_gradient():
    z = -torch.ones(2, 4, dtype=torch.float64)
    z[1, 2] = 1.0
    z.requires_grad_()
    states = local_norm_relu(z, neighborhood(4, 0.5))
    torch.testing.assert_close(states[0], torch.full((4,), 0.5, dtype=torch.float64))
    states.square().sum().backward()
    assert torch.equal(z.grad[0], torch.zeros(4, dtype=torch.float64))
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("sheet", SHEETS)
def test_gradient_by_differences(sheet):
    z = draw(3, 6).requires_grad_()
    assert torch.autograd.gradcheck(lambda z: local_norm_relu(z, neighborhood(6, 1.2, sheet)), z)
