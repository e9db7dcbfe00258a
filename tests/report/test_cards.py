import dataclasses

import numpy as np

from sicgrid.report._cards import unit_cards


def test_one_card_a_unit_typical_ones_first_silent_last(results):
    cards = unit_cards(results)
    score = results.units["grid_score"][:6]
    away = np.abs(score - np.median(score)).round(9)
    assert [card.unit for card in cards] == [*np.argsort(away, kind="stable"), 6, 7, 8]
    assert [card.rank for card in cards] == list(range(9))


def test_kinds(results):
    kinds = {card.unit: card.kind for card in unit_cards(results)}
    assert kinds == dict.fromkeys(range(6), "grid cell") | {6: "other", 7: "always on", 8: "silent"}


def test_numbers_are_those_of_the_table(results):
    card = next(card for card in unit_cards(results) if card.unit == 4)
    names = ("grid_score", "spacing_m", "orientation_deg", "spatial_information")
    score, spacing, orientation, information = (results.units[name][4] for name in names)
    assert (card.score, card.spacing_m) == (score, spacing)
    assert (card.orientation_deg, card.information) == (orientation, information)
    assert f"grid score {score:.2f}" in card.description
    assert "spacing 0.80 m" in card.description


def test_names_are_the_recording_s_own(results):
    names = ["007", "7", "1_12", "11_2", "1e3", "a <b>", "", "nan", "True"]
    assert [card.name for card in unit_cards(results)] == [str(card.unit) for card in unit_cards(results)]
    recorded = dataclasses.replace(results, units=results.units | {"name": np.array(names)})
    cards = unit_cards(recorded)
    assert [card.name for card in cards] == [names[card.unit] for card in cards]
    assert next(card for card in cards if card.unit == 2).description.startswith("Rate map of unit 1_12, grid cell")


def test_modules_take_turns_and_units_on_finer_lattices_come_after(analyzed):
    cards = unit_cards(analyzed)
    assert [card.module for card in cards[:4]] == [0, 1, 0, 1]
    assert not cards[-1].active
    part = analyzed.parts["periods"]
    finer = part.assign(index=("unit", np.where(np.arange(71) < 5, 3, part["index"].values)))
    nested = dataclasses.replace(analyzed, parts={**analyzed.parts, "periods": finer})
    of_first = [card.unit for card in unit_cards(nested) if card.module == 0]
    assert set(of_first[-5:]) == set(range(5))
