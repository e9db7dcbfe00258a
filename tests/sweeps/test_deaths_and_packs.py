"""What the engine sends to its workers, and what it makes of those that die; on a Ray that does as it is told."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sicgrid.storage import UserError
from sicgrid.sweeps import _engine
from sicgrid.sweeps._directory import SweepDirectory, open_sweep
from sicgrid.sweeps._engine import DEATHS, _Driver
from sicgrid.sweeps._work import NotShared, record_end

pytest.importorskip("ray", reason="sweeps need the extra sicgrid[sweep]")


class ScriptedRay:
    """Stands in for Ray: each task sent ends as the script says, or well when the script is at its end."""

    def __init__(self, script):
        import ray

        self.exceptions, self._script, self.sent, self._calls = ray.exceptions, list(script), [], {}

    def remote(self, function):
        self._function = function
        return self

    def options(self, **options):
        return SimpleNamespace(remote=self._send)

    def _send(self, tasks):
        reference = object()
        self._calls[reference] = tasks
        self.sent.append([task.described["name"] for task in tasks])
        return reference

    def wait(self, references, **more):
        return references[:1], references[1:]

    def get(self, reference):
        what = self._script.pop(0) if self._script else None
        if isinstance(what, Exception):
            raise what
        return self._function(self._calls[reference]) if what is None else what

    def nodes(self):
        return [{"Alive": True, "Resources": {"CPU": 4.0, "memory": 1e12}}]


@pytest.fixture
def drive(make_plan, tmp_path):
    """Runs a tiny sweep on a scripted Ray; the outcome, what was said, and what was sent."""

    def drive(script, **fields):
        plan = make_plan({"training.steps": 10}, **fields)
        sweep, ray, notes = open_sweep(tmp_path / "sweep", plan), ScriptedRay(script), []
        outcome = _Driver(ray, plan, sweep, str(sweep.path), lambda event: notes.append(event.note), None, None).drive()
        return outcome, [note for note in notes if note], ray.sent, sweep

    return drive


@pytest.fixture
def untried(monkeypatch):
    """Workers that say that each trial has failed: for tests of what is sent."""

    def fail(tasks):
        return [record_end(SweepDirectory(Path(task.sweep)), task, "failed", "not tried") for task in tasks]

    monkeypatch.setattr(_engine, "work_pack", fail)


def test_a_trial_that_always_kills_its_worker_is_given_up(drive):
    from ray.exceptions import WorkerCrashedError

    outcome, notes, sent, sweep = drive([WorkerCrashedError()] * 20)
    assert outcome == (0, 0, 1, 0)
    assert len(sent) == DEATHS + 1
    assert len(notes) == DEATHS
    assert (
        f"its worker died (WorkerCrashedError), {DEATHS + 1} times in a row" in sweep.read_record("seed-0")["message"]
    )


def test_a_trial_whose_worker_dies_sometimes_ends_well(drive):
    from ray.exceptions import NodeDiedError

    outcome, _, sent, _ = drive([NodeDiedError("gone")] * DEATHS)
    assert outcome == (1, 0, 0, 0)
    assert len(sent) == DEATHS + 1


def test_an_error_of_ours_fails_its_trial_and_the_others_go_on(drive):
    from ray.exceptions import RayTaskError

    outcome, _, _, sweep = drive([RayTaskError("work", "trace", ZeroDivisionError("by zero"))], seeds="0..1")
    assert outcome == (1, 0, 1, 0)
    assert sweep.read_record("seed-0")["message"] == "ZeroDivisionError: by zero"


def test_a_machine_without_the_folder_stops_the_sweep(drive):
    from ray.exceptions import RayTaskError

    with pytest.raises(UserError, match="must share"):
        drive([RayTaskError("work", "trace", NotShared("must share"))])


def test_what_a_worker_returns_unfinished_is_sent_again(drive):
    outcome, notes, sent, _ = drive([[]], seeds="0..1", pack=2)
    assert sent == [["seed-0", "seed-1"]] * 2
    assert len(notes) == 2
    assert outcome == (2, 0, 0, 0)


def test_packs_hold_trials_of_one_shape(drive, untried):
    _, _, sent, _ = drive([], grid={"model.units": [8, 16], "loss.capacity": [0, 1]}, pack=3)
    assert sent == [
        ["units-8_capacity-0-seed-0", "units-8_capacity-1-seed-0"],
        ["units-16_capacity-0-seed-0", "units-16_capacity-1-seed-0"],
    ]


def test_networks_of_several_populations_are_not_packed(drive, untried):
    _, _, sent, _ = drive([], grid={"model.populations": [1, 2]}, seeds="0..1", pack=2)
    assert sent == [
        ["populations-1-seed-0", "populations-1-seed-1"],
        ["populations-2-seed-0"],
        ["populations-2-seed-1"],
    ]


def test_networks_with_local_units_are_not_packed(drive, untried):
    _, _, sent, _ = drive([], grid={"model.coupling_range": [0, 2]}, seeds="0..1", pack=2)
    assert [len(pack) for pack in sent] == [2, 1, 1]
