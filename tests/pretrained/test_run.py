"""A network as a run: the stages apply, a second call resumes where the first stopped, other folders are left alone."""

import shutil

import numpy as np
import pytest
import torch

from sicgrid.experiment import build, evaluate_run, load_checkpoint, load_run_config, train_run
from sicgrid.findings import analyze_run
from sicgrid.pretrained import load_pretrained, pretrained_run, read_card
from sicgrid.storage import UserError, read_metrics, read_provenance


def test_its_network_is_the_loaded_one_and_the_stages_apply(exported, tmp_path):
    run = pretrained_run("small", tmp_path / "run", exported)
    config = load_run_config(run)
    checkpoint = load_checkpoint(run, config)
    assert checkpoint.step == 10
    rnn = build(config, checkpoint).rnn
    for name, tensor in load_pretrained("small", exported).state_dict().items():
        assert torch.equal(rnn.state_dict()[name], tensor), name
    evaluate_run(run, config, (1.5,), lambda side: None)
    summary = analyze_run(run, config, only=("units",))
    card = read_card("small", exported)
    for name in ("active_units", "grid_score_median", "spacing_m", "path_integration_error", "held_out_loss"):
        assert summary[name] == card.summary[name], name


def test_provenance_says_where_the_network_is_from(exported, finished, tmp_path):
    run = pretrained_run("small", tmp_path / "run", exported)
    told = read_provenance(run)
    card = read_card("small", exported)
    assert told["pretrained"]["name"] == "small"
    assert told["pretrained"]["sha256"] == card.sha256
    assert told["pretrained"]["trained"]["run"] == read_provenance(finished)["run"] != told["run"]
    np.testing.assert_array_equal(read_metrics(run.metrics)["total"], read_metrics(finished.metrics)["total"])


def test_there_is_nothing_left_to_train(exported, tmp_path):
    run = pretrained_run("small", tmp_path / "run", exported)
    assert train_run(run, load_run_config(run), lambda first, changed: None, lambda record: None) == 0


def test_a_second_call_keeps_what_is_there(exported, tmp_path):
    run = pretrained_run("small", tmp_path / "run", exported)
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    pretrained_run("small", tmp_path / "run", exported)
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


def test_a_call_that_was_killed_is_made_good(exported, tmp_path):
    run = pretrained_run("small", tmp_path / "run", exported)
    shutil.rmtree(run.checkpoints)
    run.metrics.write_text("{")
    pretrained_run("small", tmp_path / "run", exported)
    assert load_checkpoint(run, load_run_config(run)).step == 10
    assert len(read_metrics(run.metrics)["step"]) > 0


def test_other_folders_are_refused_and_left_alone(exported, finished, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        pretrained_run("small", mine, exported)
    with pytest.raises(UserError, match="is a file"):
        pretrained_run("small", mine / "file", exported)
    with pytest.raises(UserError, match="holds another run"):
        pretrained_run("small", finished.path, exported)
    pretrained_run("small", tmp_path / "run", exported)
    with pytest.raises(UserError, match="holds another network"):
        pretrained_run("quick", tmp_path / "run")
    assert [path.name for path in mine.iterdir()] == ["file"]
