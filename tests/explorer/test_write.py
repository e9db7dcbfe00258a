"""From a run to its page."""

import numpy as np
import pytest

from sicgrid.experiment import load_checkpoint, load_run_config, start_run, train_run
from sicgrid.explorer import run_subject, write_explorer
from sicgrid.storage import UserError
from small_runs import quiet, small_config


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = small_config(snapshots=3, training__steps=4, model__units=8, evaluation__walk={"animals": 10, "steps": 40})
    started = start_run(config, tmp_path_factory.mktemp("run") / "small")
    train_run(started, config, quiet, quiet)
    return started


def test_a_run_that_was_only_trained_has_a_page(run, tmp_path):
    subject = run_subject(run)
    assert subject.about["name"] == "small"
    assert "measured for this page" in subject.about["source"]
    page = write_explorer([subject], tmp_path / "explorer.html")
    assert page.read_bytes() == write_explorer([run_subject(run)], tmp_path / "again.html").read_bytes()


def test_its_snapshots_are_shown(run):
    """And the weights are still those of the last step."""
    assert sorted(path.name for path in run.snapshots.iterdir()) == [
        f"step-0000000{step}.safetensors" for step in (1, 4)
    ]
    subject = run_subject(run)
    told, maps = subject.about["snapshots"], subject.arrays["snapshots"]
    assert told["steps"] == [1, 4]
    assert maps.shape == (2, len(told["units"]), 24, 24)
    assert all(loss is not None for loss in told["loss"])
    checkpoint = load_checkpoint(run, load_run_config(run))
    np.testing.assert_array_equal(subject.arrays["p0.bias0"], checkpoint.arrays["rnn.transition.mlp.0.bias"])


def test_a_run_without_a_checkpoint_has_none(tmp_path):
    started = start_run(small_config(), tmp_path / "new")
    with pytest.raises(UserError, match="no checkpoint yet"):
        run_subject(started)


def test_a_page_needs_a_folder(subject, tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        write_explorer([subject], tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        write_explorer([subject], tmp_path / "no" / "page.html")
