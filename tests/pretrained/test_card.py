"""The card: settings, seed, metrics, verdicts, how it was made, in a text that Markdown can show."""

from sicgrid.findings import CLAIMS
from sicgrid.pretrained import card_text, read_card


def test_the_text_tells_all(exported):
    card = read_card("small", exported)
    text = card_text(card)
    summary = card.summary
    short = {claim.id: claim.short for claim in CLAIMS}
    claims = [f"| {name} {short[name]} | {claim['verdict']} |" for name, claim in summary["claims"].items()]
    numbers = [f"| active units | {summary['active_units']},", f"{card.rounding['after']['held_out_loss']:.5f}"]
    making = ["seed 0", "10 steps", f"torch {card.made['versions']['torch']}", card.config.to_yaml(), card.sha256]
    use = ['load_pretrained("small")', "sicgrid report --pretrained small"]
    for word in ["# small", card.shows, *claims, *numbers, *making, *use]:
        assert word in text, word
    assert len(claims) == 8


def test_every_row_of_a_table_has_as_many_cells(exported):
    """A sentence with a bar in it would else fall apart."""
    for line in card_text(read_card("small", exported)).splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (3, 4), line


def test_verdicts_hold_every_claim_once(exported):
    card = read_card("small", exported)
    listed = [name for names in card.verdicts().values() for name in names]
    assert sorted(listed) == ["C1a", "C1b", "C2", "C3", "C4", "C5", "C6", "C7"]


def test_modules_are_listed_by_spacing_and_size(exported):
    card = read_card("small", exported)
    modules = [{"spacing_m": 1.0234, "units": 60}, {"spacing_m": 0.5, "units": 3}]
    object.__setattr__(card, "summary", {**card.summary, "modules": modules})
    assert card.cells()["modules"] == "1.02 m (60)\n0.50 m (3)"
    assert "| modules (units) | 1.02 m (60), 0.50 m (3) |" in card_text(card)
