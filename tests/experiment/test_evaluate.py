"""Recordings of a run: of its newest checkpoint, reusable, and never another's."""

import shutil

import numpy as np
import pytest

from sicgrid.experiment import evaluate_run, load_run_recording, start_run, train_run
from sicgrid.storage import UserError, read_json


@pytest.fixture
def trained(tmp_path, make_config):
    def make(name="run", **over):
        config = make_config(training__steps=10, **over)
        run = start_run(config, tmp_path / name)
        train_run(run, config, lambda first, changed: None, lambda record: None)
        return run, config

    return make


def test_recordings_and_their_evaluation(trained):
    run, config = trained()
    seen = []
    assert evaluate_run(run, config, (2.0, 1.0), seen.append).step == 10
    assert seen == [2.0, 1.0]
    recording = load_run_recording(run, 1.0)
    assert recording.activity.shape == (30, 150, 16)
    assert recording.activity.dtype == np.float32
    assert np.abs(recording.positions).max() <= 0.5
    results = read_json(run.evaluation)
    assert set(results["arenas"]) == {"2", "1"}
    assert results["arenas"]["2"]["path_integration_error"] > 0
    assert set(results["held_out"]) == {"total", "separation", "invariance", "capacity", "conformal_isometry"}


def test_arenas_recorded_later_join_the_earlier_ones(trained):
    run, config = trained()
    evaluate_run(run, config, (2.0,))
    first = run.recording(2.0).read_bytes()
    evaluate_run(run, config, (1.0,))
    assert set(read_json(run.evaluation)["arenas"]) == {"2", "1"}
    evaluate_run(run, config, (2.0,))
    assert run.recording(2.0).read_bytes() == first


def test_without_a_checkpoint_it_says_what_to_do(tmp_path, make_config):
    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(UserError, match="sicgrid train --resume --out"):
        evaluate_run(run, config, (2.0,))


def test_an_arena_too_small_to_be_analyzed_is_not_walked_in(trained):
    run, config = trained()
    with pytest.raises(UserError, match=r"0\.3 m arena cannot be analyzed: .* 10 bins wide"):
        evaluate_run(run, config, (2.0, 0.3))
    assert not run.recordings.exists()


def test_in_the_smallest_arena_half_the_side_is_far(trained):
    run, config = trained()
    evaluate_run(run, config, (0.5, 2.0))
    far = {name: entry["far_distance"] for name, entry in read_json(run.evaluation)["arenas"].items()}
    assert far == {"0.5": 0.25, "2": 0.5}


def test_a_recording_of_another_run_is_refused(trained):
    run, config = trained()
    other, _ = trained("other", seed=1)
    evaluate_run(other, config.model_copy(update={"seed": 1}), (2.0,))
    shutil.copytree(other.recordings, run.recordings)
    with pytest.raises(UserError, match="belongs to another run"):
        load_run_recording(run, 2.0)


def test_a_recording_renamed_to_another_arena_is_refused(trained):
    run, config = trained()
    evaluate_run(run, config, (1.0,))
    run.recording(1.0).rename(run.recording(2.0))
    with pytest.raises(UserError, match=r"of a 1\.0 m arena"):
        load_run_recording(run, 2.0)


def test_a_checkpoint_of_another_run_is_refused(trained):
    run, config = trained()
    other, _ = trained("other", seed=1)
    shutil.rmtree(run.checkpoints)
    shutil.copytree(other.checkpoints, run.checkpoints)
    with pytest.raises(UserError, match="belongs to another run"):
        evaluate_run(run, config, (2.0,))
    assert not run.recordings.exists()
