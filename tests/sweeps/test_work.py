"""What a worker does, in this process: ends, resumptions, divergence, packs."""

import dataclasses

import pytest

from sicgrid.experiment import Interrupted, checked_config, start_run, train_run
from sicgrid.storage import RunDirectory, UserError, exclusive, newest_checkpoint, read_json, read_provenance
from sicgrid.sweeps import METRICS, run_metrics, trials_of
from sicgrid.sweeps._directory import open_sweep
from sicgrid.sweeps._work import NotShared, task_of, work_pack


@pytest.fixture
def make_tasks(make_plan, tmp_path):
    """Maker of a sweep with its tasks."""

    def make(settings=None, name="sweep", **fields):
        plan = make_plan({"training.steps": 20, **(settings or {})}, **fields)
        sweep = open_sweep(tmp_path / name, plan)
        identity = read_json(sweep.about)["sweep"]
        tasks = [
            task_of(trial, str(sweep.path), identity, plan.needed_parts(), plan.record) for trial in trials_of(plan)
        ]
        return sweep, tasks

    return make


def state_of(run: RunDirectory) -> dict[str, bytes]:
    checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
    return {name: array.tobytes() for name, array in checkpoint.arrays.items()}


def test_a_finished_trial_says_so_and_is_left_as_it_is(make_tasks):
    sweep, tasks = make_tasks(record=["active_units", "held_out_total"])
    (ended,) = work_pack(tasks)
    run = sweep.run("seed-0")
    assert (ended["status"], ended["message"], ended["seed"], ended["variant"]) == ("finished", "", 0, None)
    assert list(ended["metrics"]) == ["active_units", "held_out_total"]
    assert ended["metrics"]["active_units"] == read_json(run.summary)["active_units"]
    assert set(ended["stages"]) == {"train", "evaluate", "analyze"}
    assert ended == read_json(sweep.record("seed-0"))
    before = {path: path.stat().st_mtime_ns for path in run.path.rglob("*") if path.is_file()}
    assert work_pack(tasks) == [ended]
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*") if path.is_file()} == before


def test_a_worker_that_died_while_training_costs_nothing(make_tasks):
    whole, tasks = make_tasks(name="whole")
    work_pack(tasks)
    sweep, tasks = make_tasks(name="killed")

    class Killed(BaseException):
        pass

    def die(record):
        if record.step == 13:
            raise Killed

    config = checked_config(tasks[0].settings)
    run = start_run(config, sweep.run("seed-0").path)
    with exclusive(run), pytest.raises(Killed):
        train_run(run, config, lambda first, changed: None, die)
    (ended,) = work_pack(tasks)
    assert ended["status"] == "finished"
    assert state_of(run) == state_of(whole.run("seed-0"))
    assert run.metrics.read_bytes() == whole.run("seed-0").metrics.read_bytes()
    sessions = [entry for entry in read_provenance(run)["sessions"] if entry["stage"] == "train"]
    assert [entry.get("first_step") for entry in sessions] == [0, 10]


def test_a_trial_that_diverges_is_recorded_and_those_after_it_go_on(make_tasks):
    grid = {"training.learning_rate": [1e30, 1e-3]}
    _, tasks = make_tasks({"training.gradient_clip": 1e30}, grid=grid)
    wild, calm = (work_pack([task])[0] for task in tasks)
    assert (wild["status"], calm["status"]) == ("diverged", "finished")
    assert "is not finite at step" in wild["message"]
    assert set(wild["metrics"].values()) == {None}
    assert work_pack(tasks[:1]) == [wild]  # and is not tried again


def test_a_pack_brings_each_to_its_own_end(make_tasks):
    _, tasks = make_tasks({"training.gradient_clip": 1e30}, grid={"training.learning_rate": [1e-3, 1e30, 2e-3]})
    ends = {ended["point"]["training.learning_rate"]: ended["status"] for ended in work_pack(tasks)}
    assert ends == {1e-3: "finished", 1e30: "diverged", 2e-3: "finished"}


def test_a_failed_trial_says_why_and_is_tried_again(make_tasks):
    sweep, tasks = make_tasks()
    run = sweep.run("seed-0").path
    run.mkdir()
    (run / "notes.txt").touch()
    (ended,) = work_pack(tasks)
    assert ended["status"] == "failed"
    assert "is not empty" in ended["message"]
    (run / "notes.txt").unlink()
    assert work_pack(tasks)[0]["status"] == "finished"


def test_a_run_with_other_settings_is_not_taken_for_the_trial(make_tasks):
    sweep, tasks = make_tasks()
    work_pack(tasks)
    sweep.record("seed-0").unlink()
    config = sweep.run("seed-0").config
    config.write_text(config.read_text().replace("capacity: 0.5", "capacity: 0.25"))
    (ended,) = work_pack(tasks)
    assert ended["status"] == "failed"
    assert "has other settings: loss.capacity (0.5 against 0.25)" in ended["message"]


def test_a_machine_that_does_not_see_the_folder_is_told(make_tasks, tmp_path):
    _, tasks = make_tasks()
    with pytest.raises(NotShared, match="must lie on a disk that all of them share"):
        work_pack([dataclasses.replace(tasks[0], sweep=str(tmp_path / "elsewhere"))])
    with pytest.raises(NotShared):
        work_pack([dataclasses.replace(tasks[0], identity="another")])
    assert issubclass(NotShared, UserError)


def test_asked_to_stop_it_returns_what_has_ended(make_tasks, monkeypatch):
    sweep, tasks = make_tasks()

    def stop(*arguments):
        raise Interrupted(2, 5)

    monkeypatch.setattr("sicgrid.sweeps._work.train_runs", stop)
    assert work_pack(tasks) == []
    assert sweep.read_record("seed-0") is None


def test_every_metric_is_read_from_a_run_with_all_its_parts(make_tasks):
    sweep, tasks = make_tasks(parts=["units", "modules", "periods", "topology", "fields", "unique_range"])
    (ended,) = work_pack(tasks)
    assert ended["status"] == "finished", ended["message"]
    assert list(run_metrics(sweep.run("seed-0"))) == list(METRICS)
    known = {name for name, value in ended["metrics"].items() if value is not None}
    # A network of 20 steps has no modules: what is about their lattices is not there.
    lattices = {"spacing_smallest_m", "spacing_largest_m", "spacing_median_m", "ellipticity_median", "unique_range_m"}
    assert set(METRICS) - known <= lattices | {"field_diameter_m", "torus_modules"}
