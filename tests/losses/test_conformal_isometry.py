import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.losses import conformal_isometry

TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-10}


def lists(*tensors):
    return [x.tolist() for x in tensors]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(1, 7, 3), (5, 1, 4), (4, 6, 7)])
def test_equals_the_loops(make_points, dtype, shape):
    points = make_points(*shape, dtype=dtype)
    found = conformal_isometry(points.velocities, points.states, points.initial_state, 0.05)
    velocities, states, initial_state = lists(points.velocities, points.states, points.initial_state)
    assert found.dtype == dtype
    assert found.shape == ()
    expected = by_loops.conformal_isometry(velocities, states, initial_state, 0.05)
    assert found.item() == pytest.approx(expected, rel=TOLERANCE[dtype], abs=1e-12)


def path(lengths, changes):
    """One trajectory along x with steps of these lengths, whose state moves along one axis by these changes."""
    velocities = torch.tensor([[[length, 0.0] for length in lengths]], dtype=torch.float64)
    states = torch.tensor(changes, dtype=torch.float64).cumsum(0)[None, :, None].requires_grad_()
    return velocities, states, torch.zeros(1, dtype=torch.float64)


def test_of_two_steps_is_the_square_of_half_the_ratios_difference():
    # Ratios 0.1/0.02 = 5 (from the initial state) and 0.3/0.03 = 10.
    assert conformal_isometry(*path([0.02, 0.03], [0.1, 0.3]), 0.05).item() == pytest.approx(6.25)


def test_vanishes_when_states_move_in_proportion_to_the_step():
    assert conformal_isometry(*path([0.02, 0.04, 0.01], [0.1, -0.2, 0.05]), 0.05).item() == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("odd", [0.0, 5 / 64, 0.2])
def test_steps_of_zero_of_sigma_x_and_longer_do_not_count(odd):
    # sigma_x = 5/64 exactly; were the odd step's ratio counted, the variance would not be that of 5 and 10.
    value = conformal_isometry(*path([0.02, odd, 0.03], [0.1, 7.0, 0.3]), 5 / 64)
    assert value.item() == pytest.approx(6.25)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_published_sigma_x_is_itself_not_short(dtype):
    velocities, states, initial_state = (x.detach().to(dtype) for x in path([0.02, 0.05, 0.03], [0.1, 7.0, 0.3]))
    assert conformal_isometry(velocities, states, initial_state, 0.05).item() == pytest.approx(6.25, rel=1e-4)


@pytest.mark.parametrize("lengths", [[0.1, 0.2], [0.0, 0.0], [0.1, 0.02]])
def test_no_or_one_short_step_is_zero_and_flat(lengths):
    velocities, states, initial_state = path(lengths, [0.1, 0.3])
    value = conformal_isometry(velocities, states, initial_state, 0.05)
    value.backward()
    assert value.item() == 0.0
    assert not states.grad.any()


def test_state_that_does_not_move_has_a_finite_gradient():
    velocities, states, initial_state = path([0.02, 0.03, 0.01], [0.0, 0.3, 0.0])
    initial_state.requires_grad_()
    conformal_isometry(velocities, states, initial_state, 0.05).backward()
    assert states.grad.isfinite().all()
    assert initial_state.grad.isfinite().all()
    # Ratios 0, 10, 0: only the middle step has a slope, 2/3 (10 - 10/3) / 0.03, and the ends of no other step move.
    slope = 2 / 3 * (10 - 10 / 3) / 0.03
    torch.testing.assert_close(states.grad.flatten(), torch.tensor([-slope, slope, 0.0], dtype=torch.float64))
    assert initial_state.grad.item() == 0.0


def test_when_nothing_moves_it_is_zero_and_flat():
    velocities, states, initial_state = path([0.02, 0.03], [0.0, 0.0])
    value = conformal_isometry(velocities, states, initial_state, 0.05)
    value.backward()
    assert value.item() == 0.0
    assert torch.equal(states.grad, torch.zeros_like(states))


def test_gradient_reaches_states_and_initial_state(make_points):
    points = make_points(3, 4, 3)
    variables = points.states.clone().requires_grad_(), points.initial_state.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda g, g0: conformal_isometry(points.velocities, g, g0, 0.05), variables)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), scale=st.floats(0.1, 10.0))
def test_is_not_negative_and_scales_with_the_squares_of_both_units(make_points, seed, scale):
    points = make_points(seed=seed)
    value = conformal_isometry(points.velocities, points.states, points.initial_state, 0.05).item()
    assert value >= 0
    states = conformal_isometry(points.velocities, scale * points.states, scale * points.initial_state, 0.05)
    assert states.item() == pytest.approx(scale**2 * value, rel=1e-9)
    steps = conformal_isometry(scale * points.velocities, points.states, points.initial_state, scale * 0.05)
    assert steps.item() == pytest.approx(value / scale**2, rel=1e-9)
