"""Kept fits of baselines: read as they were fitted, by the settings asked for, and each bundled one has a card."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from sicgrid.baselines import BASELINES, LstmConfig
from sicgrid.pretrained import (
    baseline_card,
    bundled_baselines,
    export_baseline,
    fit_baseline,
    fitted_baseline,
)
from sicgrid.storage import UserError, machine

BUNDLED = [(name, seed) for name, seeds in bundled_baselines().items() for seed in seeds]


class Toy(LstmConfig):
    """A fit of milliseconds."""

    units: int = 4
    batch: int = 2
    steps: int = 2


TOY = dataclasses.replace(BASELINES["lstm"], config=Toy)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    return folder, fit_baseline(TOY, 3, folder)


def test_a_fit_is_read_as_it_was_kept(kept):
    folder, fit = kept
    read = fitted_baseline(TOY, 3, folder)
    assert (read.seconds, read.losses, read.sha256) == (fit.seconds, fit.losses, fit.sha256)
    assert len(read.losses) == 2
    for name, array in fit.weights.items():
        np.testing.assert_array_equal(read.weights[name], array)
    walked = TOY.make(3, weights=read.weights).walk(np.full((1, 5, 2), 0.1))
    np.testing.assert_allclose(walked, TOY.make(3).walk(np.full((1, 5, 2), 0.1)), atol=1e-6)


def test_another_seed_and_other_settings_are_not_taken_for_it(kept):
    folder, _ = kept
    assert fitted_baseline(TOY, 4, folder) is None
    assert fitted_baseline(BASELINES["lstm"], 3, folder) is None


def test_a_bundled_one_keeps_what_a_walk_reads_and_has_a_card(kept, tmp_path):
    _, fit = kept
    card = {"made": {"command": "train it"} | machine(), "measured": {"torus": "none"}, "measured_by": "look at it"}
    card["outcome"] = "Not as published."
    text = export_baseline(TOY, 3, fit, card, tmp_path)
    read = fitted_baseline(TOY, 3, tmp_path)
    assert {name.partition(".")[0] for name in read.weights} == {"lstm"}
    TOY.make(3, weights=read.weights).walk(np.zeros((1, 2, 2)))
    assert (tmp_path / "lstm-3.card.md").read_text() == text == baseline_card("lstm", 3, tmp_path)
    assert bundled_baselines(tmp_path) == {"lstm": [3]}
    for expected in ("Not as published.", "| torus | none |", "`train it`: 2 steps", "`look at it`", "units: 4"):
        assert expected in text
    with pytest.raises(UserError, match="no weights of lstm, seed 4, are bundled"):
        baseline_card("lstm", 4, tmp_path)
    fit_baseline(TOY, 3, tmp_path)
    with pytest.raises(UserError, match="is not of the weights beside it"):
        baseline_card("lstm", 3, tmp_path)


def test_a_loss_that_is_not_finite_is_told_in_one_line(tmp_path):
    def fails(config, seed, progress):
        raise FloatingPointError("the loss is nan at step 3; lower the learning rate")

    with pytest.raises(UserError, match="lstm, seed 0, cannot be trained: the loss is nan at step 3"):
        fit_baseline(dataclasses.replace(TOY, fit=fails), 0, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("name", "seed"), BUNDLED)
def test_those_of_the_package_are_by_the_defaults_and_walk(name, seed):
    fit = fitted_baseline(BASELINES[name], seed)
    assert fit is not None
    network = BASELINES[name].make(seed, weights=fit.weights)
    assert np.isfinite(network.walk(np.full((1, 5, 2), 0.1))).all()
    card = Path(__file__).parents[2] / "src" / "sicgrid" / "pretrained" / "baselines" / f"{name}-{seed}.card.md"
    assert card.read_text(encoding="utf-8") == baseline_card(name, seed)
