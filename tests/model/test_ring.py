import pytest
import torch

import by_loops
from batches import batch_of
from sicgrid.model import ModelConfig, RingRNN, VelocityRNN, make_network
from sicgrid.model._ring import banded_product, dense

KERNELS = ["reference", "numba"]
KINDS = {  # units, coupling_range, norm_range, sheet
    "couplings": (11, 2, 0.0, "ring"),
    "norm": (11, 0, 1.5, "ring"),
    "both": (10, 3, 1.5, "ring"),
    "line": (10, 3, 1.5, "line"),
    "all even": (10, 5, 2.0, "ring"),
    "all odd": (9, 4, 0.0, "ring"),
}


def make(kind, seed=0, kernels="reference", **given):
    units, couplings, norm, sheet = KINDS[kind]
    torch.manual_seed(seed)
    settings = {"hidden": 6, "velocity_scale": 0.15, "coupling_range": couplings, "norm_range": norm, "sheet": sheet}
    network = make_network(ModelConfig(units=units, **{**settings, **given}), kernels=kernels)
    assert type(network) is RingRNN
    return network.double()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("initialization", ["default", "identity"])
@pytest.mark.parametrize("kind", KINDS)
def test_states_equal_the_loops(kind, initialization, kernels):
    rnn, batch = make(kind, kernels=kernels, initialization=initialization), batch_of()
    _, _, norm_range, sheet = KINDS[kind]
    line = sheet == "line"
    bands = rnn.transition(batch.velocities).tolist()

    def norm(z):
        return by_loops.local_norm_relu(z, norm_range, line) if norm_range else by_loops.norm_relu(z)

    expected = by_loops.rollout_on_a_sheet(
        lambda b, t: bands[b][t],
        batch.velocities.tolist(),
        rnn.initial_state.tolist(),
        rnn.transition.reach,
        norm,
        line,
    )
    for rollout in (rnn(batch.velocities), rnn(batch.distinct, batch.order)):
        torch.testing.assert_close(rollout.states, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("units", [9, 10])
def test_couplings_that_reach_everywhere_are_those_of_the_dense_network(units, kernels):
    torch.manual_seed(0)
    settings = {"units": units, "hidden": 6, "initialization": "identity", "velocity_scale": 0.15}
    wide = make_network(ModelConfig(**settings, coupling_range=units // 2), kernels=kernels).double()
    full, batch = VelocityRNN(**settings, kernels=kernels).double(), batch_of()
    with torch.no_grad():
        for mine, its in zip(wide.transition.mlp.parameters(), full.transition.mlp.parameters(), strict=True):
            if mine is wide.transition.mlp[-1].weight or mine is wide.transition.mlp[-1].bias:
                # The same entries in another order: rows of couplings to neighbors, from the farthest lower one on.
                as_bands = mine.view(units, units, -1).movedim(-1, 0)
                its.copy_(dense(as_bands).movedim(0, -1).reshape(its.shape))
            else:
                its.copy_(mine)
        full.start.copy_(wide.start)
    torch.testing.assert_close(wide(batch.distinct, batch.order).states, full(batch.distinct, batch.order).states)


@pytest.mark.parametrize("kind", KINDS)
def test_the_band_is_the_matrix_that_it_stands_for(kind):
    rnn, batch = make(kind), batch_of()
    band = rnn.transition(batch.distinct)
    matrices = dense(band)
    units, couplings, _, sheet = KINDS[kind]
    apart = (torch.arange(units)[:, None] - torch.arange(units)).abs()
    if sheet == "ring":
        apart = torch.minimum(apart, units - apart)
    assert torch.equal(matrices != 0, (apart <= (couplings or units)).expand_as(matrices))
    state = torch.rand(3, 5, units, dtype=torch.float64)
    torch.testing.assert_close(banded_product(state, band), torch.einsum("abn,bnm->abm", state, matrices))


def test_the_mlp_makes_the_entries_of_the_band_and_no_more():
    assert make("couplings").transition.mlp[-1].out_features == 11 * 5
    assert make("norm").transition.mlp[-1].out_features == 11 * 11


@pytest.mark.parametrize("kind", KINDS)
def test_the_start_at_the_identity_is_the_default_and_the_identity(kind):
    default, identity = (make(kind, initialization=name).transition for name in ("default", "identity"))
    velocity = torch.tensor([[0.1, -0.05]], dtype=torch.float64)
    added = dense(identity(velocity)) - dense(default(velocity))
    torch.testing.assert_close(added[0], torch.eye(KINDS[kind][0], dtype=torch.float64), rtol=0, atol=1e-6)


def test_what_happens_at_one_place_does_not_reach_beyond_its_range_in_a_step():
    rnn = make("both", initialization="identity")
    state = torch.full((1, 10), 0.1, dtype=torch.float64)
    louder = state.clone()
    louder[0, 0] = 0.2
    band = rnn.transition(torch.tensor([[0.05, 0.1]], dtype=torch.float64))
    changed = (banded_product(louder, band) != banded_product(state, band))[0]
    assert changed.tolist() == [True] * 4 + [False] * 3 + [True] * 3


def test_local_units_are_of_one_population():
    with pytest.raises(ValueError, match="several populations"):
        ModelConfig(units=12, populations=2, coupling_range=3)
    with pytest.raises(ValueError, match="several populations"):
        ModelConfig(units=12, populations=2, norm_range=3.0)
    with pytest.raises(ValueError, match="one population"):
        RingRNN(ModelConfig(units=12, populations=2))
