"""One object is YAML, command line and checkpoint; what does not fit it is told in one line."""

import math

import pytest

from sicgrid.experiment import RunConfig, checked_config, did_you_mean, differences, setting_names, typed_setting
from sicgrid.experiment._config import parse_config
from sicgrid.storage import UserError


def test_yaml_round_trip_with_everything_changed():
    settings = RunConfig().settings()
    settings["loss"]["sigma_g"] = 0.1 + 0.2
    settings["training"]["gradient_clip"] = math.inf
    settings["training"]["learning_rate"] = 2e-5
    settings["evaluation"]["arenas"] = [2.0, 3.5]
    settings["trajectories"]["permute"] = False
    config = checked_config(settings)
    again = checked_config(parse_config(config.to_yaml(), "written"))
    assert again == config
    assert again.loss.sigma_g == 0.1 + 0.2
    assert again.training.gradient_clip == math.inf
    assert again.evaluation.arenas == (2.0, 3.5)


def test_the_yaml_is_complete():
    def leaves(settings, prefix=""):
        for name, value in settings.items():
            if isinstance(value, dict):
                yield from leaves(value, f"{prefix}{name}.")
            else:
                yield prefix + name

    assert list(leaves(parse_config(RunConfig().to_yaml(), "written"))) == list(setting_names())


@pytest.mark.parametrize("written", ["1e-4", "'1e-4'", "1.0e-04", "0.0001"])
def test_yamls_quirk_with_exponents_is_no_trap(written):
    """YAML 1.1 read 1e-4, without a point, as a word."""
    settings = parse_config(f"training: {{learning_rate: {written}}}", "given")
    assert checked_config(settings).training.learning_rate == 1e-4


@pytest.mark.parametrize(
    ("name", "given", "typed"),
    [
        ("training.learning_rate", "1e-3", 0.001),
        ("training.learning_rate", 1, 1.0),
        ("training.gradient_clip", ".inf", ".inf"),  # which float() does not take: given back for the message
        ("training.gradient_clip", math.inf, math.inf),
        ("training.steps", "1_000", "1_000"),  # text in YAML 1.2
        ("training.steps", True, True),
        ("evaluation.arenas", [2, True], [2, True]),
        ("training.steps", 30.0, 30),
        ("trajectories.permute", "off", False),
        ("training.schedule", "cosine", "cosine"),
        ("evaluation.arenas", [2, "3"], [2.0, 3.0]),
        ("training.steps", "many", "many"),
        ("training.steps", None, None),
    ],
)
def test_a_value_is_of_its_setting_s_type(name, given, typed):
    found = typed_setting(name, given)
    assert repr(found) == repr(typed)


@pytest.mark.parametrize(
    ("settings", "suggestion"),
    [
        ({"loss": {"sigmag": 0.3}}, "'loss.sigmag'; did you mean 'loss.sigma_g'"),
        ({"traning": {"steps": 3}}, "'traning'; did you mean 'training'"),
        ({"sigma_g": 0.3}, "'sigma_g'; did you mean 'loss.sigma_g'"),
        ({"evaluation": {"walk": {"animal": 3}}}, "did you mean 'evaluation.walk.animals'"),
    ],
)
def test_unknown_names_meet_the_nearest_known_one(settings, suggestion):
    with pytest.raises(UserError, match="unknown setting") as caught:
        checked_config(settings)
    assert suggestion in str(caught.value)


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("loss", "sigma_x", 0),
        ("loss", "sigma_g", -0.4),
        ("loss", "sigma_g", math.nan),
        ("loss", "capacity", -1),
        ("loss", "reduction", "median"),
        ("trajectories", "batch_size", 0),
        ("trajectories", "length", -5),
        ("trajectories", "max_speed", 0),
        ("model", "units", 0),
        ("model", "units", 12.5),
        ("model", "initialization", "zeros"),
        ("training", "steps", 0),
        ("training", "learning_rate", "fast"),
        ("evaluation", "arenas", []),
        ("evaluation", "arenas", [2.0, 2.0]),
        ("evaluation", "arenas", [0.0]),
        ("evaluation", "arenas", [math.inf]),
        ("analysis", "bin_size", 0),
        (None, "seed", -1),
        (None, "threads", -1),
        (None, "checkpoint_every", 0),
        (None, "kernels", "cuda"),
    ],
)
def test_values_out_of_range_are_named_with_rule_and_value(group, name, value):
    settings = {name: value} if group is None else {group: {name: value}}
    with pytest.raises(UserError) as caught:
        checked_config(settings, "my.yaml")
    line = str(caught.value)
    assert line.startswith(f"my.yaml: {name if group is None else f'{group}.{name}'}")
    assert "\n" not in line
    assert "found" in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("training: {steps: 1_0}", "training.steps must be a number, which 1_0 is not: it is text in YAML 1.2, found"),
        ("training: {learning_rate: 1_0e-3}", "training.learning_rate must be a number, which 1_0e-3 is not"),
        ("loss: {sigma_g: true}", "loss.sigma_g must be a number, which true is not, found True"),
        ("seed: true", "seed must be a number, which true is not"),
        ("model: {units: false}", "model.units must be a number, which false is not"),
        ("evaluation: {arenas: [2, 1_0]}", "evaluation.arenas must be a number, which 1_0 is not"),
        ("training: {betas: [0.9, true]}", "training.betas must be a number, which true is not"),
        ("analysis: {topology: {components: 1_0}}", "analysis.topology.components must be a number, which 1_0 is not"),
        ("evaluation: {walk: {animals: true}}", "evaluation.walk.animals must be a number, which true is not"),
    ],
)
def test_what_is_no_number_is_not_read_as_one(text, says):
    with pytest.raises(UserError) as caught:
        checked_config(parse_config(text, "my.yaml"))
    assert says in str(caught.value)


def test_a_dotted_name_in_a_file_is_told_where_it_belongs():
    with pytest.raises(UserError, match=r"'training.steps' is given by its dotted name; write `steps:` in a block `tr"):
        checked_config({"training.steps": 3})


def test_all_faults_are_told_at_once():
    with pytest.raises(UserError, match=r"model\.units.*; .*loss\.sigma_x"):
        checked_config({"loss": {"sigma_x": 0}, "model": {"units": 0}})


def test_differences_name_settings_and_both_values():
    one, other = RunConfig().settings(), RunConfig().settings()
    assert differences(one, other) == []
    other["loss"]["sigma_g"] = 0.3
    del other["seed"]
    assert differences(one, other) == ["seed (0 against None)", "loss.sigma_g (0.4 against 0.3)"]


def test_nothing_near_suggests_nothing():
    assert did_you_mean("xyzzy", ["loss.sigma_g"]) == ""


def test_every_setting_says_where_its_default_comes_from():
    """As --help shows them: what it is, then ``Source: paper`` or ``Source: ours`` or a reference."""

    def described(model, prefix=""):
        for name, field in model.model_fields.items():
            if hasattr(field.annotation, "model_fields"):
                yield from described(field.annotation, f"{prefix}{name}.")
            else:
                yield prefix + name, field.description

    bare = [name for name, text in described(RunConfig) if name != "preset" and "Source: " not in (text or "")]
    assert bare == []
