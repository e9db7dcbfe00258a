import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.losses import separation

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}


def two_points(apart, states, dtype=torch.float64):
    positions = torch.tensor([[[0.0, 0.0]], [list(apart)]], dtype=dtype)
    return positions, torch.tensor(states, dtype=dtype)[:, None].requires_grad_()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(1, 7, 3), (5, 1, 4), (4, 6, 7)])
def test_equals_the_loops(make_points, reduction, dtype, shape):
    points = make_points(*shape, dtype=dtype)
    found = separation(points.positions, points.states, 0.05, 0.4, reduction)
    expected = by_loops.separation(points.positions.tolist(), points.states.tolist(), 0.05, 0.4, reduction)
    assert found.dtype == dtype
    assert found.shape == ()
    assert found.item() == pytest.approx(expected, rel=TOLERANCE[dtype])


@pytest.mark.parametrize(
    ("states", "squared"), [([[1, 0], [1, 0]], 0.0), ([[1, 0], [0, 1]], 2.0), ([[1, 0], [0.6, 0.8]], 0.8)]
)
def test_of_two_far_points(states, squared):
    value = separation(*two_points((1.0, 0.0), states), sigma_x=0.05, sigma_g=0.5)
    assert value.item() == pytest.approx(math.exp(-squared / 0.5), rel=1e-12)


def test_sum_counts_ordered_pairs():
    points = two_points((1.0, 0.0), [[1, 0], [1, 0]])
    assert separation(*points, 0.05, 0.4, "sum").item() == pytest.approx(2.0)
    assert separation(*points, 0.05, 0.4, "mean").item() == pytest.approx(1.0)


@pytest.mark.parametrize(("factor", "far"), [(1 - 1e-3, False), (1.0, False), (1 + 1e-3, True)])
def test_far_is_strictly_farther_than_sigma_x(factor, far):
    positions, states = two_points((3 / 16 * factor, 4 / 16 * factor), [[1, 0], [0.6, 0.8]])
    value = separation(positions, states, sigma_x=5 / 16, sigma_g=0.4)
    assert (value.item() > 0) == far


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_published_sigma_x_is_itself_not_far(dtype):
    # 0.05 has no exact binary form; at float32 it must be compared with its own rounding.
    assert separation(*two_points((0.05, 0.0), [[1, 0], [1, 0]], dtype), sigma_x=0.05, sigma_g=0.4).item() == 0.0


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shape", [(3, 2, 4), (1, 1, 4)])
def test_without_far_pairs_it_is_zero_and_flat(make_points, reduction, shape):
    points = make_points(*shape)
    states = points.states.clone().requires_grad_()
    value = separation(points.positions, states, 10.0, 0.4, reduction)
    value.backward()
    assert value.item() == 0.0
    assert not states.grad.any()


def test_gradient_of_coincident_states_is_zero():
    positions, states = two_points((1.0, 0.0), [[0.6, 0.8], [0.6, 0.8]])
    separation(positions, states, 0.05, 0.4).backward()
    assert torch.equal(states.grad, torch.zeros_like(states))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_gradient(make_points, reduction):
    points = make_points(3, 4, 3)
    states = points.states.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda g: separation(points.positions, g, 0.05, 0.4, reduction), states)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), angle=st.floats(0, 2 * math.pi), sigma_g=st.floats(0.05, 3.0))
def test_depends_on_distances_alone(make_points, seed, angle, sigma_g):
    points = make_points(seed=seed)
    value = separation(points.positions, points.states, 0.05, sigma_g)
    assert 0 <= value <= 1
    generator = torch.Generator().manual_seed(seed)
    turned = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).double()
    rotation = torch.linalg.qr(torch.randn(7, 7, generator=generator, dtype=torch.float64)).Q
    shuffled = torch.randperm(24, generator=generator)

    def move(x, by):
        return (x @ by).reshape(24, -1)[shuffled].reshape(x.shape)

    moved = separation(move(points.positions, turned) + 3.0, move(points.states, rotation), 0.05, sigma_g)
    assert moved.item() == pytest.approx(value.item(), rel=1e-9)


def test_wider_sigma_g_separates_more_strictly(make_points):
    points = make_points()
    values = [separation(points.positions, points.states, 0.05, sigma_g).item() for sigma_g in (0.1, 0.2, 0.4, 0.8)]
    assert values == sorted(values)
    assert values[0] < values[-1]
