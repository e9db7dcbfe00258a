"""How far a code is unique, with noise in states of length 1."""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from sicgrid.analysis import RateMaps
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.experiment import RunConfig
from sicgrid.findings.range import FINDING

EDGES = np.linspace(-1, 1, 41)


def ranges(length):
    """What is said of one ideal module whose mean states have a length, as drift shortens them."""
    phases = np.random.default_rng(0).random((24, 2))
    basis = cells.lattice_basis(0.7, 10)
    activity = np.moveaxis(cells.grid_cells(cells.bin_centers(EDGES), basis, phases, 0.1), -1, 0)
    states = length * activity / np.linalg.norm(activity, axis=0)
    sources = SimpleNamespace(
        config=RunConfig(), seed=0, arenas=(2.0,), kind="trained",
        maps=lambda arena: RateMaps(states, np.ones((40, 40)), EDGES, EDGES),
        part=lambda name: xr.Dataset(attrs={"reason": "No modules."}),
    )  # fmt: skip
    (part,) = FINDING.parts
    return part.compute(sources, lambda done, total: None).summary


def test_the_range_of_a_network_that_drifts_is_that_of_its_states_brought_to_length_1():
    assert ranges(0.6) == ranges(1.0)
    assert ranges(1.0)["noise"] == 0.05
    assert 0.6 < ranges(1.0)["unique_range_m"] < 0.8
