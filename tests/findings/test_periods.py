"""Periods and independent modules of made-up populations: nested, sheared, noisy, with a second module, by chance."""

import numpy as np
import pytest
import xarray as xr

from sicgrid.analysis import RateMaps, lattice_shape
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.experiment import RunConfig
from sicgrid.findings import Record, claims
from sicgrid.findings import modules as modules_finding
from sicgrid.findings import periods as periods_finding

EDGES = np.linspace(-1.2, 1.2, 49)
CENTERS = cells.bin_centers(EDGES)
HEXAGONAL, SQUARE = cells.lattice_basis(1.05, 10), cells.lattice_basis(1.0, 5, angle_deg=90)
SHEARED = cells.lattice_basis(1.05, 10, shear=0.15, shear_axis_deg=30)
OTHER = cells.lattice_basis(0.73, 31)
# Own lattices in coordinates of the module's: a cell of each has 1 / k of its area.
FINER = {
    1: np.eye(2),
    2: np.array([[0.5, 0.5], [0.5, -0.5]]),
    3: np.array([[1 / 3, 1 / 3], [-1 / 3, 2 / 3]]),
    4: np.eye(2) / 2,
    8: np.array([[0.25, 0.25], [0.25, -0.25]]),
    9: np.eye(2) / 3,
}

SETTINGS = RunConfig.model_validate({"analysis": {"periods": {"draws": 99}, "modules": {"draws": 99}}})


def units_of(rng, basis, counts, noise=0.1):
    """Maps of so many units of each index, and their own lattices as a fit would give them, good to 1 %."""
    maps, bases = [], []
    for k, count in counts.items():
        finer = FINER[k] @ basis
        width = 0.16 * np.sqrt(abs(np.linalg.det(finer)))
        for phase in rng.random((count, 1, 2)):
            maps.append(np.maximum(cells.grid_cells(CENTERS, finer, phase, width)[..., 0], 0))
            bases.append(lattice_shape(finer * (1 + 0.004 * rng.standard_normal())).basis_m)
    drawn = np.array(maps)
    return np.maximum(drawn + noise * rng.standard_normal(drawn.shape), 0), np.array(bases)


class Known:
    """What the two parts read, of a population that is known."""

    def __init__(self, *populations):
        maps, bases = (np.concatenate(each) for each in zip(*populations, strict=True))
        self.config, self.seed, self._maps = SETTINGS, 0, maps
        yes = ("unit", np.ones(len(maps), dtype=bool))
        table = {"active": yes, "constant": ("unit", ~yes[1]), "basis_m": (("unit", "vector", "axis"), bases)}
        self.parts = {"units": xr.Dataset(table, {"unit": np.arange(len(maps))})}

    def part(self, name):
        return self.parts[name]

    required = part

    def measured_maps(self):
        return RateMaps(self._maps, np.ones(self._maps.shape[1:]), EDGES, EDGES)

    def bin_size(self):
        return 0.05

    def judged(self):
        """Both verdicts, and the summary of the periods."""
        self.parts["modules"] = modules_finding._compute(self, lambda *_: None).dataset
        found = periods_finding._compute(self, lambda *_: None)
        self.parts["periods"] = found.dataset
        judged = claims(self.parts)
        return judged["C1a"], judged["C1b"], found.summary


def counts_of(found):
    return [{int(k): n for k, n in one.items()} for one in found["by_index"]]


@pytest.mark.parametrize(
    ("basis", "counts"),
    [
        (SHEARED, {1: 5, 3: 4, 9: 3}),
        (SQUARE, {1: 4, 2: 5, 4: 4, 8: 3}),
    ],
    ids=["1:3:9 sheared", "1:2:4:8 square"],
)
def test_nested_lattices_are_several_periods_of_one_module(basis, counts):
    several, independent, found = Known(units_of(np.random.default_rng(0), basis, counts)).judged()
    assert (several["verdict"], several["number"]) == ("holds", {"periods": len(counts)})
    assert several["null"]["p"] <= 0.01
    assert (independent["verdict"], independent["number"]) == ("does not hold", 1)
    assert counts_of(found) == [counts]
    assert [len(one["units"]) for one in found["periods"]] == list(counts.values())[::-1]
    assert found["ordered_p_value"] < 1e-4
    finer = sum(counts.values()) - counts[1]
    assert f"{finer} of {finer} units" in several["sentence"]
    record = Record({"parts": {"periods": found}}, {})
    read = {metric.name: metric.read(record) for metric in periods_finding.FINDING.metrics}
    many = len(counts)
    assert read == {"periods": many, "nested_periods": many, "ordered_units": finer, "unordered_units": 0}


def test_a_run_without_this_part_has_no_columns_of_it():
    for summary in ({}, {"parts": {"modules": {}}}):
        assert {metric.read(Record(summary, {})) for metric in periods_finding.FINDING.metrics} == {None}


def test_a_second_independent_module_counts_for_both():
    rng = np.random.default_rng(1)
    known = Known(units_of(rng, HEXAGONAL, {1: 5, 3: 4}), units_of(rng, OTHER, {1: 4}))
    several, independent, found = known.judged()
    assert (several["number"], independent["number"]) == ({"periods": 3}, 2)
    assert (several["verdict"], independent["verdict"]) == ("holds", "holds")
    assert counts_of(found) == [{1: 4}, {1: 5, 3: 4}]


def test_one_lattice_is_one_period():
    several, independent, found = Known(units_of(np.random.default_rng(2), HEXAGONAL, {1: 8})).judged()
    assert (several["verdict"], independent["verdict"]) == ("does not hold", "does not hold")
    assert (several["number"], independent["number"]) == ({"periods": 1}, 1)
    assert counts_of(found) == [{1: 8}]
    assert found["ordered_p_value"] is None  # no unit has several fields


def test_fields_in_no_order_are_no_period():
    """Units with three fields at random phases beside those with one: on the module's lattice, as a fit says."""
    rng = np.random.default_rng(3)
    plain, bases = units_of(rng, HEXAGONAL, {1: 10}, noise=0.0)
    mixed = [cells.grid_cells(CENTERS, HEXAGONAL, rng.random((1, 3, 2)), 0.1)[..., 0] for _ in range(10)]
    several, independent, found = Known((plain, bases), (np.array(mixed), bases)).judged()
    assert (several["number"], independent["number"]) == ({"periods": 1}, 1)
    assert found["unordered_units"] >= 6
    assert found["ordered_p_value"] > 0.01


def test_a_continuum_has_neither():
    rng = np.random.default_rng(4)
    spread = [units_of(rng, HEXAGONAL * factor, {1: 1}) for factor in np.exp(rng.uniform(-0.9, 0, 24))]
    several, independent, found = Known(*spread).judged()
    assert (several["verdict"], independent["verdict"]) == ("does not hold", "does not hold")
    assert (several["number"], several["null"]) == ({"periods": 0}, {"p": None})
    assert found["periods"] == found["by_index"] == []
    assert several["sentence"].startswith("No discrete period")


def test_a_card_of_an_earlier_version_says_that_none_were_counted():
    (row,) = periods_finding.FINDING.card
    assert row.row({})[1] == row.cell({}) == "not counted"
    assert periods_finding.FINDING.keep({"parts": {}}) == {}
