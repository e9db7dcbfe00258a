import pytest
import torch

from sicgrid.model import TransitionMLP
from sicgrid.model._transition import MANY


def make(**settings):
    torch.manual_seed(0)
    return TransitionMLP(**{"units": 5, "hidden": 8, **settings})


@pytest.mark.parametrize("shape", [(2,), (3, 2), (3, 4, 2)])
def test_one_matrix_for_each_velocity(shape):
    matrices = make()(torch.zeros(shape))
    assert matrices.shape == (*shape[:-1], 5, 5)


def test_each_velocity_has_its_own_matrix():
    mlp = make()
    velocities = torch.tensor([[0.1, 0.0], [-0.1, 0.0], [0.0, 0.1]])
    together = mlp(velocities)
    for velocity, matrix in zip(velocities, together, strict=True):
        torch.testing.assert_close(mlp(velocity), matrix)
    assert not torch.allclose(together[0], together[1])


def test_identity_is_added_to_the_default_start_and_nothing_else():
    velocities = torch.rand(4, 2)
    difference = make(initialization="identity")(velocities) - make(initialization="default")(velocities)
    torch.testing.assert_close(difference, torch.eye(5).expand(4, 5, 5), atol=1e-6, rtol=0)


def test_sees_velocities_over_the_scale():
    velocities = torch.rand(4, 2)
    torch.testing.assert_close(make(velocity_scale=0.15)(0.15 * velocities), make(velocity_scale=1.0)(velocities))


@pytest.mark.parametrize(("layers", "weights"), [(1, 3 * 25), (2, 3 * 8 + 9 * 25), (3, 3 * 8 + 9 * 8 + 9 * 25)])
def test_number_of_weights(layers, weights):
    assert sum(parameter.numel() for parameter in make(layers=layers).parameters()) == weights


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh", "silu"])
def test_activations_differ_from_a_line(activation):
    mlp = make(activation=activation).double()
    zero, one, two = mlp(torch.tensor([[0.0, 0.0], [1.5, -1.0], [3.0, -2.0]], dtype=torch.float64))
    assert not torch.allclose(two - one, one - zero)


@pytest.mark.parametrize("layers", [1, 3])
def test_carrier_is_the_product_with_the_matrices(layers):
    mlp = make(layers=layers, initialization="identity", velocity_scale=0.15).double()
    states, velocities = torch.rand(7, 5, dtype=torch.float64), torch.rand(7, 2, dtype=torch.float64)
    carry = mlp.carrier()
    expected = torch.einsum("bn,bnm->bm", states, mlp(velocities))
    torch.testing.assert_close(carry(states, velocities), expected, rtol=1e-12, atol=0)
    assert not carry(states, velocities).requires_grad


@pytest.mark.parametrize("kernels", ["auto", "reference"])
def test_so_is_the_carrier_of_many_states(kernels):
    mlp = make(units=70, hidden=60, initialization="identity", velocity_scale=0.15).double()
    assert mlp.leaves_out_silent(MANY)
    states, velocities = torch.rand(MANY, 70, dtype=torch.float64), torch.rand(MANY, 2, dtype=torch.float64)
    states[torch.rand(MANY, 70) < 0.8] = 0
    carry = mlp.carrier(kernels)
    expected = torch.einsum("bn,bnm->bm", states, mlp(velocities))
    torch.testing.assert_close(carry(states, velocities), expected, rtol=1e-12, atol=1e-14)
    assert not carry(states, velocities).requires_grad


@pytest.mark.parametrize(
    ("states", "change"), [(MANY - 1, {}), (MANY, {"units": 5}), (MANY, {"layers": 1}), (MANY, {"dtype": "half"})]
)
def test_few_states_small_networks_and_half_precision_keep_the_one_product(states, change):
    dtype = torch.float16 if change.pop("dtype", None) else torch.float32
    assert not make(**{"units": 70, "hidden": 60} | change).to(dtype).leaves_out_silent(states)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_carrier_serves_half_precision(dtype):
    mlp, states, velocities = make(units=70, hidden=60), torch.rand(MANY, 70), torch.rand(MANY, 2)
    expected = mlp.carrier()(states, velocities)
    carried = mlp.to(dtype).carrier()(states.to(dtype), velocities.to(dtype))
    torch.testing.assert_close(carried.float(), expected, rtol=0.1, atol=0.1)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(mlp.float().carrier()(states, velocities).float(), expected, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("count", [7, MANY])
def test_carrier_takes_one_velocity_for_all_states_and_no_other_number(count):
    mlp, states = make(units=70, hidden=60).double(), torch.rand(count, 70, dtype=torch.float64)
    carry, velocity = mlp.carrier(), torch.rand(1, 2, dtype=torch.float64)
    torch.testing.assert_close(carry(states, velocity), states @ mlp(velocity)[0], rtol=1e-12, atol=1e-12)
    for wrong in (count - 1, count + 1):
        with pytest.raises(RuntimeError):
            carry(states, torch.rand(wrong, 2, dtype=torch.float64))


def test_carrier_keeps_the_weights_that_it_was_made_with():
    mlp, states, velocities = make(), torch.rand(7, 5), torch.rand(7, 2)
    carry = mlp.carrier()
    before = carry(states, velocities)
    with torch.no_grad():
        for parameter in mlp.parameters():
            parameter.mul_(2)
    assert torch.equal(carry(states, velocities), before)
    assert not torch.allclose(mlp.carrier()(states, velocities), before)
