"""Weights on the way: thinned evenly, those of later steps than asked for left out, damage said."""

import numpy as np
import pytest

from sicgrid.storage import RunDirectory, UserError, load_snapshots, save_snapshot


@pytest.fixture
def run(tmp_path):
    made = RunDirectory(tmp_path)
    for step in (1, 10, 20, 30, 40):
        save_snapshot(made, step, {"rnn.start": np.full(3, step, dtype=np.float32), "rnn.large": np.ones(2**16 + 1)})
    return made


def test_they_come_back_in_order_and_thinned(run):
    assert [step for step, _ in load_snapshots(run, 40, 10)] == [1, 10, 20, 30, 40]
    assert [step for step, _ in load_snapshots(run, 40, 3)] == [1, 20, 40]
    assert [step for step, _ in load_snapshots(run, 30, 2)] == [1, 30]
    arrays = dict(load_snapshots(run, 1, 1))[1]
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(arrays["rnn.start"], 1)


def test_none_are_none(tmp_path):
    assert list(load_snapshots(RunDirectory(tmp_path), 10, 10)) == []


def test_damage_is_said(run):
    (run.snapshots / "step-00000010.safetensors").write_bytes(b"no")
    with pytest.raises(UserError, match="step-00000010"):
        list(load_snapshots(run, 40, 10))
