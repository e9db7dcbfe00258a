from dataclasses import replace

import pytest

import ideal_results as ideal
from sicgrid.report._claims import claims
from sicgrid.report._findings import NOT_COMPUTED, SECTIONS, findings


@pytest.fixture(scope="module")
def found(analyzed):
    return {section.id: section for section in findings(analyzed, claims(analyzed.summary))}


def test_every_claim_has_one_place_on_the_page():
    placed = [claim for section in SECTIONS for claim in section.claims] + ["C1", "C3"]
    assert sorted(placed) == [f"C{k}" for k in range(1, 8)]


def test_every_section_has_pictures_a_number_and_nothing_missing(found):
    for section in found.values():
        assert section.panels, section.id
        assert section.number, section.id
        assert section.missing == ""


def test_verdicts_stand_under_their_section(found):
    assert [(claim.id, claim.verdict) for claim in found["distance"].claims] == [("C4", "does not hold")]
    assert [claim.id for claim in found["phases"].claims] == ["C2", "C6"]


def test_a_part_that_was_not_computed_or_could_not_be_says_so(analyzed):
    parts = {name: part for name, part in analyzed.parts.items() if name != "fourier"} | {"topology": ideal.empty()}
    bare = {section.id: section for section in findings(replace(analyzed, parts=parts), [])}
    assert (bare["waves"].panels, bare["waves"].missing) == ([], NOT_COMPUTED)
    assert bare["torus"].missing == ideal.REASON
    assert bare["torus"].panels  # the cloud is still shown


def test_without_modules_nothing_by_module_is_drawn(analyzed):
    empty = dict.fromkeys(analyzed.parts, ideal.empty())
    for section in findings(replace(analyzed, parts=empty), []):
        assert (section.panels, section.number, section.missing) == ([], "", ideal.REASON)
        assert not section.torus
