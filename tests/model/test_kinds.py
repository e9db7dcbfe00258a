"""Settings ask for one kind of network, and the kind says whether several of it can be stacked."""

import pytest
import torch

from sicgrid.model import ModelConfig, PopulationRNN, RingRNN, VelocityRNN, is_of_ours, make_network, stack_refusal
from sicgrid.model._kinds import KINDS


@pytest.mark.parametrize(
    ("settings", "kind", "said"),
    [
        ({}, VelocityRNN, None),
        ({"populations": 2}, PopulationRNN, "model.populations is 2"),
        ({"coupling_range": 2}, RingRNN, "model.coupling_range"),
        ({"norm_range": 1.5}, RingRNN, "model.norm_range"),
    ],
)
def test_settings_ask_for_one_kind(settings, kind, said):
    config = ModelConfig(units=8, hidden=4, **settings)
    network = make_network(config, kernels="reference")
    assert type(network) is kind
    assert network.kernels == "reference"
    refusal = stack_refusal(config)
    assert (refusal is None) if said is None else (refusal is not None and said in refusal)


def test_windows_are_refused_by_populations_alone():
    assert make_network(ModelConfig(units=8, hidden=4)).window_refusal == ""
    assert "(2)" in make_network(ModelConfig(units=8, hidden=4, populations=2)).window_refusal


def test_every_kind_that_is_made_is_of_ours_and_no_variant_is():
    class Variant(VelocityRNN):
        pass

    configs = [ModelConfig(units=8, hidden=4, **given) for given in ({}, {"populations": 2}, {"coupling_range": 2})]
    asked_for = [next(kind for kind in KINDS if kind.asked_for(config)) for config in configs]
    assert set(asked_for) == set(KINDS)  # all there are, so that a new one is seen here
    assert all(is_of_ours(make_network(config, kernels="reference")) for config in configs)
    assert not is_of_ours(Variant(units=8, hidden=4, kernels="reference"))


def test_a_part_of_ones_own_makes_a_variant():
    class Twice(torch.nn.Linear):
        pass

    network = make_network(ModelConfig(units=8, hidden=4), kernels="reference")
    layer = next(name for name, part in network.transition.named_modules() if isinstance(part, torch.nn.Linear))
    torch.nn.utils.parametrizations.spectral_norm(network.transition.get_submodule(layer))
    assert not is_of_ours(network)
    other = make_network(ModelConfig(units=8, hidden=4), kernels="reference")
    other.transition = Twice(2, 2)
    assert not is_of_ours(other)
