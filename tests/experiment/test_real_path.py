"""A small network along paths that are known, and along a real rat's."""

import json
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import POSITIONS, TIMES, write_npz
from sicgrid.experiment import evaluate_run, load_run_recording, start_run, train_run, walk_real_path
from sicgrid.findings import analyze_run
from sicgrid.storage import UserError


def quiet(*_):
    pass


@pytest.fixture
def trained(tmp_path, make_config):
    config = make_config(training__steps=3)
    run = start_run(config, tmp_path / "run")
    train_run(run, config, quiet, quiet)
    return run, config


@pytest.mark.skipif(find_spec("ratinabox") is None, reason="ratinabox is not installed (sicgrid[rat])")
def test_the_rat_s_path_can_be_analyzed(trained):
    run, config = trained
    walked = walk_real_path(run, config, "sargolini")
    assert walked.arena == 1.0
    assert walked.stretches * walked.steps * walked.step_s == pytest.approx(600, rel=0.05)
    assert "Sargolini" in walked.citation
    recording = load_run_recording(run, 1.0)
    assert np.linalg.norm(recording.velocities, axis=-1).max() <= config.trajectories.max_speed * (1 + 1e-5)
    np.testing.assert_allclose(recording.velocities.cumsum(axis=1), recording.positions, atol=1e-4)
    entry = json.loads(run.evaluation.read_text())["arenas"]["1"]
    assert entry["path"]["name"] == "sargolini"
    assert (entry["path"]["step_s"], entry["path"]["scale"]) == (walked.step_s, 1.0)
    assert "path_integration_error" in entry
    summary = analyze_run(run, config, quiet, quiet)
    assert summary["arena_m"] == 1.0


def test_a_file_s_path_is_scaled_and_keeps_other_arenas(tmp_path, trained):
    run, config = trained
    evaluate_run(run, config, [2.0], quiet)
    before = run.recording(2.0).read_bytes()
    walked = walk_real_path(run, config, str(write_npz(tmp_path / "a.npz")), scale=2.0, step_s=0.1)
    assert (walked.arena, walked.step_s, walked.citation) == (1.6, 0.1, None)
    recording = load_run_recording(run, 1.6)
    spans = np.ptp(recording.positions.reshape(-1, 2), axis=0)
    np.testing.assert_allclose(spans, 2 * np.ptp(POSITIONS, axis=0), rtol=1e-3)
    assert run.recording(2.0).read_bytes() == before
    assert set(json.loads(run.evaluation.read_text())["arenas"]) == {"2", "1.6"}


def test_a_scale_of_many_digits(tmp_path, trained):
    run, config = trained
    walked = walk_real_path(run, config, str(write_npz(tmp_path / "a.npz")), scale=1.41421356, step_s=0.1)
    assert run.recording(walked.arena).name == f"arena-{walked.arena!r}.safetensors"
    assert list(json.loads(run.evaluation.read_text())["arenas"]) == [repr(walked.arena)]
    assert analyze_run(run, config, quiet, quiet, ["units"])["arena_m"] == walked.arena


def test_faults_change_nothing(tmp_path, trained):
    run, config = trained
    evaluate_run(run, config, [0.8], quiet)
    path = str(write_npz(tmp_path / "a.npz"))
    timeless = str(write_npz(tmp_path / "b.npz", times=None))
    frames = str(write_npz(tmp_path / "d.npz", times=np.arange(200.0), positions=0.1 * POSITIONS))
    fast = str(write_npz(tmp_path / "c.npz", times=TIMES[0] + 10 * (TIMES - TIMES[0]), positions=20 * POSITIONS))
    before = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    for source, options, says in [
        (path, {}, "already has a recording in a 0.8 m box"),
        (path, {"step_s": 2.0}, "longest step is .* above max_speed"),
        (path, {"scale": 0.0}, "scale must be positive"),
        (path, {"scale": 1000.0}, "move up to|above the 20 m"),
        (timeless, {}, "lacks times"),
        (frames, {}, "as frame numbers do; --time-scale with the seconds of a frame"),
        (path, {"box": (0, 0.1, 0, 0.1)}, "cannot be walked: .* lie outside the box of 0.1 m"),
        ("sargolini", {"time_scale": 1.0}, "is known: leave out"),
        (fast, {}, "move up to .* m between samples"),
        (str(tmp_path / "no.npz"), {}, "no file"),
    ]:
        with pytest.raises(UserError, match=says):
            walk_real_path(run, config, source, **options)
    assert before == {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}


def test_no_checkpoint(tmp_path, make_config):
    config = make_config()
    with pytest.raises(UserError, match="has no checkpoint yet"):
        walk_real_path(start_run(config, tmp_path / "run"), config, "sargolini")


def test_frames_become_seconds_where_the_user_says_how_long_they_are(tmp_path, trained):
    run, config = trained
    frames = str(write_npz(tmp_path / "a.npz", times=np.arange(200.0)))
    seconds = str(write_npz(tmp_path / "b.npz", times=0.1 * np.arange(200.0)))
    walked = walk_real_path(run, config, frames, scale=2.0, step_s=0.2, time_scale=0.1)
    places = load_run_recording(run, walked.arena).positions
    again = walk_real_path(run, config, seconds, scale=2.0, step_s=0.2)
    assert (walked.arena, walked.steps) == (again.arena, again.steps)
    np.testing.assert_allclose(load_run_recording(run, again.arena).positions, places, atol=1e-6)


def test_the_box_is_where_it_is_told_to_be_and_glitches_are_counted(tmp_path, trained):
    run, config = trained
    path = POSITIONS.copy()
    path[[20, 120]] = [9.0, 9.0]
    walked = walk_real_path(
        run, config, str(write_npz(tmp_path / "a.npz", positions=path)), step_s=0.1, box=(0.0, 1.0, -0.5, 0.5)
    )
    assert walked.arena == 1.0
    assert any(note.startswith("2 of 200 samples were dropped") for note in walked.notes)
    ends = load_run_recording(run, 1.0).positions[:, -1]
    nearest = np.linalg.norm(ends[:, None] - (POSITIONS - [0.5, 0.0]), axis=-1).min(axis=1)
    assert nearest.max() < 0.02
