import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from sicgrid.kernels import rollout

TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-10}
SHAPES = [(1, 1, 1), (1, 7, 3), (5, 1, 4), (4, 6, 7), (13, 5, 16), (3, 30, 33)]


def make(batch, time, units, dtype=torch.float64, seed=0):
    """Random matrices, some near the identity, random orders and a unit initial state with silent units."""
    generator = torch.Generator().manual_seed(seed)
    matrices = torch.randn(time, units, units, generator=generator, dtype=torch.float64) / units**0.5
    matrices[::2] = 0.3 * matrices[::2] + torch.eye(units, dtype=torch.float64)
    order = torch.rand(batch, time, generator=generator).argsort(dim=1)
    start = torch.randn(units, generator=generator, dtype=torch.float64).relu() + 1e-3
    start[1::3] = 0.0
    return matrices.to(dtype), order, (start / start.norm()).to(dtype)


def plain(matrices, order, initial_state):
    """The recurrence in ordinary differentiable operations, one trajectory after the other."""
    uniform = torch.full_like(initial_state, len(initial_state) ** -0.5)
    trajectories = []
    for row in order.tolist():
        state, states = initial_state, []
        for k in row:
            rectified = torch.relu(state @ matrices[k])
            state = rectified / rectified.norm() if rectified.any() else uniform
            states.append(state)
        trajectories.append(torch.stack(states))
    return torch.stack(trajectories)


def assert_agree(matrices, order, initial_state, upstream=2.0):
    tolerance = TOLERANCE[matrices.dtype]
    results = []
    for function in (rollout, plain):
        variables = matrices.clone().requires_grad_(), initial_state.clone().requires_grad_()
        states = function(variables[0], order, variables[1])
        weights = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).view_as(states)
        gradients = torch.autograd.grad(upstream * (states * weights).sum(), variables, allow_unused=True)
        empty = [torch.zeros_like(variable) for variable in variables]
        results.append(
            [states.detach(), *(zero if grad is None else grad for grad, zero in zip(gradients, empty, strict=True))]
        )
    for found, expected in zip(*results, strict=True):
        assert found.dtype == matrices.dtype
        scale = max(1.0, expected.abs().max().item())
        torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_plain_recurrence_in_value_and_gradient(shape, dtype):
    assert_agree(*make(*shape, dtype=dtype))


def test_equals_the_loops():
    matrices, order, start = make(4, 6, 5)
    transposed = matrices.transpose(1, 2).tolist()
    rows = order.tolist()
    velocities = [[None] * 6 for _ in rows]
    expected = by_loops.rollout(lambda b, t: transposed[rows[b][t]], velocities, start.tolist())
    torch.testing.assert_close(rollout(matrices, order, start), torch.tensor(expected, dtype=torch.float64))


def test_gradient_by_differences():
    matrices, order, start = make(3, 4, 4)
    variables = matrices.requires_grad_(), (start + 0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda m, g: rollout(m, order, g), variables)


@settings(deadline=None, max_examples=30)
@given(batch=st.integers(1, 6), time=st.integers(1, 8), units=st.integers(1, 9), seed=st.integers(0, 2**32))
def test_equals_the_plain_recurrence_for_any_layout(batch, time, units, seed):
    assert_agree(*make(batch, time, units, seed=seed))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("silenced", [0, 2, 5])
def test_silent_step_gives_the_uniform_state_and_stops_the_gradient(dtype, silenced):
    matrices, _, start = make(1, 6, 5, dtype=dtype)
    matrices[silenced] = -1.0
    order = torch.arange(6)[None]
    states = rollout(matrices, order, start)
    torch.testing.assert_close(states[0, silenced], torch.full((5,), 5**-0.5, dtype=dtype))
    assert_agree(matrices, order, start)


@pytest.mark.parametrize("wanted", [(True, False), (False, True)])
def test_gradient_only_where_wanted(wanted):
    matrices, order, start = make(3, 4, 5)
    matrices.requires_grad_(wanted[0])
    start.requires_grad_(wanted[1])
    rollout(matrices, order, start)[:, -1, 0].sum().backward()
    assert (matrices.grad is not None, start.grad is not None) == wanted


def test_inputs_that_are_views():
    matrices, order, start = make(4, 6, 5)
    stored = matrices.transpose(1, 2).contiguous().transpose(1, 2)
    wide = torch.zeros(4, 12, dtype=torch.int64)
    wide[:, ::2] = order
    doubled = torch.stack([start, start], dim=1)[:, 0]
    assert not stored.is_contiguous()
    torch.testing.assert_close(rollout(stored, wide[:, ::2], doubled), rollout(matrices, order, start))
    assert_agree(stored, wide[:, ::2], doubled)


def test_same_bits_twice():
    results = []
    for _ in range(2):
        matrices, order, start = make(20, 9, 24, dtype=torch.float32)
        matrices.requires_grad_()
        states = rollout(matrices, order, start)
        states.square().sum().backward()
        results.append((states.detach(), matrices.grad))
    assert all(torch.equal(one, other) for one, other in zip(*results, strict=True))


def test_states_that_diverged_are_not_hidden():
    matrices, order, start = make(2, 4, 5)
    matrices[2, :, 1] = float("nan")
    assert rollout(matrices, order, start).isnan().any()


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(5, 9, 7), (20, 9, 24), (3, 1, 5)])
def test_each_of_several_networks_has_the_bits_that_it_has_alone(shape, dtype):
    alone = [make(*shape, dtype=dtype, seed=seed) for seed in range(3)]
    weights = torch.randn(3, *shape, generator=torch.Generator().manual_seed(9)).to(dtype)

    def walk(matrices, order, start, upstream):
        variables = matrices.clone().requires_grad_(), start.clone().requires_grad_()
        states = rollout(variables[0], order, variables[1])
        return states.detach(), *torch.autograd.grad((states * upstream).sum(), variables)

    together = walk(*(torch.stack(values) for values in zip(*alone, strict=True)), weights)
    for k, one in enumerate(alone):
        for found, expected in zip(together, walk(*one, weights[k]), strict=True):
            assert torch.equal(found[k], expected)
