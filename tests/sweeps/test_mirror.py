"""Sweeps at a URL: what is sent, in which order, and who may work there. In memory and in files."""

import json

import pytest

from sicgrid.storage import UserError, newest_checkpoint, read_json, read_provenance
from sicgrid.sweeps import _mirror as mirror_module
from sicgrid.sweeps import is_url, local_copy, reading_copy, trials_of
from sicgrid.sweeps._directory import SweepDirectory, open_sweep
from sicgrid.sweeps._mirror import HEAVY, Mirror, clear_copy, scratch
from sicgrid.sweeps._work import task_of, work_pack

fsspec = pytest.importorskip("fsspec", reason="URLs need the extra sicgrid[sweep]")


@pytest.fixture
def url(tmp_path, monkeypatch):
    """A place in memory, with this machine's copies in the test's folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    yield "memory://sweeps/one"
    files = fsspec.filesystem("memory")
    if files.exists("/sweeps"):
        files.rm("/sweeps", recursive=True)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_is_sent_comes_back_and_what_is_gone_goes(url, tmp_path):
    here, there = Mirror(url, tmp_path / "here"), Mirror(url, tmp_path / "there")
    put(tmp_path / "here/runs/a/checkpoints/step-1.json", "1")
    put(tmp_path / "here/runs/a/notes.txt", "n")
    put(tmp_path / "here/runs/a/.lock", "")
    put(tmp_path / "here/runs/b/notes.txt", "n")
    here.push("runs/a")
    assert here.names() == ["runs/a/checkpoints/step-1.json", "runs/a/notes.txt"]
    there.pull("runs/a", HEAVY)
    assert [path.name for path in (tmp_path / "there").rglob("*") if path.is_file()] == ["notes.txt"]
    (tmp_path / "here/runs/a/checkpoints/step-1.json").unlink()
    put(tmp_path / "here/runs/a/notes.txt", "changed")
    here.push("runs/a")
    assert here.names() == ["runs/a/notes.txt"]
    there.pull("runs/a")
    assert (tmp_path / "there/runs/a/notes.txt").read_text() == "changed"


def test_files_that_were_never_brought_are_not_taken_away(url, tmp_path):
    here, there = Mirror(url, tmp_path / "here"), Mirror(url, tmp_path / "there")
    put(tmp_path / "here/runs/a/checkpoints/step-1.json", "1")
    here.push("runs/a")
    there.pull("runs/a", HEAVY)
    put(tmp_path / "there/runs/a/trial.json", "{}")
    there.push("runs/a")
    assert here.names() == ["runs/a/checkpoints/step-1.json", "runs/a/trial.json"]


def test_whoever_vouches_goes_last(url, tmp_path, monkeypatch):
    here = Mirror(url, tmp_path / "here")
    names = ["trial.json", "metrics.jsonl", "checkpoints/step-1.json", "checkpoints/step-1.safetensors", "a.json"]
    for name in names:
        put(tmp_path / "here/runs/a" / name, name)
    sent = []
    put_file = here._files.put_file
    monkeypatch.setattr(
        here._files, "put_file", lambda one, to: (sent.append(to.rpartition("runs/a/")[2]), put_file(one, to))
    )
    here.push("runs/a")
    assert sorted(sent) == sorted(names)
    assert sent[-2:] == ["checkpoints/step-1.json", "trial.json"]


def test_two_drivers_at_one_url_are_refused_until_the_lease_is_void(url, tmp_path, monkeypatch):
    one, other = Mirror(url, tmp_path / "one"), Mirror(url, tmp_path / "other")
    with one.lease() as lease:
        with pytest.raises(UserError, match=r"another sweep was working at .* s ago; if it is dead, start again in"):
            other.lease().__enter__()
        monkeypatch.setattr(mirror_module, "LEASE", 0.0)
        with other.lease():
            pass
        monkeypatch.undo()
        monkeypatch.setattr(mirror_module, "RENEW", -1.0)
        lease.renew()
        held = json.loads(fsspec.filesystem("memory").cat_file("/sweeps/one/lease.json"))
        assert held["holder"] == lease._holder
    with other.lease():
        pass


def state_of(path):
    run = SweepDirectory(path).run("seed-0")
    return {name: array.tobytes() for name, array in newest_checkpoint(run, read_provenance(run)["run"])[1].items()}


def test_a_trial_whose_worker_died_goes_on_from_what_was_sent(url, make_plan, tmp_path, monkeypatch):
    plan = make_plan()
    (trial,) = trials_of(plan)
    whole = open_sweep(tmp_path / "whole", plan)
    work_pack([task_of(trial, str(whole.path), read_json(whole.about)["sweep"], ("units",), ())])

    sweep = open_sweep(scratch(url, "driver"), plan)
    driver = Mirror(url, sweep.path)
    driver.push()
    task = task_of(trial, url, read_json(sweep.about)["sweep"], ("units",), ())
    push = Mirror.push

    class Died(BaseException):
        pass

    def die_at_twenty(self, under=""):
        push(self, under)
        if any("step-00000020.json" in name for name in self.names(under)):
            raise Died

    with monkeypatch.context() as dying:
        dying.setattr(Mirror, "push", die_at_twenty)
        with pytest.raises(Died):
            work_pack([task])
    assert not any("step-00000040" in name for name in driver.names())
    # Another machine: nothing of the first one's copy is there.
    clear_copy(scratch(url, "work"))
    (ended,) = work_pack([task])
    assert ended["status"] == "finished"
    assert not scratch(url, "work").joinpath("runs/seed-0").exists()
    driver.pull()
    assert state_of(sweep.path) == state_of(whole.path)
    assert sweep.read_record("seed-0") == ended
    metrics = [SweepDirectory(path).run("seed-0").metrics.read_bytes() for path in (sweep.path, whole.path)]
    assert metrics[0] == metrics[1]


def test_a_sweep_is_read_where_nobody_has_a_copy_and_its_page_goes_there(url, tmp_path):
    there = Mirror(url, tmp_path / "there")
    with pytest.raises(UserError, match="memory://sweeps/one holds no sweep"), reading_copy(url):
        pass
    for name in ("sweep.json", "runs/a/trial.json", "runs/a/checkpoints/step-1.json", "runs/b/trial.json"):
        put(tmp_path / "there" / name, "{}")
    for under in ("", "runs/a", "runs/b"):
        there.push(under)
    with reading_copy(url) as copy:
        assert (copy.name, copy == local_copy(url)) == ("one", False)
        assert sorted(path.name for path in copy.rglob("*.json")) == ["sweep.json", "trial.json", "trial.json"]
        put(copy / "report.html", "page")
    (tmp_path / "there/runs/b/trial.json").unlink()
    there.push("runs/b")
    with reading_copy(url) as copy:
        assert sorted(path.name for path in copy.iterdir()) == [".lock", "report.html", "runs", "sweep.json"]
        assert not (copy / "runs/b").exists()
        with pytest.raises(UserError, match="another process on this machine is reading memory://"), reading_copy(url):
            pass
        assert (copy / "report.html").exists()
    with reading_copy(str(tmp_path)) as same:
        assert same == tmp_path


def test_places_are_told_apart(tmp_path):
    assert is_url("s3://bucket/sweep")
    assert not is_url(str(tmp_path))
    assert local_copy(str(tmp_path)) == tmp_path
    assert local_copy("s3://a/b") == local_copy("s3://a/b") != local_copy("s3://a/c")


def test_a_url_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(UserError, match="nowhere://a cannot be reached"):
        Mirror("nowhere://a", tmp_path)
