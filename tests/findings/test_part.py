"""Every part on runs of known populations: ideal modules, two units, silence, an external recording."""

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.findings import PART_NAMES, analyze_run, claims
from sicgrid.storage import length_name, read_dataset, read_json
from small_runs import grid_module, ideal_run, quiet
from two_modules import COUNTS, ORIENTATIONS, SIDES, SPACINGS

VERDICTS = {"holds", "does not hold", "not testable here"}


def reasons(run):
    return {name: read_dataset(run.result(name)).attrs.get("reason") for name in PART_NAMES}


def test_two_ideal_modules_that_integrate_paths(analyzed):
    parts, summary = analyzed.parts, analyzed.summary
    assert set(parts) == set(PART_NAMES)
    assert [part.attrs.get("reason") for part in parts.values()] == [None] * len(parts)
    assert np.array_equal(analyzed.module_of_unit(), np.repeat([0, 1, -1], [*COUNTS, 1]))
    assert np.array_equal(analyzed.grid, analyzed.active)
    assert analyzed.active.tolist() == [True] * 70 + [False]
    np.testing.assert_allclose(analyzed.module_spacings(), SPACINGS, rtol=0.01)
    np.testing.assert_allclose(parts["modules"]["orientation_deg"], ORIENTATIONS, atol=0.5)
    assert summary["scale_ratios"] == [pytest.approx(0.8 / 0.45, rel=0.01)]
    assert [torus["verdict"] for torus in summary["torus"]] == ["torus", "torus"]
    # Nothing drifts: states at one place differ no more than the places in one bin do.
    same_place = parts["generalization"]["same_place"].sel(kind="smooth").values
    floor = [analyzed.evaluation["arenas"][length_name(side)]["floor"] for side in SIDES]
    np.testing.assert_allclose(same_place, floor, rtol=0.02)
    # Two periods together tell places apart beyond the larger one, and a small disturbance is gone after a step.
    assert parts["unique_range"]["range_m"].values[0] == SIDES[-1] > 2 * max(SPACINGS)
    assert (parts["intrinsic_correction"]["recovered"].values[:, 1, 1] > 0.85).all()
    verdicts = {name: claim["verdict"] for name, claim in claims(parts, sigma_x=0.05).items()}
    assert verdicts.pop("C4") == "not testable here"  # of distances in training, and nothing was trained
    assert set(verdicts.values()) == {"holds"}


def test_one_ideal_module_in_two_boxes(module_run):
    run, summary = module_run
    assert set(reasons(run).values()) == {None}
    (module,) = summary["modules"]
    assert module["spacing_m"] == pytest.approx(0.5, rel=0.02)
    assert len(module["units"]) == 24
    assert summary["scale_ratios"] == []
    (torus,) = summary["torus"]
    assert torus["decoded_error_m"] < 0.3 * torus["decoded_chance_m"]
    assert summary["unique_range_m"] == pytest.approx(0.5, abs=0.15)
    verdicts = {name: claim["verdict"] for name, claim in summary["claims"].items()}
    # One module is not several, and comes back to the start's state at each of its lattice points.
    assert verdicts["C1a"] == verdicts["C1b"] == verdicts["C4"] == "does not hold"
    assert verdicts["C2"] == verdicts["C3"] == verdicts["C5"] == verdicts["C6"] == "holds"
    assert set(verdicts) == {"C1a", "C1b", *(f"C{number}" for number in range(2, 8))}
    fourier = read_dataset(run.result("fourier"))
    assert float(fourier["spacing_m"][0]) == pytest.approx(0.5, rel=0.02)
    assert np.isfinite(read_dataset(run.result("generalization"))["path_error"].values).any()
    assert read_json(run.summary)["claims"].keys() == summary["claims"].keys()


@pytest.mark.parametrize(
    ("make_states", "units", "said"),
    [
        (lambda positions: np.zeros((*positions.shape[:2], 5)), 5, "No unit is active"),
        (lambda positions: grid_module(positions, 0.5, 2), 2, "Too few units (2)"),
        (
            lambda positions: synthetic_cells.place_cells(positions, np.linspace(-0.8, 0.8, 12).reshape(6, 2), 0.15),
            6,
            "No modules",
        ),
    ],
    ids=["silent", "two units", "place cells"],
)
def test_without_modules_every_part_says_why_or_has_its_numbers(tmp_path, make_states, units, said):
    run, config = ideal_run(tmp_path / "run", make_states, units)
    summary = analyze_run(run, config, quiet, quiet)
    found = reasons(run)
    assert said in found["modules"]
    for name in ("fourier", "phases", "state_space", "topology"):
        assert said in found[name]
        assert len(read_dataset(run.result(name)).variables) == 0
    assert all(reason is None or reason.endswith(".") for reason in found.values())
    assert summary["modules"] == []
    assert said in summary["modules_verdict"]
    for claim in summary["claims"].values():
        assert claim["verdict"] in VERDICTS
        assert claim["sentence"]
    assert {summary["claims"][name]["verdict"] for name in ("C2", "C5", "C6", "C7")} == {"not testable here"}
