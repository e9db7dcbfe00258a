"""The first line, by the words alone."""

import subprocess
import sys

import pytest

from sicgrid.cli._announce import announcement
from sicgrid.experiment import load_config, preset_names

JOB = "training, walking, analysis and page"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("reproduce", f"quick, seed 0: {JOB} into runs/quick"),
        ("reproduce modules --seed 4 --out here", f"modules, seed 4: {JOB} into here"),
        ("reproduce --open --seed=4 --evaluation.arenas 2 3 modules", f"modules, seed 4: {JOB} into runs/modules"),
        ("reproduce quick --seeds 0 1 5..7", f"quick, seeds 0 1 5..7: {JOB} into runs/quick"),
        ("reproduce --resume --out here", f"resuming here: {JOB}"),
        ("reproduce --config my.yaml", f"settings of my.yaml: {JOB}"),
        ("reproduce --config my.yaml --out here", f"settings of my.yaml: {JOB} into here"),
        ("train smoke --out here", "smoke, seed 0: training into here"),
        ("evaluate here --arenas 2 3", "walking of here"),
        ("analyze here --only units", "analysis of here"),
        ("analyze --recording rat.npz --out here", "analysis of rat.npz into here"),
        ("analyze --recording rat.npz --only units modules --out here", "analysis of rat.npz into here"),
        ("report here", "page of here"),
        ("report --pretrained quick", f"quick: {JOB.removeprefix('training, ')} into runs/pretrained-quick"),
        ("explore here", "live page of here"),
        ("explore --pretrained quick", "live page of quick"),
        # Not for certain, or an error in any case.
        ("train smoke", ""),
        ("reproduce quik", ""),
        ("reproduce --trajectories.permute modules", ""),
        ("reproduce quick modules", ""),
        ("report", ""),
        ("info", ""),
    ],
)
def test_what_the_words_say(words, line):
    command, *arguments = words.split()
    assert announcement(command, arguments).line == line


def test_a_new_run_is_told_in_full_where_it_is_one():
    assert announcement("reproduce", ["quick"]).full
    for words in (["--resume", "--out", "here"], ["--config", "my.yaml"], ["--seeds", "0..3"], ["quik"]):
        assert not announcement("reproduce", words).full


def test_the_seed_that_is_not_given_is_that_of_every_preset():
    assert {load_config(name).seed for name in preset_names()} == {0}


def test_it_comes_before_anything_that_takes_time():
    code = """
import sys
from sicgrid.cli import _main
slow = {"torch", "numpy", "scipy", "xarray", "pydantic", "rich", "tyro", "matplotlib"}
_main.import_module = lambda *_: sys.exit(print(slow & set(sys.modules)))
_main.main(["reproduce", "quick"])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
    assert told == f"quick, seed 0: {JOB} into runs/quick\nset()\n"


def test_a_run_is_named_once(sicgrid, small, blank_pages, tmp_path):
    ended = sicgrid("reproduce", "smoke", "--training.steps", 2, *small)
    assert ended.out.startswith(f"smoke, seed 0: {JOB} into runs/smoke\n")
    assert "run: " not in ended.out
    (tmp_path / "my.yaml").write_text("preset: smoke\nseed: 3\n")
    ended = sicgrid("reproduce", "--config", "my.yaml", "--out", "mine", "--training.steps", 2, *small)
    assert ended.out.startswith(f"settings of my.yaml: {JOB} into mine\nrun: mine, preset smoke, seed 3\n")
