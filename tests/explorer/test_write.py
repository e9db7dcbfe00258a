"""From a run to its page."""

import pytest

from sicgrid.experiment import start_run, train_run
from sicgrid.explorer import run_subject, write_explorer
from sicgrid.storage import UserError
from small_runs import quiet, small_config


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = small_config(training__steps=1, model__units=8, evaluation__walk={"animals": 10, "steps": 40})
    started = start_run(config, tmp_path_factory.mktemp("run") / "small")
    train_run(started, config, quiet, quiet)
    return started


def test_a_run_that_was_only_trained_has_a_page(run, tmp_path):
    subject = run_subject(run)
    assert subject.about["name"] == "small"
    assert "measured for this page" in subject.about["source"]
    page = write_explorer([subject], tmp_path / "explorer.html")
    assert page.read_bytes() == write_explorer([run_subject(run)], tmp_path / "again.html").read_bytes()


def test_a_run_without_a_checkpoint_has_none(tmp_path):
    started = start_run(small_config(), tmp_path / "new")
    with pytest.raises(UserError, match="no checkpoint yet"):
        run_subject(started)


def test_a_page_needs_a_folder(subject, tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        write_explorer([subject], tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        write_explorer([subject], tmp_path / "no" / "page.html")
