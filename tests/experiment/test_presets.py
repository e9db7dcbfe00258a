"""Presets and files of settings, one over the other."""

import pytest

from sicgrid.experiment import (
    RunConfig,
    build,
    change_analysis,
    check_only_warning,
    load_config,
    load_run_config,
    parse_yaml,
    preset_names,
)
from sicgrid.storage import RunDirectory, UserError, create_run


def test_all_presets_load():
    for name in preset_names():
        assert load_config(name).preset == name


def test_the_paper_preset_is_the_paper():
    """PAPER: the published numbers, to the letter."""
    config = load_config("paper")
    data, model, loss, training = config.trajectories, config.model, config.loss, config.training
    assert (data.batch_size, data.length, data.max_speed, data.permute) == (130, 60, 0.15, True)
    assert (model.units, model.layers) == (128, 3)
    assert (loss.sigma_x, loss.sigma_g) == (0.05, 0.4)
    assert (loss.separation, loss.invariance, loss.capacity) == (1.0, 0.1, 0.5)
    assert (training.steps, training.learning_rate, training.accumulate) == (2_000_000, 2e-5, 2)
    assert (training.gradient_clip, training.schedule) == (0.1, "plateau")
    # Unsaid in the paper; ours is to start as PyTorch does and to leave velocities alone.
    assert (model.initialization, model.velocity_scale) == ("default", 1.0)


def test_the_modules_preset_lets_populations_learn_apart_and_then_together():
    config, quick = load_config("modules"), load_config("quick")
    assert config.model.populations == 3
    assert config.training.warmup_steps < config.training.apart_steps < config.training.steps
    # Else it is quick, as its comment says.
    assert config.trajectories == quick.trajectories
    own = {"model": {"populations", "hidden"}, "training": {"apart_steps"}, "loss": {"conformal_isometry"}}
    for name, changed in own.items():
        assert getattr(config, name).model_dump(exclude=changed) == getattr(quick, name).model_dump(exclude=changed)
    for name in set(preset_names()) - {"modules", "long"}:
        assert (load_config(name).model.populations, load_config(name).training.apart_steps) == (1, 0)


def test_the_long_preset_is_modules_with_more_invariance_once_there_are_lattices():
    config, modules = load_config("long"), load_config("modules")
    training = config.training
    assert training.apart_steps < training.early_steps < training.steps
    assert training.late_invariance > config.loss.invariance
    # Else it is modules, as its comment says.
    own = {"steps", "late_invariance", "late_share"}
    assert training.model_dump(exclude=own) == modules.training.model_dump(exclude=own)
    for name in ("trajectories", "model", "loss"):
        assert getattr(config, name) == getattr(modules, name)


def test_the_nested_preset_knows_nothing_of_periods():
    config, quick = load_config("nested"), load_config("quick")
    assert config.training.first_length < config.trajectories.length
    # Else it is quick: one population, nothing local, no windows; fewer units, a cheaper capacity, more steps.
    own = {"model": {"units"}, "loss": {"capacity"}, "training": {"steps", "first_length"}, "trajectories": set()}
    for name, changed in own.items():
        assert getattr(config, name).model_dump(exclude=changed) == getattr(quick, name).model_dump(exclude=changed)


def test_the_periods_preset_is_nested_with_more_units_and_finer_fields():
    config, nested = load_config("periods"), load_config("nested")
    assert config.loss.sigma_g < nested.loss.sigma_g
    assert config.loss.invariance < nested.loss.invariance
    # Else it is nested, as its comment says.
    assert config.model.model_dump(exclude={"units"}) == nested.model.model_dump(exclude={"units"})
    assert config.loss.model_dump(exclude={"sigma_g", "invariance"}) == nested.loss.model_dump(
        exclude={"sigma_g", "invariance"}
    )
    assert (config.training, config.trajectories) == (nested.training, nested.trajectories)


def test_the_emergent_preset_has_everything_local_and_nothing_dealt():
    config, quick = load_config("emergent"), load_config("quick")
    assert config.model.populations == 1
    assert 0 < config.model.norm_range < config.model.coupling_range < config.training.window < config.model.units
    assert config.training.warmup_steps < config.training.window_steps == config.training.steps
    # Else it is quick, as its comment says.
    assert config.trajectories == quick.trajectories
    own = {
        "model": {"coupling_range", "norm_range"},
        "training": {"steps", "window", "window_share"},
        "loss": {"conformal_isometry", "invariance", "capacity"},
    }
    for name, changed in own.items():
        assert getattr(config, name).model_dump(exclude=changed) == getattr(quick, name).model_dump(exclude=changed)
    for name in set(preset_names()) - {"emergent"}:
        assert not load_config(name).model.local
        assert load_config(name).training.window == 0


@pytest.mark.parametrize("name", preset_names())
def test_what_a_preset_describes_can_be_built(name):
    config = load_config(name)
    parts = build(config, None)
    assert parts.rnn.config == config.model
    assert parts.state.rnn is parts.rnn


def test_quick_is_the_default():
    assert load_config() == load_config("quick")


def test_a_file_goes_over_its_preset(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("preset: smoke\nloss: {sigma_g: 0.3}\n")
    config, smoke = load_config(file=file), load_config("smoke")
    assert config.loss.sigma_g == 0.3
    assert config.loss.sigma_x == smoke.loss.sigma_x
    assert config.training == smoke.training


def test_a_preset_given_beside_a_file_is_the_one_below_it(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("preset: quick\nloss: {sigma_g: 0.3}\n")
    config = load_config("smoke", file)
    assert config.preset == "smoke"
    assert config.training == load_config("smoke").training


def test_a_runs_settings_serve_as_a_file(tmp_path):
    file = tmp_path / "config.yaml"
    config = load_config("smoke").model_copy(update={"seed": 7})
    file.write_text(config.to_yaml())
    assert load_config(file=file) == config
    assert load_run_config(RunDirectory(tmp_path)) == config
    bare = RunConfig(seed=3)
    file.write_text(bare.to_yaml())
    assert load_config(file=file) == bare


def test_unknown_preset():
    with pytest.raises(UserError, match="unknown preset 'quik'; did you mean 'quick'"):
        load_config("quik")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"loss: {sigma_g: 0.3", "line 1: not valid YAML"),
        (b"- a\n- b\n", "found a list"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"loss: 3\n", "loss should be a valid"),
        (b"loss: {sigmag: 3}\n", "did you mean 'loss.sigma_g'"),
        (b"preset: quikc\n", "unknown preset"),
    ],
)
def test_files_that_are_no_settings(tmp_path, content, rule):
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        load_config(file=file)
    assert rule in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_config_of_a_run_is_not_all_defaults(tmp_path):
    (tmp_path / "config.yaml").write_text("# nothing\n")
    with pytest.raises(UserError, match=r"config\.yaml is damaged: it is empty"):
        load_run_config(RunDirectory(tmp_path))


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="no file of settings"):
        load_config(file=tmp_path / "none.yaml")


def test_preset_files_are_sparse_and_all_their_names_are_known():
    for name in preset_names():
        complete = parse_yaml(load_config(name).to_yaml(), "written")
        assert set(complete) == set(RunConfig.model_fields)


def test_a_run_only_checks_the_installation_as_long_as_it_is_the_presets():
    smoke = load_config("smoke")
    assert check_only_warning(smoke.model_copy(update={"seed": 3})).startswith("Only checks")
    longer = smoke.training.model_copy(update={"steps": 5000})
    assert check_only_warning(smoke.model_copy(update={"training": longer})) == ""
    assert check_only_warning(load_config("quick")) == check_only_warning(RunConfig()) == ""


def test_settings_of_the_analysis_can_be_changed_and_the_rest_of_the_file_stays(tmp_path):
    run = create_run(tmp_path / "run", "seed: 3\nanalysis: {shuffles: 5, generalisation: {classes: 4}}\n", {})
    changed = change_analysis(run, {"analysis": {"bin_size": 0.1, "generalization": {"samples": 2000}}})
    kept = load_run_config(run)
    assert kept.analysis == changed.analysis
    assert (kept.seed, kept.analysis.shuffles, kept.analysis.bin_size) == (3, 5, 0.1)
    assert (kept.analysis.generalization.classes, kept.analysis.generalization.samples) == (4, 2000)
    assert set(parse_yaml(run.config.read_text(), "config.yaml")) == {"seed", "analysis"}
    before = run.config.read_bytes()
    with pytest.raises(UserError, match="shuffles"):
        change_analysis(run, {"analysis": {"shuffles": 0}})
    assert run.config.read_bytes() == before
