"""How far a sweep is, from files written by hand."""

import pytest

from sicgrid.storage import read_json
from sicgrid.sweeps import trials_of
from sicgrid.sweeps._directory import open_sweep
from sicgrid.sweeps._progress import Watch
from sicgrid.sweeps._work import task_of


@pytest.fixture
def sweep_and_tasks(make_plan, tmp_path):
    plan = make_plan({"training.steps": 100}, seeds="0..3")
    sweep = open_sweep(tmp_path / "sweep", plan)
    return sweep, [
        task_of(trial, str(sweep.path), read_json(sweep.about)["sweep"], (), ()) for trial in trials_of(plan)
    ]


def write_steps(sweep, name, steps, end="\n"):
    run = sweep.run(name)
    run.path.mkdir(exist_ok=True)
    run.metrics.write_text("".join(f'{{"step": {step}}}\n' for step in range(1, steps)) + f'{{"step": {steps}}}{end}')


def test_shares_are_read_from_the_last_whole_line(sweep_and_tasks):
    sweep, tasks = sweep_and_tasks
    watch = Watch(sweep, 4)
    write_steps(sweep, "seed-0", 25)
    write_steps(sweep, "seed-1", 50, end="")
    (sweep.run("seed-2").path).mkdir()
    assert watch.look(tasks) == (0, 4, {"seed-0": 0.25, "seed-1": 0.49}, None)


def test_time_left_is_what_is_left_at_the_pace_so_far(sweep_and_tasks, monkeypatch):
    sweep, tasks = sweep_and_tasks
    now = 1000.0
    monkeypatch.setattr("sicgrid.sweeps._progress.time.monotonic", lambda: now)
    watch = Watch(sweep, 4)
    write_steps(sweep, "seed-0", 50)  # done by an earlier start: no sign of the pace
    assert watch.look(tasks).left_s is None
    write_steps(sweep, "seed-0", 75)
    now += 10.0
    # A quarter of a trial in 10 s; 3.25 trials are left.
    assert watch.look(tasks).left_s == pytest.approx(130.0)
    watch.ended({"name": "seed-0"})
    now += 10.0
    # Half of a trial in 20 s; 3 are left.
    assert watch.look(tasks[1:]) == (1, 4, {}, pytest.approx(120.0))


def test_what_is_reached_tells_a_new_checkpoint_and_a_new_part(sweep_and_tasks):
    sweep, _ = sweep_and_tasks
    watch, run = Watch(sweep, 4), sweep.run("seed-0")
    seen = [watch.reached("seed-0")]
    for folder, name in ((run.checkpoints, "step-00000100.json"), (run.results, "units.json")):
        folder.mkdir(parents=True)
        (folder / name).touch()
        seen.append(watch.reached("seed-0"))
    assert len(set(seen)) == 3
    assert watch.reached("seed-0") == seen[-1]
