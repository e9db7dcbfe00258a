"""Every finding as a section of the page: pictures, numbers, verdicts, or why there are none."""

from dataclasses import replace

import numpy as np
import pytest

from figure_words import NOTHING, REASON
from known_run import not_drawn
from sicgrid.findings import CLAIMS, FINDINGS
from sicgrid.report._claims import claims
from sicgrid.report._sections import drawings_of, said_of, sections
from sicgrid.report._write import figure_drawings

NOT_COMPUTED = "This part has not been computed yet; `sicgrid analyze` makes it."
BY_NAME = {finding.name: finding for finding in FINDINGS}


@pytest.fixture(scope="module")
def found(trained):
    with not_drawn():
        return {section.id: section for section in sections(trained, claims(trained.summary))}


def test_every_claim_has_one_place_on_the_page(found):
    placed = [claim.id for section in found.values() for claim in section.claims]
    assert sorted(placed) == [claim.id for claim in CLAIMS]


def test_every_section_has_pictures_or_cards_and_nothing_missing(found):
    for section in found.values():
        assert section.panels or section.gallery, section.id
        assert section.missing == ""


def test_every_section_on_a_result_has_a_number(found):
    for finding in FINDINGS:
        if finding.views:
            assert found[finding.id].numbers, finding.name


def test_verdicts_stand_under_their_section(found):
    assert [(claim.id, claim.verdict) for claim in found["distance"].claims] == [("C4", "does not hold")]
    assert [claim.id for claim in found["phases"].claims] == ["C2", "C6"]


def test_a_part_that_was_not_computed_or_could_not_be_says_so(analyzed):
    parts = {name: analyzed.parts[name] for name in ("modules", "state_space")} | {"topology": NOTHING}
    with not_drawn():
        bare = {section.id: section for section in sections(replace(analyzed, parts=parts), [])}
    assert (bare["waves"].panels, bare["waves"].missing) == ([], NOT_COMPUTED)
    assert bare["torus"].missing == REASON
    assert bare["torus"].panels  # the cloud is still shown


def test_without_modules_nothing_by_module_is_drawn(analyzed):
    empty = replace(analyzed, parts=dict.fromkeys(analyzed.parts, NOTHING))
    shown = {section.id: section for section in sections(empty, [])}
    for finding in FINDINGS:
        if finding.views and finding.draw is None:
            section = shown[finding.id]
            assert (section.panels, section.numbers, section.missing) == ([], [], REASON)
            assert not section.clouds
    assert shown["lattices"].missing == REASON
    assert len(shown["lattices"].panels) == 3  # of single units


def test_names_of_figures_are_unique_and_everything_has_words(analyzed):
    drawings = figure_drawings(analyzed)
    names = [drawing.name for drawing in drawings]
    assert len(names) == len(set(names))
    known = ("modules", "fourier", "phase-squares", "phase-planes", "torus-1", "torus-2", "rings", "barcodes", "boxes")
    assert set(known) <= {*names}
    assert all(drawing.label for drawing in drawings)


def test_one_box_makes_no_panels_of_boxes(analyzed):
    alone = replace(analyzed, boxes={2.0: analyzed.boxes[2.0]}, parts={})
    assert [drawing.name for drawing in drawings_of(BY_NAME["paths"], alone)] == ["route", "decoding", "occupancy"]


def test_the_units_shown_in_all_boxes_come_from_every_module(analyzed):
    boxes = next(drawing for drawing in drawings_of(BY_NAME["paths"], analyzed) if drawing.name == "boxes")
    titles = [axes.get_title() for axes in boxes.draw().axes if axes.get_title().startswith("unit")]
    modules = analyzed.module_of_unit()[[int(title.split()[1]) for title in titles]]
    assert np.array_equal(modules, [0, 0, 0, 0, 1, 1, 1, 1])


def say(result, dataset):
    """What is said of a result."""
    (view,) = (view for finding in FINDINGS for view in finding.views if view.result == result)
    return view.say(dataset)


def test_modules_are_told_with_their_ratios(analyzed):
    told, spread = said_of(BY_NAME["modules"], analyzed).split("\n")
    assert told.startswith("**2 modules: 0.45 m (40 units), 0.80 m (30 units); 70 of 70 usable units belong to one.")
    assert told.endswith(" Each spacing over the next smaller one: 1.78.**")
    assert spread.startswith("Median spacing of the 70 grid cells: **0.45 m**, middle half 0.45 to 0.80 m")


def test_numbers_are_those_of_the_results(analyzed):
    names = ("fourier", "topology", "fields", "unique_range", "error_correction", "intrinsic_correction")
    said = {name: say(name, analyzed.parts[name]) for name in names}
    waves = np.sort(analyzed.parts["fourier"]["angles_deg"].values, axis=1)
    off = np.abs(np.diff(waves, axis=1, append=waves[:, :1] + 180) - 60).max()
    assert off < 1
    assert said["fourier"] == f"Angles between neighboring waves differ from 60° by at most {off:.1f}°."
    assert said["topology"].startswith("Betti numbers by module: (1, 2, 1), torus; (1, 2, 1), torus.")
    assert said["fields"] == "0 of 70 active units have a single field."
    assert said["unique_range"] == "0.70 m at noise 0.05 per unit; the largest spacing is 0.80 m."
    assert said["error_correction"].startswith("Median error at noise 0.1 per unit: learned 0.00 m, place 0.1")
    assert "With the place known to half a spacing: learned 0.0" in said["error_correction"]
    part = analyzed.parts["intrinsic_correction"]
    still, walking = (", ".join(f"{100 * share:.0f} %" for share in drive[:, -1]) for drive in part["recovered"].values)
    assert f"standing still {still}; walking on {walking}." in said["intrinsic_correction"]
    away = ", ".join(f"{distance:.2g}" for distance in part["to_twin"].values[1, :, -1])
    assert said["intrinsic_correction"].endswith(f"undisturbed, walking on, they are then {away} away.")


def test_a_range_that_no_noise_leaves_is_said(analyzed):
    lost = analyzed.parts["unique_range"].assign(range_m=("noise", np.full(9, np.nan)))
    assert say("unique_range", lost) == "At every level of noise some place cannot be told from its neighbors."


def test_parts_with_less_in_them_say_less(analyzed):
    for name in ("fourier", "phases", "state_space", "topology", "generalization", "unique_range", "error_correction"):
        assert say(name, analyzed.parts[name].drop_vars(list(analyzed.parts[name].data_vars))) == ""
