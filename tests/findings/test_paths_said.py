"""What a run's page says of its path-integration error."""

from dataclasses import replace

import pytest

from sicgrid.findings._paths_said import exact_error
from sicgrid.findings.paths import FINDING

WALKED = {"path_integration_error": 0.24, "same_place": 0.21, "far_place": 0.9, "floor": 0.12, "bin_size": 0.05}


def walked(results, box):
    return replace(results, evaluation={"arenas": {"2": box}}, summary={"arena_m": 2.0})


def test_an_exact_integrator_still_sees_places_of_one_bin_differ():
    assert exact_error(WALKED) == pytest.approx(0.12 / 0.9)
    assert exact_error({"far_place": 0.9}) is None  # of an earlier version
    assert exact_error(WALKED | {"far_place": 0.0}) is None
    assert exact_error(WALKED | {"floor": float("nan")}) is None


def test_the_error_stands_beside_that_of_an_exact_integrator(results):
    run = walked(results, WALKED)
    assert "An exact integrator of such states would show 0.13" in FINDING.say(run)
    assert "a bin of 5 cm" in FINDING.say(run)
    (fact,) = FINDING.facts(run)
    assert (fact.value, "0.13: the state depends on the place alone" in fact.note) == ("0.240", True)
    (table,) = FINDING.tables(run)
    row = dict(zip(table.heads, table.rows[0], strict=True))
    assert (row["path-integration error"], row["of an exact integrator"]) == ("0.240", "0.133")


def test_a_run_of_an_earlier_version_goes_without(results):
    run = walked(results, {name: value for name, value in WALKED.items() if name not in ("floor", "bin_size")})
    assert "exact" not in FINDING.say(run)
    (fact,) = FINDING.facts(run)
    assert "0: the state depends on the place alone" in fact.note


def test_the_table_of_boxes_has_no_column_without_a_number(results):
    """A recording of one animal: nothing was walked twice, and six columns of dashes said no more than that."""
    (table,) = FINDING.tables(replace(results, evaluation={}, summary={"arenas": {"1": {"fraction_grid": 0.75}}}))
    assert (list(table.heads), table.rows) == (
        ["box side", "units above shifts in time (chance: 6 %)"],
        [["1 m", "75 %"]],
    )
