"""Settings stand once, in a config, and every constructor that takes them explains them itself."""

import inspect

import pytest

from sicgrid import LossConfig, ModelConfig, PermutedVelocities, SICLoss, TrajectoryConfig, VelocityRNN
from sicgrid.experiment import checked_config, overridden, present_name
from sicgrid.storage import UserError

TAKERS = [
    (VelocityRNN, ModelConfig, {"populations", "population_units", "coupling_range", "norm_range", "sheet"}),
    (SICLoss, LossConfig, set()),
    (PermutedVelocities, TrajectoryConfig, set()),
]


@pytest.mark.parametrize(("taker", "config", "left_out"), TAKERS)
def test_signature_and_docstring_hold_every_setting_with_default_and_source(taker, config, left_out):
    parameters = inspect.signature(taker).parameters
    words = " ".join(taker.__init__.__doc__.split())
    for name, field in config.model_fields.items():
        assert (name in parameters) == (name not in left_out)
        if name not in left_out:
            assert parameters[name].default == field.default
            assert f"default {field.default!r} {field.description}" in words
            assert "Source: " in field.description


def test_settings_are_given_by_name_or_in_order():
    assert PermutedVelocities(3, 4, permute=False).config == TrajectoryConfig(batch_size=3, length=4, permute=False)
    assert SICLoss(0.1, capacity=0.25).config == LossConfig(sigma_x=0.1, capacity=0.25)
    assert SICLoss(kernels="reference").kernels == "reference"


@pytest.mark.parametrize(
    ("settings", "error", "named"),
    [
        ({"unit": 8}, TypeError, "unit"),
        ({"populations": 2}, TypeError, "populations"),
        ({"units": 0}, ValueError, "units"),
        ({"activation": "sine"}, ValueError, "activation"),
    ],
)
def test_unknown_names_and_impossible_values_are_refused(settings, error, named):
    with pytest.raises(error, match=named):
        VelocityRNN(**settings)


def test_former_names_are_read_as_the_present_ones():
    config = checked_config({"analysis": {"modules": {"least": 4, "draws": 99}, "generalisation": {"classes": 5}}})
    assert config == checked_config(
        {"analysis": {"modules": {"min_units": 4, "null_draws": 99}, "generalization": {"classes": 5}}}
    )
    assert overridden(config, ["analysis.phases.draws=500"]).analysis.phases.null_draws == 500
    assert present_name("analysis.generalisation.classes") == "analysis.generalization.classes"
    assert present_name("loss.capacity") == "loss.capacity"
    with pytest.raises(UserError, match="least is the former name of min_units; give min_units alone"):
        checked_config({"analysis": {"modules": {"least": 4, "min_units": 4}}})


def test_former_names_of_arguments_are_read():
    assert VelocityRNN(units=8, hidden=4, initialisation="identity").config.initialization == "identity"
    with pytest.raises(ValueError, match="initialisation is the former name of initialization"):
        VelocityRNN(units=8, initialisation="identity", initialization="identity")
