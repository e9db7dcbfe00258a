"""Sweeps on a real Ray of this machine: a node killed while it works, a driver killed, Ctrl-C, a URL, a search."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings

import pytest

from sicgrid.experiment import yaml_text
from sicgrid.storage import newest_checkpoint, read_json, read_provenance
from sicgrid.sweeps import Stopped, _engine, load_plan, local_copy, run_sweep
from sicgrid.sweeps._directory import SweepDirectory
from sicgrid.sweeps._mirror import scratch

pytest.importorskip("ray", reason="sweeps need the extra sicgrid[sweep]")
pytestmark = pytest.mark.slow

LONG = {"training.steps": 300, "checkpoint_every": 25}  # seconds: long enough to be caught while it trains


@pytest.fixture(autouse=True, scope="module")
def _look_often():
    """Trials of seconds, so the driver looks more often than once in a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_engine, "LOOK_EVERY", 0.05)
        yield


@pytest.fixture(scope="module")
def ray_cluster():
    """Two nodes of one core: the head, and one that can be killed."""
    # Workers of Ray's usual niceness wait for the other tests, and are waited for.
    nice = {"RAY_worker_niceness": "0"}
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"} | nice
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own
        import ray
        from ray.cluster_utils import Cluster

        # Each of the processes that are left out would be seconds of imports, and each node brings two with it.
        small = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_log_monitor": False}
        head = {"include_dashboard": False, "no_monitor": True, **small}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        cluster.add_node(**small)
        ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
        cluster.wait_for_nodes()
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def weights(sweep, name):
    run = sweep.run(name)
    checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
    return {key: array.tobytes() for key, array in checkpoint.arrays.items()}


def ends(sweep):
    return {path.parent.name: json.loads(path.read_text())["status"] for path in sweep.runs.glob("*/trial.json")}


@pytest.fixture(scope="module")
def whole(ray_cluster, tiny, tmp_path_factory):
    """A sweep of two trials that was left alone."""
    folder = tmp_path_factory.mktemp("whole")
    plan_file = folder / "plan.yaml"
    plan = {"preset": "smoke", "settings": tiny | LONG, "parts": ["units"], "seeds": "0..1"}
    plan_file.write_text(yaml_text(plan))
    sweep = SweepDirectory(folder / "sweep")
    assert run_sweep(load_plan(plan_file), sweep.path) == (2, 0, 0, 0)
    return sweep


def assert_same(sweep, whole):
    assert ends(sweep) == ends(whole) == dict.fromkeys(("seed-0", "seed-1"), "finished")
    for name in ends(whole):
        assert weights(sweep, name) == weights(whole, name)


def both_train(seen, event):
    """Whether two trials have gone on since the last look."""
    if event.progress is None:
        return False
    now = event.progress.running
    training = sum(seen.get(name, share) < share < 1 for name, share in now.items())
    seen.clear()
    seen.update(now)
    return training == 2


def trainings(sweep):
    return sum(
        entry["stage"] == "train" for name in ends(sweep) for entry in read_provenance(sweep.run(name))["sessions"]
    )


def test_ctrl_c_saves_and_the_next_start_goes_on(whole, tmp_path):
    sweep = SweepDirectory(tmp_path / "sweep")

    def press(event):
        if event.progress is not None and any(0.2 < share < 1 for share in event.progress.running.values()):
            os.kill(os.getpid(), signal.SIGINT)

    plan = load_plan(whole.plan)
    with pytest.raises(Stopped, match="of 2 trials done") as caught:
        run_sweep(plan, sweep.path, press)
    assert caught.value.signal_number == signal.SIGINT
    begun = [path.parent.name for path in sweep.runs.glob("*/metrics.jsonl")]
    stopped = [entry for name in begun for entry in read_provenance(sweep.run(name))["sessions"]]
    assert "interrupted" in [entry["ended"] for entry in stopped]
    run_sweep(plan, sweep.path)
    assert_same(sweep, whole)
    # A third start has nothing to do, and touches nothing.
    before = {path: path.stat().st_mtime_ns for path in sweep.runs.rglob("*") if path.is_file()}
    assert run_sweep(plan, sweep.path) == (2, 0, 0, 2)
    assert {path: path.stat().st_mtime_ns for path in sweep.runs.rglob("*") if path.is_file()} == before


def test_a_killed_driver_costs_nothing(whole, tmp_path):
    sweep = SweepDirectory(tmp_path / "sweep")
    command = [sys.executable, "-m", "sicgrid", "sweep", str(whole.plan), "--out", str(sweep.path), "--cpus", "1"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    metrics = sweep.run("seed-0").metrics
    while time.monotonic() < until and driver.poll() is None:
        if metrics.exists() and metrics.read_bytes().count(b"\n") > 100:
            break
        time.sleep(0.02)
    assert driver.poll() is None, "the sweep ended before it was killed"
    driver.kill()
    driver.wait()
    assert ends(sweep) == {}
    # Goes on at once: a worker of the dead driver may live on for a moment, and is waited for.
    assert run_sweep(load_plan(whole.plan), sweep.path) == (2, 0, 0, 0)
    assert_same(sweep, whole)


def test_a_sweep_at_a_url_is_the_same(whole, tmp_path):
    pytest.importorskip("fsspec")
    url = f"file://{tmp_path / 'far'}"
    assert run_sweep(load_plan(whole.plan), url) == (2, 0, 0, 0)
    assert_same(SweepDirectory(tmp_path / "far"), whole)
    here = SweepDirectory(local_copy(url))
    assert ends(here) == ends(whole)
    assert here.run("seed-0").maps().is_file()
    assert not here.run("seed-0").checkpoints.exists()
    assert not (tmp_path / "far/lease.json").exists()
    for role in ("driver", "work"):
        shutil.rmtree(scratch(url, role))


@pytest.mark.filterwarnings("ignore")  # of Ray's and Optuna's own imports
def test_a_search_tries_its_samples(ray_cluster, make_plan, tmp_path):
    pytest.importorskip("optuna")
    search = {"loss.capacity": {"low": 0.1, "high": 2.0, "log": True}}
    plan = make_plan({"training.steps": 10}, search=search, samples=3, maximize="active_units")
    sweep = SweepDirectory(tmp_path / "sweep")
    assert run_sweep(plan, sweep.path) == (3, 0, 0, 0)
    assert sorted(ends(sweep)) == [f"point-{index:04d}-seed-0" for index in range(3)]
    points = {entry["name"]: entry["point"]["loss.capacity"] for entry in read_json(sweep.about)["trials"]}
    assert len(set(points.values())) == 3
    assert run_sweep(plan, sweep.path) == (3, 0, 0, 3)


def test_a_trial_that_diverges_does_not_stop_the_others(ray_cluster, make_plan, tmp_path):
    grid = {"training.learning_rate": [1e30, 1e-3]}
    plan = make_plan({"training.steps": 10, "training.gradient_clip": 1e30}, grid=grid)
    records = []
    outcome = run_sweep(plan, tmp_path / "sweep", lambda event: records.append(event.record))
    assert outcome == (1, 1, 0, 0)
    assert {record["status"] for record in records if record} == {"finished", "diverged"}


def test_a_killed_node_costs_nothing(ray_cluster, whole, tmp_path):
    sweep, notes, seen = SweepDirectory(tmp_path / "sweep"), [], {}
    killed = []

    def kill(event):
        notes.append(event.note)
        # Two trials on two nodes of one core: when both train, each node has one.
        if not killed and both_train(seen, event):
            killed.append(ray_cluster.list_all_nodes()[-1])
            ray_cluster.remove_node(killed[0], allow_graceful=False)

    assert run_sweep(load_plan(whole.plan), sweep.path, kill) == (2, 0, 0, 0)
    assert killed, "no node was ever killed"
    assert any("died (" in note and "resumes from its last checkpoint" in note for note in notes)
    assert trainings(sweep) == 3
    assert_same(sweep, whole)
