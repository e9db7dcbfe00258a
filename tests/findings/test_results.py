from dataclasses import replace

import numpy as np
import pytest

from sicgrid.findings import read_results
from sicgrid.storage import UserError, read_json, write_json, write_units


def test_a_run_is_read_as_written(run):
    results = read_results(run.path)
    assert results.name == "quick"
    assert results.config.seed == 3
    assert results.metrics["step"].tolist() == list(range(1, 31))
    assert results.units["is_grid"].sum() == 6
    assert results.maps.maps.shape == (9, 40, 40)


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("metrics.jsonl", "sicgrid train"),
        ("evaluation.json", "sicgrid evaluate"),
        ("units.csv", "sicgrid analyze"),
        ("maps.npz", "sicgrid analyze"),
        ("summary.json", "sicgrid analyze"),
    ],
)
def test_a_missing_part_names_the_command_that_makes_it(run, file, command):
    (run.path / file).unlink()
    with pytest.raises(UserError, match=f"{file}.*{command}"):
        read_results(run.path)


def test_an_arena_that_version_0_1_named_by_six_digits(run):
    evaluation, summary = read_json(run.evaluation), read_json(run.summary)
    write_json(run.evaluation, evaluation | {"arenas": {"1.41421": {"path_integration_error": 0.25}}})
    write_json(run.summary, summary | {"arenas": {"1.41421356": {}}})
    assert read_results(run.path).evaluation["arenas"] == {"1.41421356": {"path_integration_error": 0.25}}


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="no run"):
        read_results(tmp_path)


def test_maps_of_other_units_are_refused(run):
    write_units(run.units(), {name: column[:4] for name, column in read_results(run.path).units.items()})
    with pytest.raises(UserError, match=r"4 rows, but there are 9 rate maps.*sicgrid analyze"):
        read_results(run.path)


def test_an_analysis_of_another_checkpoint_is_refused(run):
    write_json(run.evaluation, dict(read_results(run.path).evaluation) | {"checkpoint": "other"})
    with pytest.raises(UserError, match=r"another checkpoint.*sicgrid analyze"):
        read_results(run.path)


def test_a_table_without_a_needed_column_is_refused(results):
    units = {name: column for name, column in results.units.items() if name != "null_p99"}
    with pytest.raises(ValueError, match="null_p99"):
        replace(results, units=units)


def test_columns_not_needed_may_be_missing(results):
    units = {
        name: column for name, column in results.units.items() if name not in ("ellipticity", "constant", "scorer")
    }
    assert np.array_equal(replace(results, units=units).units["unit"], np.arange(9))
