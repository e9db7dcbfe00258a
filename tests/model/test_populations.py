import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import by_loops
from batches import batch_of
from sicgrid.model import ModelConfig, Network, PopulationRNN, VelocityRNN, make_network
from sicgrid.trajectories import PermutedVelocities

KERNELS = ["reference", "numba"]


def make(seed=0, kernels="reference", **given):
    torch.manual_seed(seed)
    defaults = {"units": 14, "populations": 3, "hidden": 5, "initialization": "identity", "velocity_scale": 0.15}
    config = ModelConfig(**{**defaults, **given})
    return PopulationRNN(config, kernels=kernels).double()


def silence(population):
    """W(v) with no positive entry, at any velocity."""
    with torch.no_grad():
        for parameter in population.transition.parameters():
            parameter.zero_()
        population.transition.mlp[-1].bias.fill_(-1.0)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("populations", [1, 2, 3, 14])
@pytest.mark.parametrize("shape", [(4, 5), (1, 5), (4, 1)])
def test_states_equal_the_loops(kernels, populations, shape):
    rnn, batch = make(populations=populations, kernels=kernels), batch_of(*shape)
    # The MLPs give the transposes of the paper's W.
    each = [one.transition(batch.velocities).transpose(-1, -2).tolist() for one in rnn.populations]
    expected = by_loops.rollout_of_populations(
        [lambda b, t, own=own: own[b][t] for own in each],
        batch.velocities.tolist(),
        [one.initial_state.tolist() for one in rnn.populations],
    )
    for rollout in (rnn(batch.velocities), rnn(batch.distinct, batch.order)):
        torch.testing.assert_close(rollout.states, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=1e-12)


def test_two_populations_by_hand():
    """One stands still, the other swaps its units at every step; each has half of the squared length."""
    rnn, swap = make(units=4, populations=2, layers=1), torch.tensor([[0.0, 2.0], [2.0, 0.0]])
    with torch.no_grad():
        for one, matrix in zip(rnn.populations, (torch.eye(2), swap), strict=True):
            one.transition.mlp[-1].weight.zero_()
            one.transition.mlp[-1].bias.copy_(matrix.flatten())
            one.start.copy_(torch.tensor([3.0, 4.0]))
    rollout = rnn(torch.zeros(1, 3, 2, dtype=torch.float64))
    still, swapped = [0.6, 0.8, 0.6, 0.8], [0.6, 0.8, 0.8, 0.6]
    expected = torch.tensor([[swapped, still, swapped]], dtype=torch.float64) / 2**0.5
    torch.testing.assert_close(rollout.states, expected)
    torch.testing.assert_close(rollout.initial_state, expected[0, 1])


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.data())
def test_states_are_non_negative_unit_vectors_of_which_each_population_has_its_share(units, data):
    populations = data.draw(st.integers(1, units))
    rnn = make(data.draw(st.integers(0, 9)), units=units, populations=populations, hidden=2, layers=2)
    if data.draw(st.booleans()):
        silence(rnn.populations[0])
    batch = batch_of(2, 4, seed=data.draw(st.integers(0, 9)))
    rollout = rnn(batch.distinct, batch.order)
    for states in (*rollout, rnn.step(rollout.states[:, -1], batch.velocities[:, 0])):
        assert (states >= 0).all()
        torch.testing.assert_close(states.norm(dim=-1), torch.ones(states.shape[:-1], dtype=torch.float64))
        for part in states.split(rnn.sizes, dim=-1):
            share = part.square().sum(dim=-1)
            torch.testing.assert_close(share, torch.full_like(share, 1 / populations))


@pytest.mark.parametrize("kernels", KERNELS)
def test_a_population_knows_nothing_of_another(kernels):
    rnn, batch = make(kernels=kernels, train_initial_state=True), batch_of()
    before = rnn(batch.distinct, batch.order).states.split(rnn.sizes, dim=-1)
    weights = torch.arange(float(rnn.sizes[1]), dtype=torch.float64)
    (before[1] @ weights).sum().backward()
    for index, one in enumerate(rnn.populations):
        assert all(parameter.grad is None or not parameter.grad.any() for parameter in one.parameters()) == (index != 1)
    with torch.no_grad():
        for parameter in rnn.populations[1].parameters():
            parameter.normal_()
    after = rnn(batch.distinct, batch.order).states.split(rnn.sizes, dim=-1)
    assert [torch.equal(one, other) for one, other in zip(before, after, strict=True)] == [True, False, True]


@pytest.mark.parametrize(
    ("units", "populations", "sizes"),
    [
        (128, 1, [128]),
        (128, 3, [43, 43, 42]),
        (128, 5, [26, 26, 26, 25, 25]),
        (6, 3, [2, 2, 2]),
        (5, 5, [1] * 5),
    ],
)
def test_units_are_dealt_out_as_evenly_as_can_be(units, populations, sizes):
    rnn = make(units=units, populations=populations, hidden=1, layers=1)
    assert rnn.sizes == [one.config.units for one in rnn.populations] == sizes
    assert rnn.initial_state.shape == (units,)


def test_more_populations_than_units_are_refused():
    with pytest.raises(ValueError, match="must be at most the number of units, 5"):
        ModelConfig(units=5, populations=6)
    with pytest.raises(ValueError, match="populations"):
        ModelConfig(populations=0)


def test_populations_have_the_sizes_that_are_set():
    sizes = (7, 1, 4)
    rnn = make(units=12, populations=3, population_units=sizes, hidden=2)
    assert rnn.sizes == [one.config.units for one in rnn.populations] == list(sizes)
    batch = batch_of()
    for part in rnn(batch.distinct, batch.order).states.split(sizes, dim=-1):
        torch.testing.assert_close(part.square().sum(dim=-1), torch.full(part.shape[:-1], 1 / 3, dtype=torch.float64))


@pytest.mark.parametrize("sizes", [(7, 5), (7, 1, 3), (7, 1, 5), (12,)])
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ValueError, match=r"must be 3 numbers \(populations\) whose sum is 12 \(units\)"):
        ModelConfig(units=12, populations=3, population_units=sizes)


def test_a_population_without_units_is_refused():
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        ModelConfig(units=12, populations=3, population_units=(12, 0, 0))


def test_a_wrong_number_of_units_is_the_only_error():
    with pytest.raises(ValueError, match="1 validation error"):
        ModelConfig(units=0, populations=3, population_units=(7, 1, 4))


def test_a_network_that_cannot_walk_is_none():
    class Unfinished(Network):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Unfinished()


def test_one_population_is_the_default_and_is_the_papers_network():
    assert ModelConfig().populations == 1
    torch.manual_seed(3)
    plain = make_network(ModelConfig(units=6, hidden=4))
    torch.manual_seed(3)
    alone = PopulationRNN(ModelConfig(units=6, hidden=4))
    batch = PermutedVelocities(batch_size=4, length=5).sample(torch.Generator().manual_seed(0))
    for one, other in zip(plain(*batch[:2]), alone(*batch[:2]), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("populations", "kind"), [(1, VelocityRNN), (2, PopulationRNN), (7, PopulationRNN)])
def test_settings_decide_the_kind_of_network_and_come_back_from_it(populations, kind):
    config = ModelConfig(
        units=7,
        populations=populations,
        hidden=3,
        layers=2,
        activation="silu",
        initialization="identity",
        velocity_scale=0.15,
        train_initial_state=True,
    )
    rnn = make_network(config, kernels="reference")
    assert type(rnn) is kind
    assert isinstance(rnn, Network)
    assert (rnn.config, rnn.kernels) == (config, "reference")
    again = make_network(ModelConfig.model_validate_json(rnn.config.model_dump_json()))
    again.load_state_dict(rnn.state_dict())
    for one in getattr(rnn, "populations", [rnn]):
        alike = one.config.model_copy(update={"units": config.units, "populations": populations})
        assert (alike, one.kernels) == (config, "reference")


@pytest.mark.parametrize("kernels", ["auto", "numba"])
@pytest.mark.parametrize("silent", [False, True])
def test_kernels_equal_the_reference_in_value_and_gradient(kernels, silent):
    batch, results = batch_of(5, 7), []
    for name in ("reference", kernels):
        rnn = make(train_initial_state=True, kernels=name)
        if silent:
            silence(rnn.populations[2])
        rollout = rnn(batch.distinct, batch.order)
        upstream = torch.linspace(-2, 2, rollout.states.numel(), dtype=torch.float64).view_as(rollout.states)
        (rollout.states * upstream).sum().backward()
        results.append([*rollout, *(parameter.grad for parameter in rnn.parameters())])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_apart_a_rollout_is_those_of_the_populations_and_joined_it_is_itself():
    rnn, batch = make(), batch_of()
    whole = rnn(batch.distinct, batch.order)
    parts = rnn.by_population(whole)
    assert len(parts) == 3
    for part, one in zip(parts, rnn.populations, strict=True):
        for found, own in zip(part, one(batch.distinct, batch.order), strict=True):
            torch.testing.assert_close(found, own)
            torch.testing.assert_close(found.norm(dim=-1), torch.ones(found.shape[:-1], dtype=torch.float64))
    for joined, one in zip(zip(*parts, strict=True), whole, strict=True):
        torch.testing.assert_close(torch.cat(joined, dim=-1) / 3**0.5, one)


def test_one_population_apart_is_the_rollout_itself():
    rnn, batch = VelocityRNN(units=6, hidden=4).double(), batch_of()
    whole = rnn(batch.distinct, batch.order)
    (alone,) = rnn.by_population(whole)
    assert all(one is other for one, other in zip(alone, whole, strict=True))


@pytest.mark.parametrize("trained", [True, False])
def test_initial_state_is_each_ones_own_and_trained_only_if_asked(trained):
    rnn, batch = make(train_initial_state=trained), batch_of()
    each = [by_loops.norm_relu(one.start.tolist()) for one in rnn.populations]
    expected = torch.tensor([g / 3**0.5 for part in each for g in part], dtype=torch.float64)
    torch.testing.assert_close(rnn.initial_state, expected)
    rollout = rnn(batch.distinct, batch.order)
    assert torch.equal(rollout.initial_state, rnn.initial_state)
    (rollout.states @ torch.arange(14.0, dtype=torch.float64)).sum().backward()
    for one in rnn.populations:
        assert one.start.requires_grad == trained
        assert (one.start.grad is not None and bool(one.start.grad.any())) == trained
