"""What is computed of plane waves: a module's mean power, and its waves where enough of its units have some."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from sicgrid.analysis import FourierConfig, power_spectrum, synthetic_cells
from sicgrid.experiment import RunConfig
from sicgrid.findings.waves import FINDING, _mean_power

EDGES = np.linspace(-1, 1, 41)


def test_the_mean_power_of_a_module_takes_no_spectrum_of_every_unit():
    """Of 300 units in 80 x 80 bins they took 4.5 GB."""
    maps, config = np.random.default_rng(0).random((60, 40, 40)), FourierConfig()
    every = power_spectrum(maps, 0.05, config.pad)
    kept = np.abs(every.frequencies) <= config.highest
    tracemalloc.start()
    mean = _mean_power(maps, 0.05, config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(mean.power, every.power[:, kept][:, :, kept].mean(axis=0), rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(mean.frequencies, every.frequencies[kept])
    assert peak < every.power.nbytes


@pytest.mark.parametrize(("with_waves", "known"), [(2, False), (4, True)])
def test_waves_of_a_few_units_are_not_their_modules(with_waves, known):
    """Of eight units the others are of a lattice that the box holds too few periods of."""
    places, generator = synthetic_cells.bin_centers(EDGES), np.random.default_rng(0)
    maps = [
        synthetic_cells.grid_cells(places, synthetic_cells.lattice_basis(spacing, 10), generator.random((1, 2)), 0.08)
        for spacing in [0.5] * with_waves + [1.9] * (8 - with_waves)
    ]
    modules = xr.Dataset(
        {
            "phases_per_cell": ("unit", np.ones(8, dtype=int)),
            "members": ("unit", np.zeros(8, dtype=int)),
            "basis_m": (("module", "vector", "axis"), synthetic_cells.lattice_basis(0.5, 10)[None]),
        }
    )
    sources = SimpleNamespace(
        config=RunConfig(), required=lambda name: modules, bin_size=lambda: 0.05,
        maps=lambda: SimpleNamespace(maps=np.array([activity[..., 0] for activity in maps])),
    )  # fmt: skip
    (part,) = FINDING.parts
    result = part.compute(sources, lambda done, total: None).dataset
    assert np.isfinite(result["unit_k"].values[:, 0, 0]).sum() == with_waves
    assert np.isfinite(result["k"].values).all() == known
