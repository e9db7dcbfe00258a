import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.losses import invariance

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


def two_points(apart, states, dtype=torch.float64):
    positions = torch.tensor([[[0.0, 0.0]], [list(apart)]], dtype=dtype)
    return positions, torch.tensor(states, dtype=dtype)[:, None].requires_grad_()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(1, 7, 3), (5, 1, 4), (4, 6, 7)])
def test_equals_the_loops(make_points, reduction, dtype, shape):
    points = make_points(*shape, dtype=dtype)
    found = invariance(points.positions, points.states, 0.05, reduction)
    expected = by_loops.invariance(points.positions.tolist(), points.states.tolist(), 0.05, reduction)
    assert expected > 0
    assert found.dtype == dtype
    assert found.shape == ()
    assert found.item() == pytest.approx(expected, rel=TOLERANCE[dtype])


@pytest.mark.parametrize(
    ("states", "squared"), [([[1, 0], [1, 0]], 0.0), ([[1, 0], [0, 1]], 2.0), ([[1, 0], [0.6, 0.8]], 0.8)]
)
def test_of_two_near_points(states, squared):
    points = two_points((0.01, 0.0), states)
    assert invariance(*points, sigma_x=0.05).item() == pytest.approx(squared, abs=1e-12)
    assert invariance(*points, sigma_x=0.05, reduction="sum").item() == pytest.approx(2 * squared, abs=1e-12)


@pytest.mark.parametrize(("factor", "near"), [(1 - 1e-3, True), (1.0, False), (1 + 1e-3, False)])
def test_near_is_strictly_nearer_than_sigma_x(factor, near):
    positions, states = two_points((3 / 16 * factor, 4 / 16 * factor), [[1, 0], [0.6, 0.8]])
    assert (invariance(positions, states, sigma_x=5 / 16).item() > 0) == near


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_published_sigma_x_is_itself_not_near(dtype):
    assert invariance(*two_points((0.05, 0.0), [[1, 0], [0, 1]], dtype), sigma_x=0.05).item() == 0.0


def test_end_points_equal_up_to_rounding_are_near(make_points):
    states = make_points(4, 1, 5, dtype=torch.float32).states
    end = torch.tensor([0.7, -1.3])
    up, down = (torch.nextafter(end, end + way) for way in (1.0, -1.0))
    ends = torch.stack([end, up, down, torch.nextafter(up, up + 1.0)])[:, None]
    expected = by_loops.invariance([[[0.0, 0.0]]] * 4, states.tolist(), 0.05)
    assert invariance(ends, states, 0.05).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shape", [(3, 2, 4), (1, 1, 4)])
def test_without_near_pairs_it_is_zero_and_flat(make_points, reduction, shape):
    points = make_points(*shape)
    positions = torch.arange(shape[0] * shape[1] * 2, dtype=torch.float64).reshape(*shape[:2], 2)
    states = points.states.clone().requires_grad_()
    value = invariance(positions, states, 0.05, reduction)
    value.backward()
    assert value.item() == 0.0
    assert not states.grad.any()


def test_gradient_of_coincident_states_is_zero():
    positions, states = two_points((0.0, 0.0), [[0.6, 0.8], [0.6, 0.8]])
    invariance(positions, states, 0.05).backward()
    assert torch.equal(states.grad, torch.zeros_like(states))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_gradient(make_points, reduction):
    points = make_points(3, 4, 3)
    states = points.states.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda g: invariance(points.positions, g, 0.05, reduction), states)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), angle=st.floats(0, 2 * math.pi), scale=st.floats(0.1, 10.0))
def test_depends_on_distances_alone_and_scales_with_their_square(make_points, seed, angle, scale):
    points = make_points(seed=seed)
    value = invariance(points.positions, points.states, 0.05)
    assert 0 <= value <= 2
    turned = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).double()
    shuffled = torch.randperm(24, generator=torch.Generator().manual_seed(seed))

    def move(x):
        return x.reshape(24, -1)[shuffled].reshape(x.shape)

    moved = invariance(move(points.positions @ turned) - 1.0, scale * move(points.states), 0.05)
    assert moved.item() == pytest.approx(scale**2 * value.item(), rel=1e-9)


def test_vanishes_for_a_code_of_the_place_alone():
    x = torch.tensor([[[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]], dtype=torch.float64)
    code = torch.stack([torch.cos(x[..., 0]), torch.sin(x[..., 0])], dim=-1)
    assert invariance(x, code, 0.05).item() == 0.0
