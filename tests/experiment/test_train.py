"""Training on disk: resumed is the same as uninterrupted, and no crash costs more than since the last checkpoint."""

import errno
import json
import os
import signal

import numba
import numpy as np
import pytest

from sicgrid.experiment import (
    Diverged,
    Interrupted,
    is_trained,
    last_step,
    load_checkpoint,
    start_run,
    train_run,
    train_runs,
    training_device,
    walking_device,
)
from sicgrid.experiment._build import set_threads
from sicgrid.experiment._train import _share_threads
from sicgrid.kernels import _threads, limited_threads
from sicgrid.storage import UserError, newest_checkpoint, read_metrics, read_provenance
from sicgrid.training import _step
from small_runs import small_config


def train(run, config, on_step=lambda record: None):
    return train_run(run, config, lambda first, changed: None, on_step)


def result(run):
    """What must be the same: the last weights, optimizer and generator, and every metric, as bytes."""
    last = max(run.checkpoints.glob("*.safetensors"))
    return last.name, last.read_bytes(), run.metrics.read_bytes()


def stop_at(step, number):
    def stop(record):
        if record.step == step:
            os.kill(os.getpid(), number)

    return stop


class Crash(Exception):
    """Stands for a kill: nothing is saved on the way out."""


def crash_at(step):
    def crash(record):
        if record.step == step:
            raise Crash

    return crash


STOPS = {"training__schedule": "cosine", "training__warmup_steps": 0, "training__stop": 10.0}
SCHEDULES = {
    "cosine": {"training__schedule": "cosine"},
    "plateau": {
        "training__schedule": "plateau",
        "training__plateau_window": 3,
        "training__plateau_patience": 0,
        "training__gradient_clip": float("inf"),
    },
    "accumulate": {"training__accumulate": 2, "model__train_initial_state": True, "model__initialization": "default"},
    "every third": {"training__log_every": 3},
    # Readings of 7 steps that fall by less than 10, as any do: to end after 21.
    "ended early": {**STOPS, "training__stop_window": 7},
    "kernels": {"kernels": "auto"},
}


@pytest.mark.parametrize("over", SCHEDULES.values(), ids=SCHEDULES)
def test_resumed_equals_uninterrupted_bit_for_bit(tmp_path, make_config, over):
    config = make_config(**over)
    whole = start_run(config, tmp_path / "whole")
    steps = train(whole, config)
    assert steps == (21 if config.training.stop else 40)
    parts = start_run(config, tmp_path / "parts")
    with pytest.raises(Interrupted):
        train(parts, config, stop_at(6, signal.SIGTERM))
    with pytest.raises(Crash):
        train(parts, config, crash_at(18))
    with pytest.raises(Crash):
        train(parts, config, crash_at(18 if config.training.stop else 33))
    assert train(parts, config) > 0
    assert result(parts) == result(whole)
    assert read_metrics(whole.metrics)["step"][-1] == steps


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_saves_and_says_at_which_step(tmp_path, make_config, number):
    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(Interrupted) as caught:
        train(run, config, stop_at(13, number))
    newest = newest_checkpoint(run, read_provenance(run)["run"])
    assert newest is not None
    assert caught.value.step == newest.step == 14
    assert caught.value.signal_number == number
    assert read_provenance(run)["sessions"][0]["ended"] == "interrupted"


def test_a_crash_costs_the_steps_since_the_last_checkpoint(tmp_path, make_config):
    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(Crash):
        train(run, config, crash_at(19))
    begun = []
    train_run(run, config, lambda first, changed: begun.append((first, changed)), lambda record: None)
    assert begun == [(10, [])]


def test_a_finished_run_has_nothing_left_to_do(tmp_path, make_config):
    config = make_config(training__steps=5)
    run = start_run(config, tmp_path / "run")
    train(run, config)
    before = result(run)
    assert train(run, config) == 0
    assert result(run) == before


def test_a_run_that_ended_early_is_finished_and_its_last_network_a_snapshot(tmp_path, make_config):
    config = make_config(**STOPS, training__stop_window=2, snapshots=2)  # to end after 6 of 40
    run = start_run(config, tmp_path / "run")
    assert train(run, config) == 6
    checkpoint = load_checkpoint(run, config)
    assert checkpoint is not None
    assert checkpoint.step == last_step(config, checkpoint) == 6
    assert is_trained(config, checkpoint)
    assert not is_trained(config, checkpoint._replace(step=5))
    assert [path.stem for path in sorted(run.snapshots.glob("*.safetensors"))] == ["step-00000001", "step-00000006"]
    assert train(run, config) == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of 30 steps that found room for everything."""
    config = small_config(training__steps=30)
    run = start_run(config, tmp_path_factory.mktemp("whole") / "run")
    train(run, config)
    return run


@pytest.mark.parametrize("failing", range(8, 14))
def test_a_full_disk_keeps_what_was_there(tmp_path, make_config, monkeypatch, whole, failing):
    """Whichever write finds no room: all files stay readable, and training goes on from them to the same end."""
    config = make_config(training__steps=30)
    run = start_run(config, tmp_path / "run")
    calls, fsync = [], os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) >= failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        train(run, config)
    monkeypatch.undo()
    assert newest_checkpoint(run, read_provenance(run)["run"]) is not None
    assert list(run.path.rglob("*.tmp")) == []
    train(run, config)
    assert result(run) == result(whole)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(tmp_path, make_config, monkeypatch):
    config = make_config()
    run = start_run(config, tmp_path / "run")

    def poison(record):
        if record.step == 24:
            record.state.rnn.start.data.fill_(float("nan"))

    with pytest.raises(Diverged, match=r"the (\w+) term is not finite at step 25; the checkpoint of step 20") as caught:
        train(run, config, poison)
    assert caught.value.exit_code == 1
    newest = newest_checkpoint(run, read_provenance(run)["run"])
    assert newest is not None
    assert newest.step == 20
    assert read_metrics(run.metrics)["step"][-1] == 24
    assert read_provenance(run)["sessions"][0]["ended"] == "Diverged"


def test_settings_changed_by_hand_are_refused_and_harmless_ones_are_not(tmp_path, make_config):
    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(Crash):
        train(run, config, crash_at(12))
    with pytest.raises(UserError, match=r"has changed since.*loss\.sigma_g \(0\.3 against 0\.4\)"):
        train(run, make_config(loss__sigma_g=0.3))
    train(run, make_config(checkpoint_every=15))


def test_a_run_from_before_a_setting_existed_goes_on(tmp_path, make_config):
    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(Crash):
        train(run, config, crash_at(12))
    for path in run.checkpoints.glob("step-*.json"):
        described = json.loads(path.read_text(encoding="utf-8"))
        del described["config"]["model"]["populations"]
        path.write_text(json.dumps(described), encoding="utf-8")
    train(run, config)
    with pytest.raises(UserError, match=r"has changed since.*model\.populations \(2 against 1\)"):
        train(run, make_config(model__populations=2))


def test_kernels_of_another_device_are_told_in_one_line_before_anything_is_written(tmp_path, make_config):
    with pytest.raises(UserError, match="kernels='triton' runs on cuda, the tensors are on cpu"):
        start_run(make_config(kernels="triton"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_provenance_tells_sessions_seed_and_kernels(tmp_path, make_config):
    config = make_config(seed=5, training__steps=3)
    run = start_run(config, tmp_path / "run")
    train(run, config)
    record = read_provenance(run)
    assert (record["seed"], record["threads"], record["device"]) == (5, 1, "cpu")
    assert record["kernels"] == {"name": "reference", "reason": "requested"}
    assert [(s["stage"], s["first_step"], s["last_step"], s["ended"]) for s in record["sessions"]] == [
        ("train", 0, 3, "done")
    ]


def test_more_threads_than_cores_are_refused_before_anything_is_made(tmp_path, make_config):
    with pytest.raises(UserError, match="threads"):
        start_run(make_config(threads=4096), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_seeds_decide_everything(tmp_path, make_config):
    runs = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        config = make_config(seed=seed, training__steps=3)
        runs.append(start_run(config, tmp_path / name))
        train(runs[-1], config)
    assert result(runs[0]) == result(runs[1])
    assert result(runs[0])[2] != result(runs[2])[2]


# ---- many at once ---------------------------------------------------------------------------------------------------


def group(tmp_path, make_config, name, **over):
    configs = [make_config(seed=seed, training__steps=24, **over) for seed in range(3)]
    return [(start_run(config, tmp_path / f"{name}-{config.seed}", together=3), config) for config in configs]


def train_group(runs, on_step=lambda index, record: None):
    return train_runs(runs, lambda index, first, changed: None, on_step)


def last_weights(run):
    checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
    return {name: array for name, array in checkpoint.arrays.items() if name.startswith("rnn.")}


def assert_alike(one, other):
    """Equal up to the rounding of another order of sums, which training amplifies."""
    for name, array in last_weights(one).items():
        np.testing.assert_allclose(array, last_weights(other)[name], rtol=1e-3, atol=1e-4)


def test_runs_trained_together_are_what_they_are_alone(tmp_path, make_config):
    together = group(tmp_path, make_config, "together")
    assert train_group(together) == [24, 24, 24]
    for run, config in together:
        alone = start_run(config, tmp_path / f"alone-{config.seed}")
        train(alone, config)
        assert_alike(run, alone)
        one, other = read_metrics(run.metrics), read_metrics(alone.metrics)
        np.testing.assert_array_equal(one["step"], other["step"])
        np.testing.assert_allclose(one["total"], other["total"], atol=1e-4)


def test_a_stopped_group_is_saved_whole_and_goes_on_bit_for_bit(tmp_path, make_config):
    whole, parts = (group(tmp_path, make_config, name) for name in ("whole", "parts"))
    train_group(whole)

    def stop(index, record):
        if (index, record.step) == (1, 7):
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        train_group(parts, stop)
    steps = {read_metrics(run.metrics)["step"][-1] for run, _ in parts}
    assert steps <= {7, 8}
    assert all(read_provenance(run)["sessions"][0]["ended"] == "interrupted" for run, _ in parts)
    assert all(steps > 0 for steps in train_group(parts))
    for (run, _), (other, _) in zip(parts, whole, strict=True):
        assert result(run) == result(other)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) == 1, reason="takes two cores")
def test_the_last_of_a_group_is_resumed_with_the_threads_that_it_would_have_had(tmp_path, make_config):
    configs = [make_config(seed=seed, threads=1, training__steps=steps) for seed, steps in enumerate((4, 12))]
    runs = [(start_run(config, tmp_path / f"{config.seed}", together=2), config) for config in configs]

    def stop(index, record):
        if record.step == 7:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        train_group(runs, stop)
    begun = []
    train_runs(runs, lambda *told: begun.append(told), lambda index, record: None)
    ((index, first, changed),) = begun
    assert index == 1
    assert 4 < first < 12
    assert changed == []


def test_one_that_diverges_is_reported_and_the_others_finish(tmp_path, make_config):
    runs = group(tmp_path, make_config, "run")

    def poison(index, record):
        if (index, record.step) == (1, 14):
            record.state.rnn.start.data.fill_(float("nan"))

    outcomes = train_group(runs, poison)
    assert outcomes[0] == outcomes[2] == 24
    assert isinstance(outcomes[1], Diverged)
    assert "step 15; the checkpoint of step 10" in str(outcomes[1])
    ends = [read_provenance(run)["sessions"][0]["ended"] for run, _ in runs]
    assert ends == ["done", "Diverged", "done"]


def test_runs_of_different_shape_are_refused_on_a_gpu_alone(tmp_path, make_config, monkeypatch):
    configs = make_config(training__steps=5), make_config(model__units=12, training__steps=5)
    runs = [(start_run(config, tmp_path / str(config.model.units)), config) for config in configs]
    # The check that a GPU has; none is needed for it.
    monkeypatch.setattr(_step, "refuse_shared", _step.refuse_unstackable)
    with pytest.raises(UserError, match="equal model"):
        train_group(runs)
    assert not any(run.metrics.exists() for run, _ in runs)
    monkeypatch.undo()
    assert train_group(runs) == [5, 5]


def test_a_device_that_is_not_there_is_refused_before_anything_is_made(tmp_path, make_config, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match="NVIDIA GPU"):
        start_run(make_config(device="cuda"), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "settings", "device"),
    [
        (True, {}, "cuda"),
        (False, {}, "cpu"),
        (True, {"device": "cpu"}, "cpu"),
        (True, {"model__populations": 2}, "cpu"),  # which no graph captures
        (True, {"model__populations": 2, "device": "cuda"}, "cuda"),
    ],
)
def test_a_gpu_is_taken_for_training_what_it_trains_fast(make_config, monkeypatch, there, settings, device):
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)
    config = make_config(**settings)
    assert training_device(config) == device
    assert walking_device(config) == settings.get("device", "cpu")


def test_a_checkpoint_with_former_names_of_settings_is_the_run_s(tmp_path, make_config, monkeypatch):
    config = make_config(training__steps=1)
    run = start_run(config, tmp_path / "run")
    train(run, config)
    written = newest_checkpoint(run, read_provenance(run)["run"])
    text = json.dumps(written.config)
    for name, former in (("initialization", "initialisation"), ("generalization", "generalisation"),
                         ("min_units", "least"), ("null_draws", "draws")):  # fmt: skip
        assert f'"{name}"' in text
        text = text.replace(f'"{name}"', f'"{former}"')
    old = written._replace(config=json.loads(text))
    monkeypatch.setattr("sicgrid.experiment._checkpoint.newest_checkpoint", lambda *_: old)
    assert load_checkpoint(run, config).step == 1
    with pytest.raises(UserError, match=r"loss\.capacity"):
        load_checkpoint(run, make_config(training__steps=1, loss__capacity=0.25))


def test_the_threads_that_runs_ask_for_are_given_back(make_config, monkeypatch):
    """They are their settings' and no caller's, so a run that leaves the number open has its own choice again."""
    monkeypatch.setattr(_threads, "_asked", "")
    with limited_threads(1):  # puts back what there was
        _threads._asked = ""
        cores = numba.config.NUMBA_NUM_THREADS
        assert _share_threads([make_config(threads=1), make_config(threads=1)]) == min(2, cores)
        set_threads(0)
        assert not _threads._asked
