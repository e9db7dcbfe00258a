import pytest
import torch

from sicgrid.model import RNNStack, VelocityRNN
from sicgrid.trajectories import PermutedVelocities

KERNELS = ["reference", "numba"]


def members_of(count, kernels="reference", dtype=torch.float64, **settings):
    torch.manual_seed(0)
    given = {"units": 9, "hidden": 7, "initialization": "identity", "velocity_scale": 0.15, **settings}
    return [VelocityRNN(**given, kernels=kernels).to(dtype) for _ in range(count)]


def batch_of(count, dtype=torch.float64):
    generators = [torch.Generator().manual_seed(seed) for seed in range(count)]
    return PermutedVelocities(batch_size=5, length=6, dtype=dtype).sample_each(generators)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("settings", [{}, {"activation": "gelu", "layers": 2}, {"train_initial_state": True}])
def test_each_network_walks_and_learns_as_if_alone(kernels, settings):
    alone, stacked = (members_of(3, kernels, **settings) for _ in range(2))
    stack, batch = RNNStack(stacked), batch_of(3)
    weights = torch.randn(3, 5, 6, 9, dtype=torch.float64)
    rollout = stack(batch.distinct, batch.order)
    (rollout.states * weights).sum().backward()
    stack.hand_out_gradients()
    for k, rnn in enumerate(alone):
        expected = rnn(batch.distinct[k], batch.order[k])
        (expected.states * weights[k]).sum().backward()
        torch.testing.assert_close(rollout.states[k], expected.states)
        torch.testing.assert_close(rollout.initial_state[k], expected.initial_state)
        for one, other in zip(rnn.parameters(), stacked[k].parameters(), strict=True):
            assert (one.grad is None) == (other.grad is None)
            if one.grad is not None:
                torch.testing.assert_close(other.grad, one.grad)


def test_what_is_learned_is_in_the_members_at_once():
    members = members_of(2)
    stack = RNNStack(members)
    with torch.no_grad():
        next(members[1].transition.parameters()).add_(1.0)
    changed = stack.weights["transition.mlp.0.weight"]
    assert torch.equal(changed[1], members[1].transition.mlp[0].weight)
    assert not torch.equal(changed[0], changed[1])


def test_members_still_work_alone_and_can_be_loaded():
    members, others = members_of(2), members_of(3)
    RNNStack(members)
    members[0].load_state_dict(others[2].state_dict())
    batch = batch_of(1)
    torch.testing.assert_close(
        members[0](batch.distinct[0], batch.order[0]).states, others[2](batch.distinct[0], batch.order[0]).states
    )


def test_clipping_is_each_networks_own():
    alone, stacked = members_of(3), members_of(3)
    stack, batch = RNNStack(stacked), batch_of(3)
    stack(batch.distinct, batch.order).states.sum().backward()
    bounds = torch.tensor([1e-2, float("inf"), 0.5], dtype=torch.float64)
    norms = stack.clip_gradients(bounds)
    stack.hand_out_gradients()
    for k, rnn in enumerate(alone):
        rnn(batch.distinct[k], batch.order[k]).states.sum().backward()
        norm = torch.nn.utils.clip_grad_norm_(rnn.parameters(), float(bounds[k]))
        torch.testing.assert_close(norms[k], norm)
        for one, other in zip(rnn.transition.parameters(), stacked[k].transition.parameters(), strict=True):
            torch.testing.assert_close(other.grad, one.grad)
    stack.forget_gradients()
    assert all(parameter.grad is None for member in stacked for parameter in member.parameters())


def test_networks_that_differ_are_refused():
    one, other = members_of(1)[0], members_of(1, units=8)[0]
    with pytest.raises(ValueError, match="equal settings"):
        RNNStack([one, other])
    with pytest.raises(ValueError, match="equal dtype"):
        RNNStack([one, members_of(1, dtype=torch.float32)[0]])
    with pytest.raises(ValueError, match="at least one"):
        RNNStack([])
