"""Recordings know their run, their checkpoint and their arena."""

import numpy as np
import pytest

from sicgrid.storage import UserError, load_recording, recorded_arenas, recording_digest, recording_file, save_recording

ARRAYS = {"positions": np.zeros((2, 3, 2), np.float32), "states": np.arange(24, dtype=np.float32).reshape(2, 3, 4)}


def save(run, arena=2.0, run_id="me", checkpoint="c0ffee"):
    save_recording(run, run_id, arena, ARRAYS, checkpoint, {"step": 40, "seed": 0})


def test_arrays_and_description_come_back(run):
    save(run, 1.5)
    arrays, about = load_recording(run, "me", 1.5, "c0ffee")
    assert {name: array.tobytes() for name, array in arrays.items()} == {k: v.tobytes() for k, v in ARRAYS.items()}
    assert (about["arena"], about["step"], about["checkpoint"]) == (1.5, 40, "c0ffee")


def test_activity_that_is_mostly_nothing_takes_little_and_comes_back_bit_for_bit(run):
    generator = np.random.default_rng(0)
    rates = generator.normal(size=(20, 50, 16)).astype(np.float32)
    activity = np.where(generator.random(rates.shape) < 0.2, rates, np.float32(0))
    activity[0, 0, :3] = [-0.0, np.nan, np.inf]  # -0 is no 0
    arrays = {"activity": activity, "positions": rates[..., :2], "nothing": np.zeros((3, 2), np.float32)}
    save_recording(run, "me", 2.0, arrays, "c0ffee", {"step": 40})
    first = recording_file(run, 2.0).read_bytes()
    assert len(first) < 0.35 * (activity.nbytes + 2 * activity.nbytes / 16)
    loaded, about = load_recording(run, "me", 2.0)
    assert {name: (array.dtype, array.shape, array.tobytes()) for name, array in loaded.items()} == {
        name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()
    }
    assert set(about) == {"format", "run", "arena", "checkpoint", "step"}
    save_recording(run, "me", 2.0, dict(reversed(arrays.items())), "c0ffee", {"step": 40})
    assert recording_file(run, 2.0).read_bytes() == first


def test_one_of_version_0_1_is_read(run):
    import json

    import safetensors.numpy

    run.recordings.mkdir()
    described = {"format": "sicgrid recording 1", "run": "me", "arena": 2.0, "checkpoint": "c0ffee"}
    safetensors.numpy.save_file(ARRAYS, run.recording(2.0), {"sicgrid": json.dumps(described)})
    assert load_recording(run, "me", 2.0)[0]["states"].tobytes() == ARRAYS["states"].tobytes()


def test_values_that_do_not_fit_their_places_are_told(run):
    import json

    import safetensors.numpy

    run.recordings.mkdir()
    described = {"format": "sicgrid recording 2", "run": "me", "arena": 2.0, "sparse": {"activity": [2, 8]}}
    for broken in ({"activity.values": np.ones(9, np.float32), "activity.where": np.array([1, 1], np.uint8)}, {}):
        safetensors.numpy.save_file(broken, run.recording(2.0), {"sicgrid": json.dumps(described)})
        with pytest.raises(UserError, match="damaged"):
            load_recording(run, "me", 2.0)


def test_arenas_are_listed_in_order(run):
    assert recorded_arenas(run) == []
    for arena in (3.0, 1.5, 10.0):
        save(run, arena)
    assert recorded_arenas(run) == [1.5, 3.0, 10.0]


def test_sides_that_agree_in_six_digits_are_two_recordings(run):
    for arena in (1.41421, 1.41421356, 0.1 + 0.2, 0.3):
        save(run, arena)
    assert recorded_arenas(run) == [0.3, 0.1 + 0.2, 1.41421, 1.41421356]
    assert all(load_recording(run, "me", arena)[1]["arena"] == arena for arena in recorded_arenas(run))


def test_a_recording_that_version_0_1_named_by_six_digits_is_opened(run):
    save(run, 1.41421356)
    old = run.recording(1.41421356).rename(run.recordings / "arena-1.41421.safetensors")
    assert recorded_arenas(run) == [1.41421356]
    assert recording_file(run, 1.41421356) == old
    assert recording_file(run, 1.41421) == old  # and what it holds is refused where it is read
    assert load_recording(run, "me", 1.41421356)[1]["arena"] == 1.41421356
    assert len(recording_digest(run, 1.41421356)) == 64
    save(run, 1.41421356)
    assert [file.name for file in run.recordings.iterdir()] == ["arena-1.41421356.safetensors"]


def test_the_command_that_makes_a_missing_one_names_the_side_exactly(run):
    with pytest.raises(UserError, match=r"--arenas 1\.41421356`"):
        load_recording(run, "me", 1.41421356)


def test_missing_says_which_command_makes_it(run):
    with pytest.raises(UserError, match=r"sicgrid evaluate .* --arenas 2"):
        load_recording(run, "me", 2.0)


def test_of_another_run(run):
    save(run, run_id="you")
    with pytest.raises(UserError, match="belongs to another run"):
        load_recording(run, "me", 2.0)


def test_of_an_older_checkpoint(run):
    save(run, checkpoint="0ld")
    with pytest.raises(UserError, match="another checkpoint"):
        load_recording(run, "me", 2.0, "c0ffee")
    load_recording(run, "me", 2.0)


@pytest.mark.parametrize("size", [0, 4, 60, 300, -1])
def test_truncated(run, size):
    save(run)
    path = run.recording(2.0)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UserError, match="damaged"):
        load_recording(run, "me", 2.0)


def test_of_another_program(run):
    import safetensors.numpy

    run.recordings.mkdir()
    safetensors.numpy.save_file(ARRAYS, run.recording(2.0))
    with pytest.raises(UserError, match="not a recording of sicgrid"):
        load_recording(run, "me", 2.0)


def test_a_stray_name(run):
    run.recordings.mkdir()
    (run.recordings / "arena-large.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="move it away"):
        recorded_arenas(run)
