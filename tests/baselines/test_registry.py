"""The list of baselines."""

from pathlib import Path

import pytest

from sicgrid.baselines import BASELINES, baseline


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean residue"):
        baseline("residues")


def test_every_family_is_there() -> None:
    families = {entry.family for entry in BASELINES.values()}
    assert families == {"coding theory", "dynamical systems", "optimization", "supervised", "chance"}


def test_the_documents_say_what_the_registry_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "baselines.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    described = {cells[0].strip("`"): cells[1:] for cells in rows if len(cells) == 5}
    assert list(described) == list(BASELINES)
    for name, (family, _, by_hand, published) in described.items():
        entry = BASELINES[name]
        assert (family, by_hand, published) == (entry.family, entry.put_in_by_hand, entry.published)
