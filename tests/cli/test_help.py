"""Help: short unless all is asked for, and complete in what it names."""

import ast
import inspect
import textwrap

import pytest

from sicgrid.baselines import BASELINES
from sicgrid.cli._arguments import arguments_of
from sicgrid.cli._main import COMMANDS
from sicgrid.experiment import preset_names, setting_names
from sicgrid.pretrained import pretrained_names
from sicgrid.sweeps import plan_names


@pytest.fixture(scope="module")
def pages():
    """Help of train and sweep, short and whole, as printed."""
    import contextlib
    import io

    from sicgrid.cli import main

    printed = {}
    for words in (("train", "--help"), ("train", "--help-all"), ("sweep", "--help"), ("compare", "--help")):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as end:
            main(list(words))
        assert not end.value.code
        printed[words] = out.getvalue()
    return printed


def test_short_help_fits_on_a_screen_and_names_every_setting(pages):
    short = pages["train", "--help"]
    assert short.count("\n") < 60
    assert "--help-all" in short
    words = set(short.replace(",", " ").split())
    for name in setting_names():
        if name != "preset":
            last = name.rpartition(".")[2].replace("_", "-")
            assert {last, f"--{last}"} & words, name


def test_help_of_all_explains_what_short_help_names(pages):
    whole = pages["train", "--help-all"]
    assert whole.count("\n") > 3 * pages["train", "--help"].count("\n")
    assert "Source: paper" in whole


@pytest.mark.parametrize("words", [("train", "--help"), ("train", "--help-all")])
def test_nothing_is_said_that_says_nothing(pages, words):
    assert "default: None" not in pages[words]
    assert "Source: ours." not in pages[words]


def test_no_text_of_an_argument_ends_its_lines_early():
    """Of a docstring of several lines tyro keeps the line breaks, wherever they come to stand in the box."""
    for command in COMMANDS:
        cls = arguments_of(command)
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
        for statement in tree.body[0].body[1:]:
            if isinstance(statement, ast.Expr):
                assert "\n" not in ast.literal_eval(statement.value), (command, ast.unparse(statement))


def test_presets_and_plans_are_those_of_the_folder(pages):
    text = {words: " ".join(page.replace("│", " ").split()) for words, page in pages.items()}
    assert ", ".join(preset_names()) in text["train", "--help"]
    assert ", ".join(plan_names()) in text["sweep", "--help"]


def test_what_can_be_compared_is_what_is_there(pages):
    text = " ".join(pages["compare", "--help"].replace("│", " ").split())
    for names in (BASELINES, pretrained_names()):
        assert f"({', '.join(names)})" in text
