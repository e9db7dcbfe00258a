"""What a run's page says of its modules, and of none."""

from dataclasses import replace

import numpy as np
import xarray as xr

from sicgrid.findings.modules import FINDING

NONE = xr.Dataset({"members": ("unit", np.full(9, -1))}, attrs={"verdict": "no module", "reason": "no module"})


def fact(results, beating, part):
    """The tile of a run of nine active units of which so many are grid cells, whatever peaks its summary has."""
    grid = np.arange(9) < beating
    units = {**results.units, "active": np.ones(9, bool), "is_grid": grid, "beats_field_shuffle": grid}
    units["spacing_m"] = np.linspace(0.4, 0.8, 9)
    parts = {} if part is None else {"modules": part}
    summary = {**results.summary, "spacing_m": [0.81, 0.98, 1.27]}
    (told,) = FINDING.facts(replace(results, units=units, parts=parts, summary=summary))
    return told


def test_without_grid_cells_beyond_chance_there_is_no_spacing(results):
    told = fact(results, 1, NONE)
    assert (told.name, told.value) == ("Modules", "none")
    assert told.note.startswith("no module was found")


def test_grid_cells_of_no_module_have_a_middle_half(results):
    told = fact(results, 9, NONE)
    assert (told.name, told.value) == ("Spacing", "0.50 to 0.70 m")
    assert "9 grid cells; no module was found" in told.note


def test_what_was_not_looked_for_is_not_said_to_be_missing(results):
    assert "no module" not in fact(results, 9, None).note + fact(results, 0, None).note
