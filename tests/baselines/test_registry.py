"""The list of baselines."""

import pytest

from sicgrid.baselines import BASELINES, baseline


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean residue"):
        baseline("residues")


def test_every_family_is_there() -> None:
    families = {entry.family for entry in BASELINES.values()}
    assert {"coding theory", "chance"} <= families
