"""Completion: what a shell offers after what has been typed."""

import shutil
import subprocess

import pytest

from sicgrid.experiment import preset_names
from sicgrid.findings import PART_NAMES
from sicgrid.pretrained import pretrained_names


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    import contextlib
    import io

    from sicgrid.cli import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["completion", "bash"]) == 0
    path = tmp_path_factory.mktemp("completion") / "sicgrid.bash"
    path.write_text(out.getvalue())
    return path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["tr"], ["train"]),
        (["train", "sm"], ["smoke"]),
        (["train", "--loss.sigma"], ["--loss.sigma-g", "--loss.sigma-x"]),
        (["train", "--loss.reduction", ""], ["mean", "sum"]),
        (["analyze", "--only", ""], list(PART_NAMES)),
        (["analyze", "run", "--only", "units", "mo"], ["modules"]),
        (["explore", "--and", "mod"], ["modules"]),
        (["analyze", "--analysis.sh"], ["--analysis.shuffles"]),
        (["analyze", "--analysis.scorer", ""], ["langston", "sargolini", "banino"]),
        (["report", "--pretrained", ""], pretrained_names()),
        (["compare", "ba"], ["banino"]),
        (["reproduce", ""], preset_names()),
        (["info", "--no-such"], []),
    ],
)
def test_bash_offers(script, typed, offered):
    words = " ".join(f"'{word}'" for word in ("sicgrid", *typed))
    state = f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}"
    ask = f"source {script}; {state}; _sicgrid; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run([shutil.which("bash"), "-c", ask], capture_output=True, text=True, check=True)
    found = done.stdout.split()
    assert [word for word in found if typed[-1] or not word.startswith("--")] == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_that_names_commands_and_settings(sicgrid, shell):
    text = sicgrid("completion", shell).out
    assert "reproduce" in text
    assert "loss.sigma-g" in text


@pytest.fixture(scope="module")
def fish():
    shell = shutil.which("fish")
    if shell is None:
        pytest.skip("no fish installed (apt-get install fish)")
    return shell


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("analyze --only mo", ["modules"]),
        ("analyze --only units mo", ["modules"]),
        ("analyze --only units modules top", ["topology"]),
        ("analyze --only units --progress pl", []),
        ("train sm", ["smoke"]),
    ],
)
def test_fish_offers(fish, sicgrid, tmp_path, typed, offered):
    script = tmp_path / "sicgrid.fish"
    script.write_text(sicgrid("completion", "fish").out)
    ask = f"source {script}; complete -C 'sicgrid {typed}'"
    done = subprocess.run([fish, "-c", ask], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (done.stdout.split(), done.stderr) == (offered, "")


def test_fish_is_told_that_an_option_takes_several_words(sicgrid):
    lines = sicgrid("completion", "fish").out.splitlines()
    again = [line for line in lines if "__sicgrid_last_flag --only" in line]
    assert again
    assert all(f"'{' '.join(PART_NAMES)}'" in line for line in again)


def test_a_shell_that_is_not_known_is_told_in_one_line(sicgrid):
    ended = sicgrid("completion", "csh")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "sicgrid completion bash" in ended.err
