import pytest
import torch

import by_loops
from batches import batch_of
from sicgrid.model import TransitionMLP, VelocityRNN

KERNELS = ["reference", "numba"]


def make(seed=0, **settings):
    torch.manual_seed(seed)
    return VelocityRNN(**{"units": 6, "hidden": 8, "velocity_scale": 0.15, **settings}).double()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("initialization", ["default", "identity"])
@pytest.mark.parametrize("shape", [(4, 5), (1, 5), (4, 1)])
def test_states_equal_the_loops(kernels, initialization, shape):
    rnn, batch = make(initialization=initialization, kernels=kernels), batch_of(*shape)
    # The MLP gives the transpose of the paper's W.
    matrices = rnn.transition(batch.velocities).transpose(-1, -2).tolist()
    expected = by_loops.rollout(
        lambda b, t: matrices[b][t], batch.velocities.tolist(), rnn(batch.velocities).initial_state.tolist()
    )
    for rollout in (rnn(batch.velocities), rnn(batch.distinct, batch.order)):
        torch.testing.assert_close(rollout.states, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("order", [[[0, 0, 1], [2, 2, 2]], [[1, 0], [2, 1]], [[0, 1, 2, 0, 1, 2]]])
def test_order_need_not_be_a_permutation(kernels, order):
    rnn, order = make(kernels=kernels), torch.tensor(order)
    distinct = batch_of(length=3).distinct
    torch.testing.assert_close(rnn(distinct, order).states, rnn(distinct[order]).states)


def test_matrices_are_made_once_for_each_distinct_velocity():
    rnn, batch, seen = make(), batch_of(batch_size=7, length=5), []
    rnn.transition.register_forward_hook(lambda module, inputs, output: seen.append(output.shape[:-2].numel()))
    rnn(batch.distinct, batch.order)
    assert sum(seen) == 5


@pytest.mark.parametrize("kernels", KERNELS)
def test_states_are_non_negative_unit_vectors(kernels):
    rnn, batch = make(units=20, kernels=kernels), batch_of(8, 30)
    rollout = rnn(batch.distinct, batch.order)
    for states in rollout:
        assert (states >= 0).all()
        torch.testing.assert_close(states.norm(dim=-1), torch.ones(states.shape[:-1], dtype=torch.float64))


@pytest.mark.parametrize("kernels", KERNELS)
def test_silent_network_is_uniform_and_has_no_gradient(kernels):
    rnn, batch = make(kernels=kernels), batch_of()
    with torch.no_grad():
        for parameter in rnn.transition.parameters():
            parameter.zero_()
        rnn.transition.mlp[-1].bias.fill_(-1.0)
    states = rnn(batch.distinct, batch.order).states
    torch.testing.assert_close(states, torch.full_like(states, 6**-0.5))
    states.sum().backward()
    assert not any(parameter.grad is not None and parameter.grad.any() for parameter in rnn.parameters())


def test_identity_that_ignores_velocity_stands_still():
    rnn, batch = make(initialization="identity"), batch_of()
    with torch.no_grad():
        last = rnn.transition.mlp[-1]
        last.weight.zero_()
        last.bias.copy_(torch.eye(6).flatten())
    rollout = rnn(batch.distinct, batch.order)
    torch.testing.assert_close(rollout.states, rollout.initial_state.expand_as(rollout.states))


@pytest.mark.parametrize("trained", [True, False])
def test_initial_state_is_trained_only_if_asked(trained):
    rnn, batch = make(train_initial_state=trained, initialization="identity"), batch_of()
    weights = torch.arange(6.0, dtype=torch.float64)
    (rnn(batch.distinct, batch.order).states @ weights).sum().backward()
    trainable = {name: parameter for name, parameter in rnn.named_parameters() if parameter.requires_grad}
    inside_mlp = {name for name in trainable if name.startswith("transition.")}
    assert len(trainable) == len(inside_mlp) + trained
    for name in trainable.keys() - inside_mlp:
        assert trainable[name].grad.any()


def test_published_sizes_are_the_default():
    config = VelocityRNN().config
    assert (config.units, config.layers, config.initialization, config.velocity_scale) == (128, 3, "default", 1.0)


@pytest.mark.parametrize("setting", [{"units": 0}, {"layers": 0}, {"velocity_scale": 0.0}, {"hidden": -1}])
def test_impossible_settings_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=name):
        VelocityRNN(**setting)


@pytest.mark.usefixtures("unchecked")
def test_unknown_initialization_is_refused():
    with pytest.raises(ValueError, match="initialization"):
        VelocityRNN(initialization="xavier")


def test_a_step_of_ones_own_is_the_one_that_walks():
    class Still(VelocityRNN):
        def step(self, state, velocity):
            return state

    states = torch.rand(4, 6)
    assert torch.equal(Still(units=6, hidden=8).stepper()(states, torch.rand(4, 2)), states)


def test_so_is_a_transition_of_ones_own():
    class Doubled(TransitionMLP):
        def forward(self, velocities):
            return 2 * super().forward(velocities)

    rnn = VelocityRNN(units=6, hidden=8)
    rnn.transition = Doubled(6, 8)
    states, velocities = torch.rand(4, 6), torch.rand(4, 2)
    assert torch.equal(rnn.stepper()(states, velocities), rnn.step(states, velocities))


def test_steps_are_short_by_their_memory_or_where_silent_units_are_left_out():
    rnn = VelocityRNN(units=128, hidden=64)
    assert rnn.has_short_steps(800)
    assert not VelocityRNN(units=128, hidden=64, kernels="reference").has_short_steps(800)
    assert VelocityRNN(units=128, hidden=64, kernels="reference").has_short_steps(200)
    assert not rnn.to(torch.bfloat16).has_short_steps(800)
