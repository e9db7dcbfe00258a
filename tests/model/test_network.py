"""What holds for every kind of network."""

import pytest
import torch

from batches import batch_of
from sicgrid.model import ModelConfig, Network, Rollout, make_network

KERNELS = ["reference", "numba"]
POPULATIONS = {
    "one": {"units": 6, "hidden": 8},
    "three": {"populations": 3, "units": 14, "hidden": 5, "initialization": "identity"},
    "ring": {"units": 9, "hidden": 5, "coupling_range": 2, "norm_range": 1.5},
    "line": {"units": 9, "hidden": 5, "coupling_range": 2, "norm_range": 1.5, "sheet": "line"},
}


def make(populations, seed=0, kernels="reference", **given):
    torch.manual_seed(seed)
    settings = {"velocity_scale": 0.15, **POPULATIONS[populations], **given}
    return make_network(ModelConfig(**settings), kernels=kernels).double()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("populations", POPULATIONS)
def test_distinct_velocities_with_an_order_are_the_same_walk_with_the_same_gradient(populations, kernels):
    batch, results = batch_of(), []
    for inputs in [(batch.velocities,), (batch.distinct, batch.order)]:
        rnn = make(populations, train_initial_state=True, kernels=kernels)
        states = rnn(*inputs).states
        (states * torch.linspace(-1, 1, states.numel(), dtype=torch.float64).view_as(states)).sum().backward()
        results.append([states, *(parameter.grad for parameter in rnn.parameters())])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("populations", POPULATIONS)
def test_step_by_step_is_the_rollout(populations):
    rnn, batch = make(populations), batch_of()
    rollout = rnn(batch.velocities)
    state = rollout.initial_state.expand(4, -1)
    for t in range(5):
        state = rnn.step(state, batch.velocities[:, t])
        torch.testing.assert_close(state, rollout.states[:, t])


@pytest.mark.parametrize("populations", POPULATIONS)
def test_stepper_steps_alike(populations):
    rnn, batch = make(populations), batch_of()
    states, velocities = rnn(batch.velocities).states[:, 2].detach(), batch.velocities[:, 3]
    expected, take_step = rnn.step(states, velocities), rnn.stepper()
    torch.testing.assert_close(take_step(states, velocities), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("populations", POPULATIONS)
def test_many_states_take_a_step_at_one_velocity(populations):
    rnn, batch = make(populations), batch_of()
    states = rnn(batch.velocities).states.transpose(0, 1)
    together = rnn.step(states, batch.velocities[:, 0])
    for one, stepped in zip(states, together, strict=True):
        torch.testing.assert_close(stepped, rnn.step(one, batch.velocities[:, 0]))


@pytest.mark.parametrize("populations", POPULATIONS)
def test_device_and_dtype_are_those_of_the_weights(populations):
    rnn = make_network(ModelConfig(**POPULATIONS[populations]))
    assert (rnn.device, rnn.dtype) == (torch.device("cpu"), torch.float32)
    assert rnn.double().dtype == rnn.initial_state.dtype == torch.float64
    assert rnn.to("meta").device == rnn.initial_state.device == torch.device("meta")


@pytest.mark.parametrize("populations", POPULATIONS)
def test_saved_state_brings_everything_along(populations):
    one, other, batch = make(populations, seed=0), make(populations, seed=1), batch_of()
    assert not torch.equal(one(batch.velocities).states, other(batch.velocities).states)
    other.load_state_dict(one.state_dict())
    for found, expected in zip(other(batch.velocities), one(batch.velocities), strict=True):
        assert torch.equal(found, expected)


@pytest.mark.parametrize("inputs", [((5, 2), None), ((4, 5, 3), None), ((4, 5, 2), (4, 5)), ((5, 2), (5,))])
@pytest.mark.parametrize("populations", POPULATIONS)
@pytest.mark.usefixtures("unchecked")
def test_shapes_that_do_not_fit_are_refused(populations, inputs):
    velocities, order = inputs
    order = None if order is None else torch.zeros(order, dtype=torch.int64)
    with pytest.raises(ValueError, match="must have shape"):
        make(populations)(torch.zeros(velocities).double(), order)


@pytest.mark.parametrize("populations", POPULATIONS)
def test_states_stay_where_they_are_and_disturbed_ones_come_back_to_unit_vectors(populations):
    rnn, batch = make(populations), batch_of()
    states = rnn(batch.velocities).states
    torch.testing.assert_close(rnn.project(states), states)
    disturbed = rnn.project(states + 0.3 * torch.randn(states.shape, dtype=states.dtype))
    assert (disturbed >= 0).all()
    torch.testing.assert_close(disturbed.norm(dim=-1), torch.ones(disturbed.shape[:-1], dtype=states.dtype))


class Turned(Network):
    """A network of one's own: two units, any vector is a state, and nothing has a gradient."""

    @property
    def initial_state(self):
        return torch.tensor([1.0, 0.0])

    def step(self, state, velocity):
        angle = velocity[:, 0]
        turn = torch.stack([angle.cos(), angle.sin(), -angle.sin(), angle.cos()], dim=1).view(-1, 2, 2)
        return torch.einsum("...bn,bnm->...bm", state, turn)


def test_a_network_needs_a_start_and_a_step():
    network = Turned()
    velocities = torch.tensor([[[0.1, 0.0], [0.2, 0.0]], [[0.3, 0.0], [-0.3, 0.0]]])
    states, start = network(velocities)
    angle = velocities[..., 0].cumsum(dim=1)
    torch.testing.assert_close(states, torch.stack([angle.cos(), angle.sin()], dim=-1))
    torch.testing.assert_close(network(velocities.flatten(0, 1), torch.arange(4).view(2, 2)).states, states)
    assert torch.equal(network.project(-states), -states)
    assert [part.states is states for part in network.by_population(Rollout(states, start))] == [True]
    assert (network.device, network.dtype) == (torch.device("cpu"), torch.float32)
    with pytest.raises(ValueError, match="must have shape"):
        network(velocities[0])
