"""Command lines into settings, and what does not fit into one line."""

import pytest

from sicgrid.cli._arguments import Analyze, Evaluate, Reproduce, Train
from sicgrid.cli._parse import checked_settings, parse, sort_words
from sicgrid.experiment import load_config, setting_names
from sicgrid.storage import UserError


def settings(*arguments):
    base = load_config("smoke")
    given = parse(Train, arguments, Train(settings=base))
    return checked_settings(given.settings, base)


def test_words_are_sorted_wherever_they_stand():
    words = sort_words(Train, ["--seed", "3", "smoke", "--resume", "--out=a=b", "--loss.sigma_g", "0.3"])
    assert words.positional == ["smoke"]
    assert words.flags == {"--seed": ["3"], "--resume": [], "--out": ["a=b"], "--loss.sigma-g": ["0.3"]}


def test_lists_end_at_the_next_flag():
    words = sort_words(Evaluate, ["run", "--arenas", "2", "3", "4"])
    assert words == (["run"], {"--arenas": ["2", "3", "4"]})


def test_every_setting_has_a_flag_and_every_flag_is_in_the_help(capsys):
    with pytest.raises(SystemExit) as end:
        parse(Train, ["smoke", "--help-all"], Train(settings=load_config("smoke")))
    assert not end.value.code
    text = capsys.readouterr().out
    for name in setting_names():
        if name != "preset":
            assert f"--{name.replace('_', '-')}" in text


def test_help_shows_unit_source_and_the_presets_default(capsys):
    with pytest.raises(SystemExit):
        parse(Train, ["paper", "--help-all"], Train(settings=load_config("paper")))
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "PRESET" in text
    start = text.index("--loss.sigma-x FLOAT")
    assert "meters" in text[start : start + 200]
    assert "Source: paper" in text[start : start + 200]
    start = text.index("--training.steps INT")
    assert "(default: 2000000)" in text[start : start + 200]


def test_values_reach_their_settings():
    config = settings(
        *("--seed", "3", "--loss.sigma-g", "0.3", "--trajectories.no-permute", "--training.betas", "0.8", "0.99"),
        *("--evaluation.arenas", "2", "3.5", "--model.initialization", "default", "--training.gradient-clip", "inf"),
    )
    assert config.seed == 3
    assert config.loss.sigma_g == 0.3
    assert config.trajectories.permute is False
    assert config.training.betas == (0.8, 0.99)
    assert config.evaluation.arenas == (2.0, 3.5)
    assert config.model.initialization == "default"
    assert config.training.gradient_clip == float("inf")
    assert config.preset == "smoke"
    assert config.trajectories.batch_size == load_config("smoke").trajectories.batch_size


def test_nothing_given_changes_nothing():
    assert settings() == load_config("smoke")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--loss.sigmag", "0.3"], "unknown setting '--loss.sigmag'; did you mean '--loss.sigma-g'?"),
        (["--los.sigma_g=3"], "unknown setting '--los.sigma_g'; did you mean '--loss.sigma-g'?"),
        (["-x"], "unknown setting '-x'"),
        (["--lr", "1e-3"], "unknown setting '--lr'; did you mean '--training.learning-rate'?"),
        (["--units", "64"], "unknown setting '--units'; did you mean '--model.units'?"),
        (["--batch_size", "4"], "did you mean '--trajectories.batch-size'?"),
        (["smoke", "quick"], "unexpected word 'quick'"),
        (["--loss.sigma-g"], "--loss.sigma-g needs a value"),
        (["--out", ""], "--out needs a value"),
        (["--out="], "--out needs a value"),
        ([""], "an argument is empty; is a variable not set?"),
        (["--loss.sigma-g", "abc"], "--loss.sigma-g must be a number, which abc is not"),
        (["--seed", "1.5"], "--seed must be a whole number, which 1.5 is not"),
        (["--evaluation.arenas", "2", "two"], "--evaluation.arenas must be a number, which two is not"),
        (["--training.steps", "1_0"], "--training.steps must be a number, which 1_0 is not"),
        (["--evaluation.arenas", "2", "1_0"], "--evaluation.arenas must be a number, which 1_0 is not"),
        (["--loss.reduction", "avg"], "invalid choice 'avg'"),
        (["--loss.sigma-g", "0"], "loss.sigma_g should be greater than 0, found 0.0"),
        (["--trajectories.batch-size", "0"], "trajectories.batch_size should be greater than or equal to 1, found 0"),
        (["--model.units", "-3"], "model.units should be greater than or equal to 1, found -3"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(arguments, line, capsys):
    with pytest.raises(UserError) as caught:
        settings(*arguments)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "│" not in str(caught.value)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("words", [["--evaluation.walk.animals", "20"], ["--evaluation.walk.animals=20"]])
def test_a_setting_of_another_command_is_known(words):
    with pytest.raises(
        UserError, match=r"^--evaluation\.walk\.animals is a setting of a new run, which `sicgrid train`"
    ):
        parse(Evaluate, ["runs/quick", *words])


@pytest.mark.parametrize("flag", ["--arena", "--time-scale", "--box", "--center"])
def test_numbers_of_arguments_are_numbers(flag):
    with pytest.raises(UserError, match=f"^{flag} must be a number, which 1_0 is not"):
        parse(Analyze, ["--recording", "a.npz", flag, "1_0"])


def test_reproduce_takes_what_train_takes():
    base = load_config("smoke")
    given = parse(Reproduce, ["smoke", "--seed", "4"], Reproduce(settings=base))
    assert (given.preset, given.settings.seed, given.out, given.resume) == ("smoke", 4, None, False)


def test_a_missing_run_is_asked_for():
    with pytest.raises(UserError, match="sicgrid evaluate RUN"):
        parse(Evaluate, [])
