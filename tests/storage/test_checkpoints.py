"""Checkpoints: exact, atomic, and never mistaken for another's."""

import errno
import json
import math
import os
import shutil

import numpy as np
import pytest

from sicgrid.storage import UserError, create_run, newest_checkpoint, save_checkpoint

ARRAYS = {
    "weight": np.array([[0.1, -0.0], [1e-45, np.inf]], dtype=np.float32),
    "double": np.array([np.pi]),
    "generator": np.arange(200, dtype=np.uint8),
    "step": np.array(3.0, dtype=np.float32),  # 0-d, as optimizers keep theirs
    "strided": np.arange(12.0).reshape(3, 4).T,
}
META = {"step": 10, "best": math.inf, "rates": [1e-3, -math.inf], "name": "plateau", "none": None}
CONFIG = {"loss": {"sigma_g": 0.4}, "training": {"gradient_clip": math.inf}}


def save(run, step, run_id="me", **more):
    save_checkpoint(run, run_id, step, ARRAYS, META | {"step": step}, CONFIG, **more)


def names(run):
    return sorted(path.name for path in run.checkpoints.iterdir())


def test_everything_comes_back_bit_for_bit(run):
    save(run, 10)
    found = newest_checkpoint(run, "me")
    assert found is not None
    assert (found.step, found.meta, found.config) == (10, META, CONFIG)
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_the_same_state_is_the_same_bytes(run):
    save(run, 10)
    once = (run.checkpoints / "step-00000010.safetensors").read_bytes()
    save(run, 10)
    assert (run.checkpoints / "step-00000010.safetensors").read_bytes() == once


def test_the_description_is_strict_json(run):
    save(run, 10)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    json.loads((run.checkpoints / "step-00000010.json").read_bytes(), parse_constant=refuse)


def test_a_new_run_has_none(run):
    assert newest_checkpoint(run, "me") is None


def test_only_the_newest_are_kept(run):
    for step in (10, 20, 30):
        save(run, step, keep=2)
    assert names(run) == [f"step-000000{step}.{end}" for step in (20, 30) for end in ("json", "safetensors")]
    newest = newest_checkpoint(run, "me")
    assert newest is not None
    assert newest.step == 30


def test_tensors_without_description_are_passed_over_and_cleared(run):
    save(run, 10)
    (run.checkpoints / "step-00000020.safetensors").write_bytes(b"half of a save that was killed")
    newest = newest_checkpoint(run, "me")
    assert newest is not None
    assert newest.step == 10
    save(run, 30)
    assert "step-00000020.safetensors" not in names(run)


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_full_disk_leaves_the_older_checkpoint(run, monkeypatch, failing):
    save(run, 10)
    calls = []
    fsync = os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(run, 20)
    monkeypatch.undo()
    newest = newest_checkpoint(run, "me")
    assert newest is not None
    # The fourth flush is that of the folder, after the description has got its name.
    assert newest.step == (20 if failing == 4 else 10)
    assert len(names(run)) == (4 if failing == 4 else 2)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
@pytest.mark.parametrize("end", ["safetensors", "json"])
def test_truncated(run, size, end):
    save(run, 10)
    save(run, 20)
    path = run.checkpoints / f"step-00000020.{end}"
    path.write_bytes(path.read_bytes()[:size])
    if (end, size) == ("json", -1):
        return  # only the last line's end is gone
    with pytest.raises(UserError, match=r"damaged.*go back to step 10"):
        newest_checkpoint(run, "me")


def test_one_flipped_bit(run):
    save(run, 10)
    path = run.checkpoints / "step-00000010.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="does not match"):
        newest_checkpoint(run, "me")


def test_tensors_missing(run):
    save(run, 10)
    (run.checkpoints / "step-00000010.safetensors").unlink()
    with pytest.raises(UserError, match="go back to the start"):
        newest_checkpoint(run, "me")


def test_another_runs(run, tmp_path):
    other = create_run(tmp_path / "other", "", {"run": "you", "sessions": []})
    save(other, 10, run_id="you")
    shutil.copytree(other.checkpoints, run.checkpoints)
    with pytest.raises(UserError, match="belongs to another run"):
        newest_checkpoint(run, "me")


def test_something_else_entirely(run):
    run.checkpoints.mkdir()
    (run.checkpoints / "step-00000010.json").write_text('{"epoch": 3}')
    with pytest.raises(UserError, match="not a checkpoint of sicgrid"):
        newest_checkpoint(run, "me")
