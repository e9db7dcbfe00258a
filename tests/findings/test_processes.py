"""Several processes find what one finds, and one that fails costs nothing."""

import os
import shutil

import pytest

from sicgrid.experiment import load_run_config, recordings_origin
from sicgrid.findings import _processes, _worker, analyze_run
from sicgrid.findings._processes import PROCESS_BYTES, affordable_processes
from sicgrid.findings._sources import Sources
from sicgrid.findings._worker import Worker
from sicgrid.storage import RunDirectory, UserError, read_json
from small_runs import quiet

SIDES = (2.0, 3.0)


@pytest.fixture
def run(module_run, tmp_path):
    """An evaluated run of two boxes without results."""
    made = RunDirectory(shutil.copytree(module_run[0].path, tmp_path / "run"))
    shutil.rmtree(made.results)
    return made


@pytest.fixture
def workers(monkeypatch):
    """Each worker that is made, with the parts that it has computed; recordings of any size are worth one."""
    made = []

    class Watched(Worker):
        def __init__(self, *given):
            super().__init__(*given)
            self.computed = []
            made.append(self)

        def compute(self, job, *heard):
            stamp = super().compute(job, *heard)
            self.computed += [job.part.name] if stamp else []
            return stamp

    monkeypatch.setattr(_processes, "Worker", Watched)
    monkeypatch.setattr(_processes, "FEWEST_BYTES", 0)
    return made


def digests(run):
    return {name: read_json(run.stamp(name))["digest"] for name in ("units", "units-3")}


def test_two_processes_find_what_one_finds(run, workers, module_run):
    events = []
    analyze_run(run, load_run_config(run), events.append, quiet, ["units"], processes=2)
    (worker,) = workers
    assert worker.computed in (["units"], ["units-3"])
    assert digests(run) == digests(module_run[0])
    assert sorted(event.part for event in events if event.state == "done") == ["units", "units-3"]
    assert worker._process.returncode is not None


@pytest.mark.parametrize("python", ["false", "cat", None])
def test_a_process_that_fails_costs_nothing(run, workers, module_run, monkeypatch, caplog, python):
    """It ends at once; it answers what it is asked; there is none."""
    monkeypatch.setattr(_worker.sys, "executable", python and shutil.which(python))
    monkeypatch.setattr(_worker, "START", "-")
    analyze_run(run, load_run_config(run), quiet, quiet, ["units"], processes=3)
    assert [worker.computed for worker in workers] == [[], []]
    assert digests(run) == digests(module_run[0])
    assert "its part is computed here" in caplog.text


def test_a_process_that_is_killed_between_two_parts_costs_nothing(run, workers, monkeypatch):
    ended = []

    def killed(job, *heard):
        worker = workers[0]
        if worker.computed:
            worker._process.kill()
            worker._process.wait()
            ended.append(job.part.name)
        return compute(job, *heard)

    def next_worker(*given):
        made = make(*given)
        nonlocal compute
        compute = made.compute
        made.compute = killed
        return made

    make, compute = _processes.Worker, None
    monkeypatch.setattr(_processes, "Worker", next_worker)
    summary = analyze_run(run, load_run_config(run), quiet, quiet, ["units", "modules", "fields"], processes=2)
    assert len(ended) == 1
    assert {"units", "units-3", "modules", "fields"} <= set(summary["parts"])


def test_an_error_of_who_listens_is_told_and_ends_the_others(run, workers):
    def tired(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        analyze_run(run, load_run_config(run), quiet, tired, ["units"], processes=2)
    assert workers[0]._process is None or workers[0]._process.returncode is not None


def test_an_error_at_home_ends_the_others(run, workers, monkeypatch):
    def fails(part, *given):
        raise UserError(f"{part.name} cannot be analyzed")

    monkeypatch.setattr(_processes, "compute_part", fails)
    with pytest.raises(UserError, match="cannot be analyzed"):
        analyze_run(run, load_run_config(run), quiet, quiet, ["units"], processes=2)
    (worker,) = workers
    assert worker.computed == []
    assert worker._process is None or worker._process.returncode is not None


def test_a_process_ends_when_the_one_that_started_it_is_gone(run):
    config = load_run_config(run)
    process = Worker(Sources(run, config, recordings_origin(run, config), SIDES, SIDES[0]))._start()
    with process:
        process.stdin.close()  # as the system does it with the pipes of a process that was killed
        assert process.wait(120) == 0


def test_small_recordings_are_worth_one_process_and_memory_bounds_them(run, monkeypatch):
    class Sources:
        arenas = SIDES

    Sources.run = run
    assert affordable_processes(Sources, 0) == 1
    monkeypatch.setattr(_processes, "FEWEST_BYTES", 0)
    assert affordable_processes(Sources, 0) == min(4, len(os.sched_getaffinity(0)))
    assert affordable_processes(Sources, 3) == 3
    largest = max(path.stat().st_size for path in run.recordings.iterdir())
    monkeypatch.setattr(_processes, "available_memory", lambda: 3 * (PROCESS_BYTES + 32 * largest))
    assert affordable_processes(Sources, 4) == 3
    monkeypatch.setattr(_processes, "available_memory", lambda: 0)
    assert affordable_processes(Sources, 3) == 1
