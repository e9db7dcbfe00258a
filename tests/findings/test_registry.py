"""Which findings there are, and in which order their parts are computed."""

import pytest

from sicgrid.findings import FINDINGS, PART_NAMES
from sicgrid.findings._registry import _in_order, needed_parts, parts_of
from sicgrid.storage import UserError


def test_findings_stand_in_the_order_of_the_page():
    places = [finding.place for finding in FINDINGS]
    assert places == sorted(set(places))


def test_names_and_what_they_need():
    parts = parts_of((2.0, 3.0), 2.0)
    assert needed_parts(["topology"], parts) == {"units", "modules", "topology"}
    assert needed_parts(["units"], parts) == {"units", "units-3"}
    assert "units-3" in needed_parts(["generalization"], parts)
    assert needed_parts([], parts) == set(parts)
    order = list(parts)
    assert all(order.index(read) < order.index(name) for name, part in parts.items() for read in part.reads)
    with pytest.raises(UserError, match="unknown part 'topolgy'; did you mean 'topology'"):
        needed_parts(["topolgy"], parts)


def test_parts_come_after_what_they_read_wherever_their_finding_stands():
    parts = list(parts_of((2.0,), 2.0).values())
    assert [part.name for part in _in_order(parts)] == list(PART_NAMES)
    turned = [part.name for part in _in_order(reversed(parts))]
    assert all(turned.index(read) < turned.index(part.name) for part in parts for read in part.reads)


def test_parts_that_read_what_is_not_there_are_told():
    parts = [part for part in parts_of((2.0,), 2.0).values() if part.name != "modules"]
    with pytest.raises(ValueError, match="fourier, phases"):
        _in_order(parts)
