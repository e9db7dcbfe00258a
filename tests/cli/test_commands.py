"""The commands end to end: what they leave, what they refuse, and what no kill can break."""

import errno
import json
import os
import random
import re
import shutil
import signal
import time

import pytest

from sicgrid.experiment import preset_names
from sicgrid.findings import PART_NAMES
from sicgrid.storage import exclusive, newest_checkpoint, open_run, read_metrics, read_provenance


def refused(ended, *words):
    """Code 2, one line on stderr, nothing on stdout but what was to be done, and in the line these words."""
    assert ended.code == 2
    assert re.fullmatch(r"(.*(training|walking|analysis|page).*\n)?", ended.out)
    assert ended.err.startswith("sicgrid: ")
    assert ended.err.count("\n") == 1
    for word in words:
        assert word in ended.err


# ---- the main job ---------------------------------------------------------------------------------------------------


def test_reproduce_leaves_every_file_and_ends_with_table_and_page(sicgrid, tmp_path):
    ended = sicgrid("reproduce", "smoke", "--threads", 1)
    assert ended.code == 0, ended.err
    run = tmp_path / "runs" / "smoke"
    names = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert names == {
        ".lock", "config.yaml", "provenance.json", "metrics.jsonl", "evaluation.json", "summary.json", "units.csv",
        "maps.npz", "report.html", "explorer.html", "recordings/arena-2.safetensors",
        *(f"checkpoints/step-000000{step}.{end}" for step in (30, 40) for end in ("safetensors", "json")),
        *(f"results/{part}.{end}" for part in PART_NAMES for end in ("nc", "json")),
    }  # fmt: skip
    for word in ("active units", "median grid score", "grid cells", "spacing", str(run / "report.html"), "separation"):
        assert word in ended.out
    assert "\x1b" not in ended.out
    stages = [session["stage"] for session in read_provenance(open_run(run))["sessions"]]
    assert stages == ["train", "evaluate", "analyze"]
    before = (run / "provenance.json").read_bytes()
    again = sicgrid("reproduce", "smoke", "--threads", 1)
    assert (again.code, again.err) == (0, "")
    assert f"runs/smoke is there already, made with these settings; page: {run / 'report.html'}" in again.out
    assert (run / "provenance.json").read_bytes() == before
    refused(sicgrid("reproduce", "smoke"), "not empty", "`sicgrid reproduce --resume --out runs/smoke`")


def test_the_stages_one_by_one(sicgrid, small_run):
    refused(sicgrid("analyze", "run"), "sicgrid evaluate run")
    refused(sicgrid("report", "run"), "sicgrid evaluate run")
    assert sicgrid("evaluate", "run", "--arenas", 2, 1).code == 0
    refused(sicgrid("report", "run"), "sicgrid analyze run")
    refused(sicgrid("analyze", "run", "--only", "module"), "unknown part 'module'; did you mean 'modules'?")
    assert not (small_run / "results").exists()
    ended = sicgrid("analyze", "run", "--only", "modules")
    assert ended.code == 0
    assert re.search(r"^2 of 2 modules: [\d.]+ s; no result: ", ended.out, flags=re.MULTILINE)
    assert "not there yet" not in ended.out
    ended = sicgrid("analyze", "run")
    assert ended.code == 0
    assert "up to date: units, modules" in ended.out
    assert "median grid score" in ended.out
    assert {path.name for path in (small_run / "recordings").iterdir()} == {
        "arena-2.safetensors",
        "arena-1.safetensors",
    }
    assert (small_run / "units-1.csv").exists()


def test_settings_from_file_and_flags_arrive_in_the_run(sicgrid, small, tmp_path):
    (tmp_path / "mine.yaml").write_text("preset: smoke\nloss: {sigma_g: 0.3, capacity: 0.4}\ntraining: {steps: 1}\n")
    ended = sicgrid("train", "--config", "mine.yaml", "--out", "run", "--loss.sigma-g", 0.2, "--seed", 3, *small)
    assert ended.code == 0, ended.err
    text = (tmp_path / "run" / "config.yaml").read_text()
    for line in ("preset: smoke", "seed: 3", "  sigma_g: 0.2", "  capacity: 0.4", "  steps: 1"):
        assert f"{line}\n" in text


def test_info_tells_versions_device_kernels_and_presets(sicgrid):
    ended = sicgrid("info")
    assert ended.code == 0
    for word in ("torch", "numba", "device cpu", "kernels"):
        assert word in ended.out
    for preset in preset_names():
        assert f"\n  {preset} " in ended.out  # however long its name


# ---- bad input: one line, code 2, nothing changed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "smok", "--out", "new"], ["unknown preset 'smok'", "did you mean 'smoke'"]),
        (["train", "smoke", "--out", "new", "--loss.sigmag", "1"], ["did you mean '--loss.sigma-g'"]),
        (["train", "smoke", "--out", "new", "--loss.sigma-g", "0"], ["loss.sigma_g", "greater than 0"]),
        (["train", "smoke", "--out", "new", "--loss.sigma-x", "-1"], ["loss.sigma_x", "greater than 0"]),
        (["train", "smoke", "--out", "new", "--trajectories.batch-size", "0"], ["trajectories.batch_size"]),
        (["train", "smoke", "--out", "new", "--model.units", "-2"], ["model.units"]),
        (["train", "smoke", "--out", "new", "--training.betas", "0.9"], ["betas"]),
        (["train", "smoke", "--out", "new", "--training.betas", "0.9", "1.5"], ["beta"]),
        (["train", "smoke", "--out", "new", "--threads", "4096"], ["threads"]),
        (["train", "smoke", "--out", "new", "--config", "none.yaml"], ["none.yaml"]),
        (["train", "smoke", "--out", "full"], ["not empty"]),
        (["train", "smoke", "--out", "full/a file"], ["is a file"]),
        (["train", "smoke", "--out", "new", "--evaluation.arenas", "0.2"], ["0.2 m arena cannot be", "10 bins wide"]),
        (["train", "smoke", "--out", "new", "--analysis.bin-size", "0.5"], ["2 m arena cannot be", "bin_size=0.5"]),
        (["train", "smoke"], ["--out RUN"]),
        (["train", "--resume", "--out", "new"], ["no run in new"]),
        (["train", "--resume"], ["--out RUN"]),
        (["reproduce", "smoke", "--out", "full"], ["not empty"]),
        (["reproduce", "--resume", "smoke"], ["no run in runs/smoke"]),
        (["evaluate", "new"], ["no run in new"]),
        (["evaluate"], ["sicgrid evaluate RUN"]),
        (["analyze", "full"], ["no run in full"]),
        (["analyze", "--only"], ["--only needs a value"]),
        (["report", "new"], ["no run in new"]),
        (["info", "more"], ["unexpected word 'more'"]),
    ],
    ids=lambda words: " ".join(words) if words[0] in ("train", "reproduce", "evaluate", "analyze", "report") else "",
)
def test_bad_input(sicgrid, disk, tmp_path, arguments, words):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a file").write_text("mine")
    before = disk()
    refused(sicgrid(*arguments), *words)
    assert disk() == before


def test_bad_input_for_a_run_that_is_there(sicgrid, disk, small_run, small):
    before = disk()
    refused(sicgrid("train", "smoke", "--out", "run"), "not empty", "`sicgrid train --resume --out run`")
    refused(sicgrid("train", "quick", "--out", "run"), "that one has preset smoke and not quick; choose another --out")
    other = sicgrid("train", "smoke", "--out", "run", "--training.steps", 12, *small, "--seed", 4)
    refused(other, "it holds a run): that one has seed 0 and not 4; choose another --out\n")
    refused(
        sicgrid("train", "smoke", "--out", "run", "--seed", 4),
        "seed 0 and not 4, threads 1 and not 0",
        "3 more differ;",
    )
    refused(sicgrid("train", "--resume", "--out", "run", "--seed", 4), "seed (4 against 0)")
    refused(sicgrid("train", "--resume", "--out", "run", "--training.steps", 99), "training.steps (99 against 12)")
    refused(sicgrid("train", "quick", "--resume", "--out", "run"), "preset ('quick' against 'smoke')")
    refused(sicgrid("evaluate", "run", "--arenas", 0), "arenas")
    refused(sicgrid("evaluate", "run", "--arenas", "large"), "large")
    refused(sicgrid("evaluate", "run", "--arenas"), "--arenas needs a value")
    assert disk() == before


@pytest.mark.parametrize("command", [["train", "--resume", "--out"], ["evaluate"]])
@pytest.mark.parametrize("harm", ["truncated", "unknown"])
def test_truncated_and_unknown_checkpoints(sicgrid, disk, small_run, small, command, harm):
    newest = small_run / "checkpoints" / "step-00000012.safetensors"
    if harm == "truncated":
        newest.write_bytes(newest.read_bytes()[:1000])
    else:
        assert sicgrid("train", "smoke", "--out", "other", "--training.steps", 12, *small).code == 0
        shutil.rmtree(small_run / "checkpoints")
        shutil.copytree(small_run.parent / "other" / "checkpoints", small_run / "checkpoints")
    before = disk()
    refused(sicgrid(*command, "run"), "step-00000012", "damaged" if harm == "truncated" else "another run")
    assert disk() == before


def test_a_recording_of_another_run(sicgrid, disk, small_run, small):
    assert sicgrid("train", "smoke", "--out", "other", "--training.steps", 12, *small).code == 0
    for run in ("run", "other"):
        assert sicgrid("evaluate", run).code == 0
    shutil.copy(small_run.parent / "other" / "recordings" / "arena-2.safetensors", small_run / "recordings")
    before = disk()
    refused(sicgrid("analyze", "run"), "arena-2.safetensors", "another run")
    assert disk() == before


def test_damaged_settings_of_a_run(sicgrid, small_run):
    (small_run / "config.yaml").write_text("loss: {sigma_g: 0}")
    refused(sicgrid("evaluate", "run"), "config.yaml", "loss.sigma_g")


def test_a_full_disk_while_training(sicgrid, small, monkeypatch, tmp_path):
    calls, fsync = [], os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 13:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    ended = sicgrid("train", "smoke", "--out", "run", *small)
    monkeypatch.undo()
    assert ended.code == 2
    assert "the disk is full" in ended.err
    assert ended.err.count("\n") == 1
    assert list(tmp_path.rglob("*.tmp")) == []
    assert sicgrid("train", "--resume", "--out", tmp_path / "run").code == 0


def test_a_full_disk_before_anything_is_there(sicgrid, disk, small, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    refused(sicgrid("train", "smoke", "--out", "deep/run", *small), "the disk is full")
    assert disk() == {}


def test_two_processes_in_one_run(sicgrid, small_run):
    with exclusive(open_run(small_run)):
        for arguments in (
            ["train", "--resume", "--out", "run"],
            ["evaluate", "run"],
            ["analyze", "run"],
            ["report", "run"],
        ):
            refused(sicgrid(*arguments), "another process")


def test_a_loss_that_is_not_finite(sicgrid, small, tmp_path):
    wild = ["--training.learning-rate", "1e38", "--training.gradient-clip", "inf", "--training.warmup-steps", "0"]
    ended = sicgrid("train", "smoke", "--out", "run", "--training.schedule", "constant", *wild, *small)
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "is not finite at step" in ended.err
    assert "term" in ended.err


# ---- stopping, killing, resuming ------------------------------------------------------------------------------------


def test_a_finished_run_says_so(sicgrid, disk, small_run):
    before = disk()
    ended = sicgrid("train", "--resume", "--out", "run")
    assert ended.code == 0
    assert "already finished (12 steps)" in ended.out
    assert disk() == before


def test_resume_takes_the_same_command_line_again(sicgrid, small_run, small):
    ended = sicgrid("train", "smoke", "--out", "run", "--training.steps", 12, *small, "--resume")
    assert ended.code == 0, ended.err


LONG = ["--training.steps", "100", "--checkpoint-every", "10"]


def steps_done(run):
    return run.metrics.read_bytes().count(b"\n") if run.metrics.exists() else 0


def wait_for_steps(command, run, steps):
    deadline = time.monotonic() + 100
    while steps_done(run) < steps and command.is_alive():
        assert time.monotonic() < deadline, "training did not start"
        time.sleep(0.005)


def result(run):
    last = max(run.checkpoints.glob("*.safetensors"))
    return last.name, last.read_bytes(), run.metrics.read_bytes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_save_and_say_how_to_go_on(start_sicgrid, small, tmp_path, number, code):
    from sicgrid.storage import RunDirectory

    run = RunDirectory(tmp_path / "a run")
    command = start_sicgrid("train", "smoke", "--out", "a run", *small, "--training.steps", "1000000")
    wait_for_steps(command, run, 3)
    command.send(number)
    ended = command.end()
    assert ended.code == code
    assert ended.err == ""
    assert "sicgrid train --resume --out 'a run'" in ended.out
    newest = newest_checkpoint(run, read_provenance(run)["run"])
    assert newest is not None
    assert newest.step == read_metrics(run.metrics)["step"][-1]


def test_killed_twice_it_ends_as_if_never_killed(sicgrid, start_sicgrid, small, tmp_path):
    from sicgrid.storage import RunDirectory

    assert sicgrid("train", "smoke", "--out", "whole", *small, *LONG).code == 0
    run = RunDirectory(tmp_path / "run")
    draw = random.Random(0)
    done = 0
    for _ in range(2):  # before any checkpoint or after a few, and once more after resuming
        resume = ["--resume"] if run.config.exists() else ["smoke", *small, *LONG]
        command = start_sicgrid("train", "--out", "run", *resume)
        wait_for_steps(command, run, done + draw.randrange(5, 35))
        command.kill()
        with exclusive(run):  # as the next session does: the lock is free and leftovers go
            newest = newest_checkpoint(run, read_provenance(run)["run"])
        reached = int(read_metrics(run.metrics)["step"][-1])
        done = newest.step if newest else 0
        assert 0 <= reached - done <= 10
        json.loads(run.provenance.read_bytes())
    ended = sicgrid("train", "--resume", "--out", "run")
    assert ended.code == 0, ended.err
    assert result(run) == result(RunDirectory(tmp_path / "whole"))
