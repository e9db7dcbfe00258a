"""The claims on results that were really computed, of a code for which all hold, and with one of them changed."""

import re

import numpy as np
import pytest
import xarray as xr

from figure_words import NOTHING, REASON
from sicgrid.findings import claims, stored_claims

NAMES = ["C1a", "C1b", *(f"C{number}" for number in range(2, 8))]


def with_distances(part, rise=0.05, plateau=0.8, dip=0.4, training_m=1.1):
    """States that move away within ``rise`` and stay there; the 5th percentile dips at 1.5 m, beyond the training."""
    distance = part["distance"].values
    median = plateau * np.minimum(1, 0.5 * distance / rise)
    low = np.where(np.abs(distance - 1.5) < 0.05, dip, median - 0.1)
    axes = ("arena", "distance")
    every_box = np.ones((part.sizes["arena"], 1))
    return part.assign(
        median=(axes, every_box * median),
        low=(axes, every_box * low),
        typical_distance=(axes, every_box * distance),
        samples=(axes, np.full((part.sizes["arena"], len(distance)), 1000)),
        training_cumulative=("distance", np.clip(distance / training_m, 0, 1)),
    )


def with_values(**values):
    """A change of a part: other values of some of its variables."""
    return lambda part: part.assign({name: (part[name].dims, np.array(value)) for name, value in values.items()})


def without_waves(part, modules):
    """No three waves were found in these modules."""
    unknown = np.isin(np.arange(part.sizes["module"]), modules)
    names = ("angles_deg", "angle_p_value")
    return part.assign({name: part[name].where(xr.DataArray(~unknown, dims="module")) for name in names})


@pytest.fixture(scope="module")
def parts(analyzed):
    """Of two ideal modules, the distances between states as the paper's: nothing was trained to compare them with."""
    return {**analyzed.parts, "generalization": with_distances(analyzed.parts["generalization"])}


def changed(parts, name, change):
    return {**parts, name: change(parts[name])}


def test_all_hold_of_a_code_as_the_paper_describes_it(parts):
    judged = claims(parts)
    assert list(judged) == NAMES
    assert {entry["verdict"] for entry in judged.values()} == {"holds"}
    for entry in judged.values():
        assert set(entry) == {"verdict", "number", "null", "sentence"}
        assert entry["sentence"].endswith(".")
        assert entry["number"] is not None
        assert entry["null"] is not None


@pytest.mark.parametrize(
    ("claim", "name", "change"),
    [
        ("C1a", "periods", lambda part: part.isel(period=[0])),
        ("C1a", "periods", lambda part: part.isel(period=[])),
        ("C1b", "modules", lambda part: part.isel(module=[0])),
        ("C1b", "modules", lambda part: part.isel(module=[]).assign_attrs(reason="No modules: none.")),
        ("C2", "phases", with_values(p_value=[0.4, 0.02])),
        ("C3", "generalization", lambda part: part.assign(correlation=part["correlation"].clip(max=0.2))),
        ("C3", "generalization", lambda part: part.assign(strain=part["strain"] + 0.3)),
        ("C3", "generalization", lambda part: part.assign(strain=part["strain"].where(part["arena"] == 2.0))),
        ("C4", "generalization", lambda part: with_distances(part, rise=0.3)),
        ("C4", "generalization", lambda part: with_distances(part, rise=0.105)),
        ("C4", "generalization", lambda part: with_distances(part, plateau=0.3)),
        ("C4", "generalization", lambda part: with_distances(part, plateau=1.3)),
        ("C4", "generalization", lambda part: with_distances(part, dip=0.1)),
        ("C5", "fourier", with_values(angle_p_value=[0.001, 0.04])),
        ("C5", "fourier", with_values(angle_p_value=[0.001, np.nan])),
        ("C5", "fourier", with_values(six_peaks=[True, False])),
        ("C5", "fourier", lambda part: without_waves(with_values(six_peaks=[False, True])(part), [1])),
        ("C6", "phases", with_values(p_value=[0.4, 0.02])),
        ("C6", "phases", with_values(sum_p_value=[1e-9, 0.5])),
        ("C7", "topology", with_values(betti=[[1, 2, 1], [1, 1, 0]])),
    ],
)
def test_each_fails_for_its_own_reasons(parts, claim, name, change):
    judged = claims(changed(parts, name, change))
    assert judged[claim]["verdict"] == "does not hold"
    assert not any(re.search(r"\bnan\b", entry["sentence"]) for entry in judged.values())
    if name == "generalization":
        assert {judged[other]["verdict"] for other in NAMES if other not in ("C3", "C4")} == {"holds"}


@pytest.mark.parametrize("rise", [0.04, 0.06, 0.075, 0.095])
def test_half_of_the_plateau_is_reached_between_the_bins(parts, rise):
    judged = claims(changed(parts, "generalization", lambda part: with_distances(part, rise=rise)))["C4"]
    assert judged["number"]["half_at_m"] == pytest.approx(rise, abs=1e-9)
    assert judged["verdict"] == "holds"


def verdict(parts, claim, name, change):
    return claims(changed(parts, name, change))[claim]["verdict"]


def test_what_is_not_there_cannot_be_tested(parts):
    judged = claims({})
    assert {entry["verdict"] for entry in judged.values()} == {"not testable here"}
    assert "`sicgrid analyze`" in judged["C7"]["sentence"]
    assert claims({**parts, "topology": NOTHING})["C7"]["sentence"] == REASON


def test_a_box_that_holds_too_few_periods_of_a_module_cannot_tell_its_waves(parts):
    some, none = (
        claims(changed(parts, "fourier", lambda part, modules=modules: without_waves(part, modules)))["C5"]
        for modules in ([1], [0, 1])
    )
    assert some["verdict"] == none["verdict"] == "not testable here"
    assert "in 1 of 1 module; of 1 the box holds too few periods to tell;" in some["sentence"]
    assert none["sentence"].startswith("In no module do half of the units have three waves")


def test_one_box_or_one_too_small_is_not_testable(parts):
    walks = "generalization"
    assert verdict(parts, "C3", walks, lambda part: part.isel(arena=[0])) == "not testable here"
    assert verdict(parts, "C4", walks, lambda part: with_distances(part, training_m=3.0)) == "not testable here"
    assert verdict(parts, "C4", walks, lambda part: part.drop_vars("training_cumulative")) == "not testable here"


def test_phases_too_few_to_test_are_left_out(parts):
    single = with_values(p_value=[0.99, np.nan], p_even=[0.01, np.nan])
    none = with_values(p_value=[np.nan, np.nan], p_even=[np.nan, np.nan])
    assert verdict(parts, "C2", "phases", single) == "holds"
    assert verdict(parts, "C2", "phases", none) == "not testable here"
    assert verdict(parts, "C6", "phases", none) == "not testable here"


def test_phases_as_even_as_random_ones_are_no_evidence(parts):
    """A test that refutes nothing proves nothing: the claim needs one in its own direction."""
    random = with_values(p_value=[0.5, 0.6], p_even=[0.5, 0.4])
    assert verdict(parts, "C2", "phases", random) == verdict(parts, "C6", "phases", random) == "not testable here"
    together = with_values(p_value=[0.99, 0.98], p_even=[0.001, 0.4])
    assert verdict(parts, "C2", "phases", together) == "holds"


def test_a_claim_of_an_earlier_version_is_told_by_its_new_name():
    known = {"verdict": "holds", "number": 3, "null": None, "sentence": "Three."}
    assert stored_claims({"claims": {"C1": known}}) == {"C1b": known}
    assert stored_claims({"claims": {"C1": known, "C1b": known | {"number": 2}}})["C1b"]["number"] == 2
    assert stored_claims({"claims": None}) == stored_claims({}) == {}
