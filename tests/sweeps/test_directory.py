"""The sweep's folder: who may use it, for which plan."""

import multiprocessing
import re

import pytest

from sicgrid.storage import UserError, read_json
from sicgrid.sweeps import load_plan, trials_of
from sicgrid.sweeps._directory import (
    SweepDirectory,
    add_trials,
    check_place,
    noted_trials,
    only_sweep,
    only_worker,
    open_sweep,
)


def test_a_folder_with_another_plan_is_refused_and_says_how_it_differs(make_plan, tmp_path):
    open_sweep(tmp_path / "sweep", make_plan(seeds="0..1"))
    before = (tmp_path / "sweep/plan.yaml").read_bytes()
    with pytest.raises(UserError, match=r"another plan: seeds \(\[0, 1, 2\] against \[0, 1\]\); choose another folder"):
        open_sweep(tmp_path / "sweep", make_plan(seeds="0..2"))
    assert (tmp_path / "sweep/plan.yaml").read_bytes() == before


def test_a_plan_is_the_same_however_its_values_are_written(make_plan, tmp_path):
    open_sweep(tmp_path / "sweep", make_plan(grid={"training.learning_rate": ["1e-3", 1], "training.steps": ["10"]}))
    there = make_plan(grid={"training.learning_rate": [0.001, 1.0], "training.steps": [10]})
    check_place(SweepDirectory(tmp_path / "sweep"), there)
    # As version 0.1 wrote text that its YAML took for no number.
    (tmp_path / "sweep/plan.yaml").write_text((tmp_path / "sweep/plan.yaml").read_text().replace("'1e-3'", "1e-3"))
    check_place(SweepDirectory(tmp_path / "sweep"), there)


def test_the_same_plan_goes_on_under_the_same_identity(make_plan, tmp_path):
    plan = make_plan(seeds="0..1", about="first")
    identity = read_json(open_sweep(tmp_path / "sweep", plan).about)["sweep"]
    harmless = make_plan(seeds="0..1", about="second", memory_gb=2.0)
    assert read_json(open_sweep(tmp_path / "sweep", harmless).about)["sweep"] == identity
    # What the command tells to resume with is the plan in the folder.
    assert open_sweep(tmp_path / "sweep", load_plan(tmp_path / "sweep/plan.yaml"))


@pytest.mark.parametrize(
    "make", [lambda path: (path / "notes.txt").touch(), lambda path: (path / "config.yaml").touch()]
)
def test_a_folder_with_something_else_is_refused(make, make_plan, tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    make(folder)
    with pytest.raises(UserError, match="is not empty and holds no sweep"):
        check_place(SweepDirectory(folder), make_plan())
    with pytest.raises(UserError, match="is a file, not a folder"):
        check_place(SweepDirectory(tmp_path / "plan.yaml"), make_plan())


def test_a_start_that_was_killed_before_the_plan_was_written_is_begun_anew(make_plan, tmp_path):
    sweep = open_sweep(tmp_path / "sweep", make_plan())
    sweep.plan.unlink()
    assert open_sweep(tmp_path / "sweep", make_plan(seeds=[5])).plan.is_file()


def _hold(path, held, release):
    with only_sweep(path):
        held.set()
        release.wait(30)


def test_two_sweeps_in_one_folder_are_refused_and_a_killed_one_leaves_no_lock(tmp_path):
    context = multiprocessing.get_context("fork")  # a new interpreter would first import torch
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "sweep", held, release))
    other.start()
    assert held.wait(60)
    with pytest.raises(UserError, match="another sweep is working in"), only_sweep(tmp_path / "sweep"):
        pass
    other.kill()
    other.join()
    with only_sweep(tmp_path / "sweep"):
        pass


def test_a_trial_has_one_worker(make_plan, tmp_path):
    sweep = open_sweep(tmp_path / "sweep", make_plan())
    expected = re.escape(str(sweep.run("seed-0").path))
    with only_worker(sweep, "seed-0", 0.0), only_worker(sweep, "seed-1", 0.0):
        message = f"another process has been working on {expected}"
        with pytest.raises(UserError, match=message), only_worker(sweep, "seed-0", 0.3):
            pass


def test_trials_are_noted_once_and_in_order(make_plan, tmp_path):
    plan = make_plan(seeds="0..2")
    sweep, trials = open_sweep(tmp_path / "sweep", plan), trials_of(plan)
    add_trials(sweep, trials[:2])
    add_trials(sweep, trials)
    assert noted_trials(sweep) == [trial.described() for trial in trials]
