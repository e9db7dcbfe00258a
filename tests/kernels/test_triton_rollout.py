"""The rollout's GPU kernel, on a GPU or run by Triton's interpreter, which takes milliseconds for each step."""

import pytest
import torch

from interpreted_kernels import THERE, rollout, rollouts
from sicgrid.model import norm_relu

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
# networks, batch, time, units
SHAPES = [(1, 1, 1, 1), (3, 2, 5, 3), (1, 5, 6, 16), (3, 1, 4, 21)]


def make(networks, batch, time, units, dtype=torch.float64, seed=0):
    """Random matrices, some near the identity, random orders, and initial states with zeros and negative entries."""
    generator = torch.Generator().manual_seed(seed)
    matrices = torch.randn(networks, time, units, units, generator=generator, dtype=torch.float64) / units**0.5
    matrices[:, ::2] = 0.3 * matrices[:, ::2] + torch.eye(units, dtype=torch.float64)
    order = torch.rand(networks, batch, time, generator=generator).argsort(dim=-1)
    start = torch.randn(networks, units, generator=generator, dtype=torch.float64)
    start[:, 1::3] = 0.0
    return matrices.to(dtype), order, start.to(dtype)


def reference(matrices, order, start):
    """The model's loop for one network after the other."""
    states = []
    for transitions, rows, initial in zip(matrices, order, start, strict=True):
        state, walked = initial.expand(len(rows), -1), []
        for t in range(rows.shape[1]):
            state = norm_relu(torch.bmm(state[:, None], transitions[rows[:, t]])[:, 0])
            walked.append(state)
        states.append(torch.stack(walked, dim=1))
    return torch.stack(states)


def assert_agree(matrices, order, start, upstream=2.0):
    tolerance = TOLERANCE[matrices.dtype]
    results = []
    for function in (rollout, reference):
        variables = matrices.clone().requires_grad_(), start.clone().requires_grad_()
        states = function(variables[0], order, variables[1])
        weights = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).view_as(states)
        results.append([states.detach(), *torch.autograd.grad(upstream * (states * weights).sum(), variables)])
    for found, expected in zip(*results, strict=True):
        assert found.dtype == matrices.dtype
        scale = max(1.0, expected.abs().max().item())
        torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance * scale)
    return results[0]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_reference_in_value_and_gradient(shape, dtype):
    assert_agree(*make(*shape, dtype=dtype))


def test_matrices_that_are_read_piece_by_piece(monkeypatch):
    # As those of more than 128 units are.
    monkeypatch.setattr(rollouts, "TILE", 64)
    assert_agree(*make(1, 1, 2, 21))


def test_gradient_by_differences():
    matrices, order, start = make(1, 2, 2, 2)
    variables = matrices.requires_grad_(), (start.abs() + 0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda m, g: rollout(m, order, g), variables)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("silenced", [0, 2, 3])
def test_silent_step_gives_the_uniform_state_and_stops_the_gradient(dtype, silenced):
    matrices, _, start = make(1, 1, 4, 5, dtype=dtype)
    matrices[0, silenced] = -1.0
    order = torch.arange(4)[None, None]
    start = start.abs() + 0.1
    states, d_matrices, _ = assert_agree(matrices, order, start)
    torch.testing.assert_close(states[0, 0, silenced], torch.full((5,), 5**-0.5, dtype=dtype))
    assert not d_matrices[0, silenced].any()


def test_one_network_without_the_axis():
    matrices, order, start = make(1, 3, 4, 5)
    alone = rollout(matrices[0], order[0], start[0])
    assert alone.shape == (3, 4, 5)
    assert torch.equal(alone, rollout(matrices, order, start)[0])


def test_inputs_that_are_views():
    matrices, order, start = make(2, 3, 4, 5)
    stored = matrices.transpose(2, 3).contiguous().transpose(2, 3)
    wide = torch.zeros(2, 3, 8, dtype=torch.int64)
    wide[..., ::2] = order
    assert not stored.is_contiguous()
    assert_agree(stored, wide[..., ::2], torch.stack([start, start], dim=-1)[..., 0])


def test_states_that_diverged_are_not_hidden():
    matrices, order, start = make(1, 2, 3, 5)
    matrices[0, 1, :, 1] = float("nan")
    assert rollout(matrices, order, start).isnan().any()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_where_walks_start_is_the_models(dtype):
    start = torch.randn(3, 21, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    start[1] = -start[1].abs()  # no unit is active
    found = rollouts.initial_states(start.to(THERE), 2).cpu()
    expected = norm_relu(start).repeat_interleave(2, dim=0)
    torch.testing.assert_close(found, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
