import pytest

from sicgrid.findings import CLAIMS
from sicgrid.report._claims import claims


def test_claims_that_were_not_judged_are_untested():
    found = claims({})
    assert [claim.id for claim in found] == [claim.id for claim in CLAIMS]
    assert {(claim.verdict, claim.mark, claim.number) for claim in found} == {("not judged yet", "untested", "–")}


@pytest.mark.parametrize(
    ("verdict", "mark"), [("holds", "yes"), ("does not hold", "no"), ("not testable here", "untested")]
)
def test_verdicts_have_a_mark(verdict, mark):
    (first, *_) = claims({"claims": {"C1a": {"verdict": verdict}}})
    assert (first.verdict, first.mark) == (verdict, mark)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3, "3"),
        (0.12345, "0.123"),
        (-0.5, "−0.5"),
        ([1, 2, 1], "1, 2, 1"),
        ({"p_a": 0.25, "q": [0.5]}, "p a: 0.25; q: 0.5"),
        ([[1, 2, 1], [1, 1, 0]], "(1, 2, 1), (1, 1, 0)"),
        (True, "yes"),
    ],
)
def test_numbers_of_any_shape_are_text(number, text):
    assert claims({"claims": {"C7": {"verdict": "holds", "number": number}}})[-1].number == text


def test_a_summary_of_an_earlier_version_shows_its_c1_as_c1b():
    found = {claim.id: claim for claim in claims({"claims": {"C1": {"verdict": "holds", "number": 3}}})}
    assert "C1" not in found
    assert (found["C1b"].verdict, found["C1b"].number) == ("holds", "3")
    assert found["C1a"].verdict == "not judged yet"
