"""Provenance says what made a run, and nothing about who or where."""

import getpass
import json
import platform
from pathlib import Path

import pytest

from sicgrid.storage import UserError, new_provenance, read_provenance, session


def test_what_is_recorded():
    record = new_provenance(7, "cpu", 2, "numba", "fastest on this device (cpu)")
    assert record["seed"] == 7
    assert record["kernels"] == {"name": "numba", "reason": "fastest on this device (cpu)"}
    assert {"python", "torch", "numpy", "numba", "sicgrid"} <= record["versions"].keys()
    assert {"platform", "cpu", "device", "threads", "git", "sessions", "created"} <= record.keys()


def test_every_run_has_its_own_identity():
    assert new_provenance(0, "cpu", 1, "a", "b")["run"] != new_provenance(0, "cpu", 1, "a", "b")["run"]


def test_no_names_of_people_machines_or_places(monkeypatch):
    monkeypatch.setenv("SICGRID_TEST_SECRET", "hunter2")
    text = json.dumps(new_provenance(0, "cpu", 1, "numba", "requested"))
    private = ["hunter2", str(Path.home()) + "/", platform.node(), str(Path.cwd())]
    private += [getpass.getuser()] if len(getpass.getuser()) > 4 else []
    assert [word for word in private if len(word) > 1 and word in text] == []


def test_sessions_add_up(run):
    with session(run, "train") as notes:
        assert read_provenance(run)["sessions"][0]["ended"] is None  # as a kill would leave it
        notes["last_step"] = 40
    with session(run, "evaluate"):
        pass
    train, evaluate = read_provenance(run)["sessions"]
    assert (train["stage"], train["ended"], train["last_step"]) == ("train", "done", 40)
    assert train["seconds"] >= 0
    assert train["finished"] >= train["started"]
    assert evaluate["stage"] == "evaluate"


def test_a_session_that_fails_says_so(run):
    with pytest.raises(KeyError), session(run, "train"):
        raise KeyError
    assert read_provenance(run)["sessions"][0]["ended"] == "KeyError"


def test_a_change_of_versions_is_noted(run):
    record = read_provenance(run)
    record["versions"]["torch"] = "1.0"
    run.provenance.write_text(json.dumps(record))
    with session(run, "train"):
        pass
    assert read_provenance(run)["sessions"][0]["changed"]["versions"]["torch"] != "1.0"


@pytest.mark.parametrize("content", [None, "{}", "rubbish", '{"run": 3, "sessions": []}'])
def test_missing_or_damaged(run, content):
    run.provenance.unlink()
    if content is not None:
        run.provenance.write_text(content)
    with pytest.raises(UserError, match=r"provenance\.json"):
        read_provenance(run)
