"""Several seeds in one command."""

import pytest

from sicgrid import experiment
from sicgrid.cli._training import parse_seeds
from sicgrid.storage import UserError, open_run, read_metrics, read_provenance


def test_words_are_seeds_or_refused_by_the_flag():
    assert parse_seeds(["4", "0..1"]) == [4, 0, 1]
    with pytest.raises(UserError, match=r"^--seeds must name each seed once, and 1 comes twice; found '0\.\.2 1'$"):
        parse_seeds(["0..2", "1"])


def test_each_seed_gets_a_run_of_its_own(sicgrid, tmp_path, small):
    ended = sicgrid("train", "smoke", "--seeds", "0..2", "--out", "runs", "--training.steps", 12, *small)
    assert ended.code == 0, ended.err
    runs = [open_run(tmp_path / "runs" / f"seed-{seed}") for seed in range(3)]
    assert [read_provenance(run)["seed"] for run in runs] == [0, 1, 2]
    totals = [read_metrics(run.metrics)["total"] for run in runs]
    assert len({tuple(total) for total in totals}) == 3
    assert ended.out.count("next: sicgrid evaluate") == 3


def test_a_group_goes_on_where_it_was(sicgrid, tmp_path, small, monkeypatch):
    words = ("--seeds", "0", "1", "--out", "runs")
    assert sicgrid("train", "smoke", *words, "--training.steps", 12, *small).code == 0
    again = sicgrid("train", "--resume", *words)
    assert again.code == 0, again.err
    assert "already finished (12 steps)" in again.out


def test_reproduce_makes_a_page_for_each(sicgrid, tmp_path, small, blank_pages):
    ended = sicgrid("reproduce", "smoke", "--seeds", "0", "1", "--training.steps", 12, *small)
    assert ended.code == 0, ended.err
    for seed in (0, 1):
        page = tmp_path / "runs" / "smoke" / f"seed-{seed}" / "report.html"
        assert page.read_text().startswith(f"<title>seed-{seed}</title>")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model.populations", "2"], "one by one, each with its --seed"),
        (["--model.coupling-range", "2"], "networks without local couplings"),
        (["--training.window", "4"], "training.window is 4 on a GPU; train them one by one"),
    ],
)
def test_networks_of_any_kind_train_together_but_on_a_gpu(sicgrid, tmp_path, small, monkeypatch, words, message):
    words = ("train", "smoke", "--seeds", "0", "1", "--training.steps", 4, *words, *small)
    assert sicgrid(*words, "--out", "runs").code == 0
    assert [path.name for path in sorted((tmp_path / "runs").iterdir())] == ["seed-0", "seed-1"]
    monkeypatch.setattr(experiment, "training_device", lambda config: "cuda")
    ended = sicgrid(*words, "--out", "others")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert message in ended.err
    assert not (tmp_path / "others").exists()


def test_a_run_that_ended_early_is_known_as_finished(sicgrid, tmp_path, small, blank_pages):
    words = ("smoke", "--training.stop", 10, "--training.stop-window", 2, "--training.schedule", "cosine", *small)
    ended = sicgrid("reproduce", *words, "--training.steps", 12, "--training.warmup-steps", 0)
    assert ended.code == 0, ended.err
    assert "step 6 of 6" in ended.out
    assert "so far" not in ended.out
    assert "is there already" in sicgrid("reproduce", *words, "--training.steps", 12, "--training.warmup-steps", 0).out
    assert "already finished (6 steps)" in sicgrid("train", "--resume", "--out", "runs/smoke").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--training.stop", "0.1", "--training.schedule", "plateau"],
            "needs training.schedule 'cosine' (it is 'plateau'), or must be 0",
        ),
        (["--seeds", "0..1", "--seed", "3"], "two ways"),
        (["--seeds", "0..x"], "0..15"),
        (["--seeds", "0", "--resume"], "seed-0"),
        (["--training.window", "17"], "training.window must be at most the number of units, 16"),
    ],
)
def test_contradictions_are_refused(sicgrid, disk, small, words, message):
    before = disk()
    ended = sicgrid("train", "smoke", "--out", "runs", *words, *small)
    assert ended.code == 2
    assert message in ended.err
    assert disk() == before
