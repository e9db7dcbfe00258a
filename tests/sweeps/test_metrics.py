"""Metrics from the files of a run: known numbers in, the same numbers out."""

import json

import pytest

from sicgrid.findings import PART_NAMES
from sicgrid.storage import RunDirectory, UserError
from sicgrid.sweeps import METRICS, run_metrics
from sicgrid.sweeps._metrics import PART_OF

SUMMARY = {
    "active_units": 100,
    "grid_units": 90,
    "fraction_grid": 0.9,
    "fraction_beats_both": 0.8,
    "grid_score_median": 1.1,
    "fraction_beats_field_shuffle": 0.5,
    "path_integration_error": 0.25,
    "decoding_error_m": 0.4,
    "spacing_m": [0.5, 0.7, 1.2, 0.9],
    "modules": [
        {"spacing_m": 0.7, "ellipticity": 1.3, "units": [1, 2, 3]},
        {"spacing_m": 0.5, "ellipticity": 1.1, "units": [4, 5, 6, 7]},
    ],
    "torus": [{"betti": [1, 2, 1]}, {"betti": [1, 1, 0]}],
    "unique_range_m": 3.5,
    "parts": {
        "modules": {},
        "topology": {},
        "fields": {"single_field_units": 7, "field_diameter_m_median": 0.3},
    },
}


def write(path, summary, evaluation=None):
    run = RunDirectory(path)
    run.summary.write_text(json.dumps(summary))
    if evaluation is not None:
        run.evaluation.write_text(json.dumps(evaluation))
    return run


def test_known_numbers(tmp_path):
    held_out = {"total": -0.2, "separation": 0.1, "invariance": 0.07, "capacity": -0.7, "conformal_isometry": 9.0}
    found = run_metrics(write(tmp_path, SUMMARY, {"held_out": held_out}))
    assert found == {
        "fraction_beats_both": 0.8,
        "fraction_grid": 0.9,
        "active_units": 100,
        "grid_units": 90,
        "grid_score_median": 1.1,
        "fraction_beats_field_shuffle": 0.5,
        "path_integration_error": 0.25,
        "decoding_error_m": 0.4,
        "modules": 2,
        "largest_module_units": 4,
        "spacing_smallest_m": 0.5,
        "spacing_largest_m": 0.7,
        "spacing_median_m": pytest.approx(0.8),
        "ellipticity_median": pytest.approx(1.2),
        **dict.fromkeys(("periods", "nested_periods", "ordered_units", "unordered_units")),  # not counted
        "torus_modules": 1,
        "single_field_units": 7,
        "field_diameter_m": 0.3,
        "unique_range_m": 3.5,
        **{f"held_out_{name}": value for name, value in held_out.items()},
    }


def test_no_modules_is_zero_and_no_search_for_modules_is_unknown(tmp_path):
    none = run_metrics(write(tmp_path, SUMMARY | {"modules": [], "torus": []}))
    assert (none["modules"], none["largest_module_units"], none["spacing_smallest_m"]) == (0, 0, None)
    unknown = run_metrics(write(tmp_path, SUMMARY | {"modules": [], "parts": {}}))
    assert (unknown["modules"], unknown["torus_modules"]) == (None, None)


def test_a_run_without_files_has_no_metrics_and_a_damaged_one_is_told(tmp_path):
    assert run_metrics(RunDirectory(tmp_path)) == dict.fromkeys(METRICS)
    RunDirectory(tmp_path).summary.write_text("{")
    with pytest.raises(UserError, match=r"summary\.json"):
        run_metrics(RunDirectory(tmp_path))


def test_numbers_that_are_not_finite_are_unknown(tmp_path):
    assert run_metrics(write(tmp_path, SUMMARY | {"grid_score_median": float("nan")}))["grid_score_median"] is None


def test_parts_and_metrics_exist():
    assert set(PART_OF) <= set(METRICS)
    assert set(PART_OF.values()) <= set(PART_NAMES)
