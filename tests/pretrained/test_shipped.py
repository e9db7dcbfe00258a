"""The bundled networks are what their cards say: rebuilt from the weights, on whatever machine this is."""

from importlib.resources import files
from pathlib import Path

import pytest

from sicgrid.experiment import evaluate_run, load_run_config
from sicgrid.findings import analyze_run, stored_claims
from sicgrid.pretrained import card_text, pretrained_names, pretrained_run, read_card
from sicgrid.storage import exclusive

FOLDER = Path(str(files("sicgrid.pretrained"))) / "networks"
MEGABYTES = 20  # of which that of the paper's size has 9
SMALL = 20  # units of a module
FEW = 30  # units of a network
LOST = 0.9  # path-integration error of a network whose state soon says nothing of the place


@pytest.mark.slow
@pytest.mark.parametrize("name", pretrained_names())
def test_the_summary_rebuilt_from_the_weights_is_the_cards(name, tmp_path):
    """Same seeds, settings and rounded weights; half of the animals say the same up to what sampling leaves open."""
    card = read_card(name).summary
    run = pretrained_run(name, tmp_path / "run")
    config = load_run_config(run)
    share = card["fraction_grid"]
    # The null decides which units count as grid cells, and where that is nearly all or none, far from all of them: a
    # tenth of its draws is enough.
    lost = card["path_integration_error"] > LOST
    shuffles = {"shuffles": 10} if lost or not 0.05 < share < 0.5 else {}
    # Where it is nearly none, it is those that one walk lets pass. Faint maps and small modules ask for all walks, and
    # so does the path error of few units.
    smallest = min((module["units"] for module in card["modules"]), default=SMALL)
    half = share > 0.05 and not lost and smallest >= SMALL and card["units"] > FEW
    walk = config.evaluation.walk.model_copy(update={"animals": 100} if half else {})
    # Some steps are so slow that conformal isometry, a ratio to speed, is theirs alone: others need few batches.
    batches = {"held_out_batches": 4} if lost else {}
    evaluation = config.evaluation.model_copy(update={"walk": walk} | batches)
    analysis = config.analysis.model_copy(update=shuffles)
    config = config.model_copy(update={"evaluation": evaluation, "analysis": analysis})
    with exclusive(run):
        evaluate_run(run, config, config.evaluation.arenas[:1], lambda side: None)
        found = analyze_run(run, config, only=("modules",))
    assert found["arena_m"] == card["arena_m"]
    for term in ("separation", "invariance", "capacity") if lost else ("total",):
        assert found["held_out_loss"][term] == pytest.approx(card["held_out_loss"][term], abs=0.02 if lost else 1e-3)
    assert found["path_integration_error"] == pytest.approx(card["path_integration_error"], abs=0.02)
    assert found["active_units"] == pytest.approx(card["active_units"], abs=3)
    # Where the place is lost, rounding decides which states are seen, and faint maps are another machine's own.
    for count in ("constant_units", "grid_units") if not lost else ():
        assert found[count] == pytest.approx(card[count], abs=3), count
    assert found["grid_score_median"] == pytest.approx(card["grid_score_median"], abs=0.2 if lost else 0.05)
    a_unit = 1 / card["active_units"]
    assert lost or found["fraction_grid"] == pytest.approx(card["fraction_grid"], abs=max(0.03, 2 * a_unit))
    assert len(found["modules"]) == len(card["modules"])
    for here, there in zip(found["modules"], card["modules"], strict=True):
        assert here["spacing_m"] == pytest.approx(there["spacing_m"], rel=0.03 if lost else 0.01)
        assert here["orientation_deg"] == pytest.approx(there["orientation_deg"], abs=3 if lost else 1)
        assert len(here["units"]) == pytest.approx(there["units"], abs=12 if lost else 4)


@pytest.mark.parametrize("name", pretrained_names())
def test_every_card_is_whole_and_its_text_is_made_from_it(name):
    card = read_card(name)
    assert card.shows[0].isupper()
    assert card.shows.endswith(".")
    assert (FOLDER / f"{name}.card.md").read_text(encoding="utf-8") == card_text(card)
    # Cards that were measured before periods were counted hold C1b alone, as C1.
    assert {"C1b", "C2", "C3", "C4", "C5", "C6", "C7"} <= set(stored_claims(card.summary))
    assert card.made["git"] is not None
    assert (FOLDER / f"{name}.metrics.jsonl").stat().st_size > 0


def test_together_they_are_small():
    bundled = [*FOLDER.iterdir(), *(FOLDER.parent / "baselines").glob("*")]
    assert sum(path.stat().st_size for path in bundled) <= MEGABYTES * 1e6


def test_nothing_else_lies_among_them():
    ends = (".card.json", ".card.md", ".metrics.jsonl", ".safetensors")
    expected = {f"{name}{end}" for name in pretrained_names() for end in ends}
    assert {path.name for path in FOLDER.iterdir()} == expected
