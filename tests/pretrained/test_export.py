"""From a run to a network: its files, the settings without the machine, and what is refused."""

import numpy as np
import pytest

from sicgrid.experiment import load_checkpoint, load_run_config, start_run
from sicgrid.pretrained import card_text, export_pretrained, load_pretrained, read_card
from sicgrid.pretrained._export import thinned
from sicgrid.storage import UserError, read_provenance


def test_its_files_and_what_the_card_says(exported, finished):
    ends = (".card.json", ".card.md", ".metrics.jsonl", ".safetensors")
    assert sorted(path.name for path in exported.iterdir()) == [f"small{end}" for end in ends]
    card = read_card("small", exported)
    assert (exported / "small.card.md").read_text() == card_text(card)
    assert card.shows == "Nothing: ten steps."
    assert card.step == 10
    assert card.size == (exported / "small.safetensors").stat().st_size
    assert card.made["run"] == read_provenance(finished)["run"]
    assert card.made["seconds"] > 0
    assert card.config.evaluation.arenas == (1.5, 2.0)
    assert card.summary["arena_m"] == 1.5


def test_the_settings_are_the_runs_without_those_of_its_machine(exported, finished):
    own, shipped = load_run_config(finished), read_card("small", exported).config
    assert own.kernels == "reference"
    assert shipped.kernels == "auto"
    assert (shipped.device, shipped.threads) == ("auto", 0)
    for room in ("trajectories", "model", "loss", "training", "analysis", "seed", "preset"):
        assert getattr(shipped, room) == getattr(own, room), room


def test_the_numbers_are_of_the_rounded_network(exported, finished):
    card = read_card("small", exported)
    before, after = card.rounding["before"], card.rounding["after"]
    assert after["held_out_loss"] == card.summary["held_out_loss"]["total"]
    assert after["path_integration_error"] == card.summary["path_integration_error"]
    assert before["held_out_loss"] == pytest.approx(after["held_out_loss"], abs=1e-3)
    assert before["held_out_loss"] != after["held_out_loss"]
    exact = load_checkpoint(finished, load_run_config(finished)).arrays
    for name, tensor in load_pretrained("small", exported).state_dict().items():
        rounds = tensor.numel() > 1000
        np.testing.assert_allclose(
            tensor.numpy(), exact[f"rnn.{name}"], rtol=2**-11 if rounds else 0, atol=1e-7 * rounds
        )


def test_the_run_is_only_read(exported, finished):
    assert not finished.recordings.exists()
    assert not finished.results.exists()


@pytest.mark.parametrize(
    ("name", "shows", "says"),
    [
        ("Small Net", "It.", "small letters, digits and hyphens"),
        ("../small", "It.", "small letters, digits and hyphens"),
        ("new", " ", "say in a sentence"),
        ("small", "It.", "exists; delete it first"),
    ],
)
def test_what_does_not_serve_is_refused(exported, finished, name, shows, says):
    before = {path: path.stat().st_mtime_ns for path in exported.iterdir()}
    with pytest.raises(UserError, match=says):
        export_pretrained(finished, name, shows, exported)
    assert {path: path.stat().st_mtime_ns for path in exported.iterdir()} == before


def test_an_unfinished_run_is_refused(finished, tmp_path):
    run = start_run(load_run_config(finished), tmp_path / "run")
    with pytest.raises(UserError, match="trained for 0 of its 10 steps"):
        export_pretrained(run, "new", "It.", tmp_path / "networks")
    assert not (tmp_path / "networks").exists()


def test_records_are_thinned_to_whole_lines_with_the_last():
    lines = [b'{"step": %d}\n' % step for step in range(1, 1001)]
    kept = thinned(b"".join(lines) + b'{"st', 10).splitlines(keepends=True)
    assert len(kept) == 10
    assert kept[0] == lines[0]
    assert kept[-1] == lines[-1]
    assert set(kept) <= set(lines)
    assert np.ptp(np.diff([lines.index(line) for line in kept])) <= 1
    assert thinned(b"".join(lines[:10]), 10) == b"".join(lines[:10])
    assert thinned(b"", 10) == b""
