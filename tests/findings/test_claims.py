"""The claims on results whose verdict is known."""

import numpy as np
import pytest
import xarray as xr

from sicgrid.findings import claims, stored_claims

NAMES = ["C1a", "C1b", *(f"C{number}" for number in range(2, 8))]


def modules(count=2):
    found = xr.Dataset(
        {"members": ("unit", np.arange(20) % max(count, 1))}, attrs={"verdict": "so many", "p_value": 0.005}
    )
    if count == 0:
        return found.assign_attrs(reason="No modules: none.")
    return found.assign(
        spacing_m=("module", 0.5 * 1.4 ** np.arange(count)),
        spacing_sd_m=("module", np.full(count, 0.01)),
        orientation_sd_deg=("module", np.full(count, 0.5)),
    )


def periods(count=2):
    return xr.Dataset(
        {
            "period_p_value": ("period", np.full(count, 0.005)),
            "ordered": ("unit", np.array([True, False])),
        },
        attrs={"verdict": "So many.", "several": 2, "ordered_p_value": 0.1},
    )


def phases(p_value=(0.99, 0.98), p_even=(0.01, 0.02), sum_p_value=(1e-9, 1e-9)):
    return xr.Dataset(
        {
            "p_value": ("module", np.array(p_value)),
            "p_even": ("module", np.array(p_even)),
            "sum_p_value": ("module", np.array(sum_p_value)),
            "phase_sum_spread": ("module", np.array([5.0, 6.0])),
            "verdict": ("module", np.array(["one", "other"], dtype=object)),
        }
    )


def fourier(p_value=(0.001, 0.001), six=(True, True)):
    return xr.Dataset(
        {
            "angles_deg": (("module", "wave"), np.array([[10.0, 70.0, 130.0], [5.0, 66.0, 125.0]])),
            "angle_p_value": ("module", np.array(p_value)),
            "six_peaks": ("module", np.array(six)),
        }
    )


def topology(betti=((1, 2, 1), (1, 2, 1))):
    return xr.Dataset(
        {"betti": (("module", "degree"), np.array(betti)), "threshold": (("module", "degree"), np.ones((2, 3)))}
    )


def generalization(correlation=0.9, strain=0.02, rise=0.05, plateau=0.8, dip=0.4, reach=4.0):
    """Two boxes, the second of ``reach`` meters; a dip of the 5th percentile at 1.5 m."""
    distance = np.arange(0.025, reach / np.sqrt(2), 0.05)
    median = plateau * np.minimum(1, 0.5 * distance / rise)
    low = median - 0.1
    low[np.abs(distance - 1.5) < 0.05] = dip
    two = np.ones((2, 1))
    return xr.Dataset(
        {
            "correlation": (("arena", "unit"), np.array([[1.0] * 20, [correlation] * 20])),
            "strain": (("arena", "unit"), np.array([[0.0] * 20, [strain] * 20])),
            "null_p95": ("arena", np.array([np.nan, 0.3])),
            "path_integration_error": (("arena", "kind"), np.full((2, 2), 0.1)),
            "same_place": (("arena", "kind"), np.full((2, 2), 0.2)),
            "median": (("arena", "distance"), two * median),
            "low": (("arena", "distance"), two * low),
            "samples": (("arena", "distance"), (1000 * two * np.ones(len(distance))).astype(int)),
            "training_cumulative": ("distance", np.clip(distance / 1.1, 0, 1)),
        },
        coords={"arena": [2.0, reach], "distance": distance},
        attrs={"reference_m": 2.0},
    )


def everything(**changed):
    made = {
        "modules": modules(),
        "periods": periods(),
        "phases": phases(),
        "fourier": fourier(),
        "topology": topology(),
        "generalization": generalization(),
    }
    return made | changed


def verdict(name, **changed):
    return claims(everything(**changed))[name]["verdict"]


def test_all_hold_of_a_code_as_the_paper_describes_it():
    judged = claims(everything())
    assert list(judged) == NAMES
    assert {entry["verdict"] for entry in judged.values()} == {"holds"}
    for entry in judged.values():
        assert set(entry) == {"verdict", "number", "null", "sentence"}
        assert entry["sentence"].endswith(".") or entry["sentence"] == "so many"
        assert entry["number"] is not None
        assert entry["null"] is not None


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("C1a", {"periods": periods(1)}),
        ("C1a", {"periods": periods(0)}),
        ("C1b", {"modules": modules(1)}),
        ("C1b", {"modules": modules(0)}),
        ("C2", {"phases": phases(p_value=(0.4, 0.02))}),
        ("C3", {"generalization": generalization(correlation=0.2)}),
        ("C3", {"generalization": generalization(strain=0.3)}),
        ("C3", {"generalization": generalization(strain=np.nan)}),
        ("C4", {"generalization": generalization(rise=0.3)}),
        ("C4", {"generalization": generalization(plateau=0.3)}),
        ("C4", {"generalization": generalization(plateau=1.3)}),
        ("C4", {"generalization": generalization(dip=0.1)}),
        ("C5", {"fourier": fourier(p_value=(0.001, 0.04))}),
        ("C5", {"fourier": fourier(p_value=(0.001, np.nan))}),
        ("C5", {"fourier": fourier(six=(True, False))}),
        ("C6", {"phases": phases(p_value=(0.4, 0.02))}),
        ("C6", {"phases": phases(sum_p_value=(1e-9, 0.5))}),
        ("C7", {"topology": topology(((1, 2, 1), (1, 1, 0)))}),
    ],
)
def test_each_fails_for_its_own_reasons(name, changed):
    assert verdict(name, **changed) == "does not hold"
    if "generalization" in changed:
        assert {verdict(other, **changed) for other in NAMES if other not in ("C3", "C4")} == {"holds"}


def test_what_is_not_there_cannot_be_tested():
    judged = claims({})
    assert {entry["verdict"] for entry in judged.values()} == {"not testable here"}
    assert "`sicgrid analyze`" in judged["C7"]["sentence"]
    without = xr.Dataset(attrs={"reason": "No module was found."})
    assert claims(everything(topology=without))["C7"]["sentence"] == "No module was found."


def test_one_box_or_one_too_small_is_not_testable():
    one = generalization().isel(arena=[0])
    assert verdict("C3", generalization=one) == "not testable here"
    small = generalization(reach=1.0)
    assert verdict("C4", generalization=small) == "not testable here"
    untrained = generalization().drop_vars("training_cumulative")
    assert verdict("C4", generalization=untrained) == "not testable here"


def test_phases_too_few_to_test_are_left_out():
    one, none = (0.99, np.nan), (np.nan, np.nan)
    assert verdict("C2", phases=phases(p_value=one, p_even=(0.01, np.nan))) == "holds"
    assert verdict("C2", phases=phases(p_value=none, p_even=none)) == "not testable here"
    assert verdict("C6", phases=phases(p_value=none, p_even=none)) == "not testable here"


def test_phases_as_even_as_random_ones_are_no_evidence():
    """A test that refutes nothing proves nothing: the claim needs one in its own direction."""
    random = phases(p_value=(0.5, 0.6), p_even=(0.5, 0.4))
    assert verdict("C2", phases=random) == verdict("C6", phases=random) == "not testable here"
    assert verdict("C2", phases=phases(p_even=(0.001, 0.4))) == "holds"  # of both together


def test_a_claim_of_an_earlier_version_is_told_by_its_new_name():
    known = {"verdict": "holds", "number": 3, "null": None, "sentence": "Three."}
    assert stored_claims({"claims": {"C1": known}}) == {"C1b": known}
    assert stored_claims({"claims": {"C1": known, "C1b": known | {"number": 2}}})["C1b"]["number"] == 2
    assert stored_claims({"claims": None}) == stored_claims({}) == {}
