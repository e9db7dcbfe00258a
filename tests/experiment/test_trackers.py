"""Trackers fed by real runs: each step once, whatever happens in between, and training's numbers as without."""

import importlib.util
import os
import signal
import struct
import subprocess
import sys
import time

import pytest

from sicgrid.experiment import start_run
from sicgrid.experiment._keep import RunKeeper
from sicgrid.experiment._trackers import Tracker, check_tracker
from sicgrid.experiment._train import build
from sicgrid.storage import MetricsLog, UserError, read_metrics, read_provenance
from sicgrid.training import train

TERMS = {"total", "separation", "invariance", "capacity", "conformal_isometry", "learning_rate", "gradient_norm"}

# What the libraries do to themselves.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def run(tmp_path, make_config):
    return start_run(make_config(training__steps=5), tmp_path / "run")


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Weights & Biases without a network and with all its files here."""
    pytest.importorskip("wandb")
    for name in ("CACHE_DIR", "CONFIG_DIR", "DATA_DIR"):
        monkeypatch.setenv(f"WANDB_{name}", str(tmp_path / name))
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "wandb-files"))
    (tmp_path / "wandb-files").mkdir()
    return tmp_path / "wandb-files"


def records(first, last):
    return [{"step": step, "total": -0.1 * step, "capacity": 1.0 / step} for step in range(first, last + 1)]


def send(run, config, name, first, last, start=0):
    """What a training does that begins at a checkpoint of step `start` and ends, or dies, at `last`."""
    with Tracker(name, run, config, start) as tracker, MetricsLog(run.metrics) as log:
        for record in records(first, last):
            log.append(record)
            tracker.log(record)


def cut(run, step):
    kept = run.metrics.read_bytes().splitlines(keepends=True)[:step]
    run.metrics.write_bytes(b"".join(kept))


def tensorboard_scalars(folder):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), purge_orphaned_data=True).Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def wandb_records(file):
    """Records of a .wandb file: a LevelDB log (blocks of 32 KiB; checksum, length, kind) of protocol buffers."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, at, part = file.read_bytes(), 7, b""
    while at + 7 <= len(content):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        if at + 7 + length > len(content):  # whoever writes it is not done
            return
        part = (part if kind in (3, 4) else b"") + content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            yield Record.FromString(part)


def wandb_history(folder, steps):
    """Run ids, and (step, loss) of all files by step, once there are so many; what was sent twice is there twice.

    Another process writes them, a moment after it says that it is done.
    """
    until = time.monotonic() + 20
    while len((found := wandb_files(folder))[1]) < steps and time.monotonic() < until:
        time.sleep(0.05)
    return found


def wandb_files(folder):
    ids, history = set(), []
    for file in folder.glob("wandb/offline-run-*/*.wandb"):
        for record in wandb_records(file):
            if record.WhichOneof("record_type") == "run":
                ids.add(record.run.run_id)
            if record.WhichOneof("record_type") == "history":
                items = {item.key or item.nested_key[0]: item.value_json for item in record.history.item}
                history.append((record.history.step.num, float(items["total"])))
    return ids, sorted(history)


@pytest.fixture(params=["tensorboard", "wandb"])
def tracker(request, run):
    """Name of a tracker, and what it has of the run: (step, loss)."""
    if request.param == "wandb":
        folder = request.getfixturevalue("offline")
        return "wandb", lambda steps: wandb_history(folder, steps)[1]
    pytest.importorskip("tensorboard")
    return "tensorboard", lambda steps: tensorboard_scalars(run.path / "tensorboard")["total"]


def totals(last):
    return [(step, pytest.approx(-0.1 * step)) for step in range(1, last + 1)]


def test_a_run_that_goes_on_repeats_no_step_and_lacks_none(tracker, run, make_config):
    name, found = tracker
    config = make_config()
    send(run, config, name, 1, 7)
    cut(run, 4)  # died at 7; the checkpoint is of step 4
    send(run, config, name, 5, 9, start=4)
    assert found(9) == totals(9)


def test_one_asked_for_late_is_told_what_was_before(tracker, run, make_config):
    name, found = tracker
    config = make_config()
    send(run, config, "none", 1, 4)
    assert not list(run.path.glob("tracker-*"))
    send(run, config, name, 5, 6, start=4)
    assert found(6) == totals(6)


def test_a_run_stays_the_same_to_weights_and_biases(offline, run, make_config):
    for start in (0, 2):
        send(run, make_config(), "wandb", start + 1, start + 2, start=start)
    ids, history = wandb_history(offline, 4)
    assert ids == {read_provenance(run)["run"]}
    assert history == totals(4)


def test_numbers_that_are_not_finite_are_left_out(run, make_config):
    pytest.importorskip("tensorboard")
    with Tracker("tensorboard", run, make_config(), 0) as tracker:
        tracker.log({"step": 1, "total": 1.0, "invariance": float("nan")})
    assert set(tensorboard_scalars(run.path / "tensorboard")) == {"total"}


def test_several_networks_at_once_have_a_run_each(tmp_path, offline, make_config):
    config = make_config(training__steps=5)
    runs = [start_run(config, tmp_path / name) for name in ("one", "two")]
    with Tracker("wandb", runs[0], config, 0) as first, Tracker("wandb", runs[1], config, 0) as second:
        for step in (1, 2):
            first.log({"step": step, "total": 1.0})
            second.log({"step": step, "total": 2.0})
    ids, history = wandb_history(offline, 4)
    assert ids == {read_provenance(run)["run"] for run in runs}
    assert history == [(1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_training_is_the_same_with_and_without(name, tmp_path, make_config, request):
    """Bit for bit: metrics.jsonl and the last checkpoint."""
    if name == "wandb":
        request.getfixturevalue("offline")
    pytest.importorskip(name)
    config, left = make_config(training__steps=10), []
    for tracked in (name, "none"):
        run = start_run(config, tmp_path / tracked)
        parts = build(config, None)
        with RunKeeper(run, config, 0, config.training.steps) as keeper, Tracker(tracked, run, config, 0) as tracker:
            for record in train(parts.rnn, parts.loss, parts.sampler, config.training, state=parts.state):
                keeper.keep(record, save=False)
                rates = {"learning_rate": record.learning_rate, "gradient_norm": record.gradient_norm}
                tracker.log({"step": record.step, **record.terms, **rates})
        (weights,) = run.checkpoints.glob("*.safetensors")
        left.append((run.metrics.read_bytes(), weights.read_bytes()))
    assert left[0] == left[1]
    if name == "tensorboard":
        scalars = tensorboard_scalars(tmp_path / name / "tensorboard")
        assert set(scalars) == TERMS
        columns = read_metrics(tmp_path / name / "metrics.jsonl")
        assert [step for step, _ in scalars["total"]] == columns["step"].tolist()
        for term in TERMS:
            assert [value for _, value in scalars[term]] == pytest.approx(columns[term])  # float32


DYING = """
import os, signal, sys
from pathlib import Path
from sicgrid.experiment import load_run_config
from sicgrid.experiment._trackers import Tracker
from sicgrid.storage import open_run
run = open_run(Path(sys.argv[1]))
with Tracker(sys.argv[2], run, load_run_config(run), 0) as tracker:
    for step in range(1, 8):
        tracker.log({"step": step, "total": -0.1 * step})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_a_tracker_to_go_on_with(tracker, run, make_config):
    name, found = tracker
    # A child of a process that uses wandb would share its service.
    own = {key: value for key, value in os.environ.items() if key != "WANDB_SERVICE"}
    command = [sys.executable, "-c", DYING, run.path, name]
    done = subprocess.run(command, env=own, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with MetricsLog(run.metrics) as log:
        for record in records(1, 4):
            log.append(record)
    if name == "tensorboard":
        time.sleep(1.1)  # its files are ordered by the second in which they began
    send(run, make_config(), name, 5, 9, start=4)
    assert found(9) == totals(9)


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch, run, make_config):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs wandb; install it with `.* -m pip install 'sicgrid\[wandb\]'`"):
        check_tracker("wandb")
    with pytest.raises(UserError, match=r"sicgrid\[tensorboard\]"), Tracker("tensorboard", run, make_config(), 0):
        pass
    check_tracker("none")
    assert not list(run.path.glob("tracker-*"))


ONLINE = """
import sys
from pathlib import Path
from sicgrid.experiment import load_run_config
from sicgrid.experiment._trackers import Tracker
from sicgrid.storage import UserError, open_run
run = open_run(Path(sys.argv[1]))
try:
    with Tracker("wandb", run, load_run_config(run), 0):
        pass
except UserError as error:
    print("refused:", error)
"""


def test_without_a_login_weights_and_biases_is_refused_in_one_line(offline, run):
    own = {key: value for key, value in os.environ.items() if key not in ("WANDB_SERVICE", "WANDB_API_KEY")}
    # A server that is not there, so that nothing could be reached even with a key.
    own |= {"WANDB_MODE": "online", "WANDB_BASE_URL": "http://127.0.0.1:9", "HOME": str(offline), "NETRC": os.devnull}
    command = [sys.executable, "-c", ONLINE, run.path]
    done = subprocess.run(
        command, env=own, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("refused:")]
    assert "WANDB_MODE=offline" in line
