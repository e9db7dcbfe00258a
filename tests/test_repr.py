"""Results print themselves in ten lines at most, whatever arrays they hold."""

import importlib
from dataclasses import dataclass, fields, is_dataclass

import numpy as np
import pytest

from sicgrid._repr import short_repr
from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.maps._rate_maps import rate_maps

DOORS = ("sicgrid.analysis", "sicgrid.evaluation")


def results():
    """Every public class of the rooms of results whose fields are arrays."""
    for door in DOORS:
        for name, found in vars(importlib.import_module(door)).items():
            if isinstance(found, type) and (is_dataclass(found) or hasattr(found, "_fields")):
                noted = str(getattr(found, "__annotations__", {}))
                if "ndarray" in noted:
                    yield pytest.param(found, id=f"{door}.{name}")


@pytest.mark.parametrize("result", list(results()))
def test_every_result_with_arrays_has_a_short_one(result):
    names = [field.name for field in fields(result)] if is_dataclass(result) else result._fields
    made = object.__new__(result) if is_dataclass(result) else result(*[np.zeros((50, 40))] * len(names))
    if is_dataclass(result):
        for name in names:
            object.__setattr__(made, name, np.zeros((50, 40)))
    assert len(repr(made).splitlines()) <= 10
    assert repr(made).startswith(result.__name__)


def test_what_it_says():
    points = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    cells = synthetic_cells.grid_cells(points, synthetic_cells.lattice_basis(0.5, 0), np.zeros((2, 2)), 0.1)
    said = repr(rate_maps(points, cells, np.linspace(-1, 1, 11)))
    assert said.startswith("RateMaps(maps=float64 (2, 10, 10)")
    assert said.endswith(")")


def test_more_fields_than_lines_are_counted():
    @dataclass(repr=False)
    class Many:
        text: str
        others: tuple

        def __repr__(self):
            return short_repr(self)

    assert "tuple of 99" in repr(Many("x" * 500, tuple(range(99))))
    assert len(repr(Many("x" * 500, ()))) < 200
