"""What is said of plane waves: hexagonal or not against random lattices, six peaks or not, which wave is which."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from sicgrid.analysis import FourierConfig, plane_waves, power_spectrum, synthetic_cells, wave_vectors
from sicgrid.experiment import RunConfig
from sicgrid.findings.waves import FINDING, _hexagonal_p, _in_order, _mean_power, _six_peaks, _spacing

EDGES = np.linspace(-1, 1, 41)


def waves(angle_deg=60.0, spacing=0.5):
    return wave_vectors(synthetic_cells.lattice_basis(spacing, 10, angle_deg=angle_deg))


def test_a_hexagonal_lattice_is_rare_among_random_ones_and_a_square_one_is_not():
    assert _hexagonal_p(waves()) < 0.001
    assert _hexagonal_p(waves(90.0)) > 0.3
    assert _hexagonal_p(waves(62.0)) < _hexagonal_p(waves(70.0)) < _hexagonal_p(waves(80.0))
    assert np.isnan(_hexagonal_p(np.full((3, 2), np.nan)))


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


def test_p_is_the_measure_of_lattices_nearer_to_hexagonal():
    """By the density 1 / y^2 itself, on a grid of the fundamental domain."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 801), np.linspace(0.5, 40, 8001))
    inside = x**2 + y**2 >= 1
    tau = (x + 1j * y)[inside]
    weight = 1 / y[inside] ** 2
    # Angles of the triangle 0, 1, tau (or 0, -1, tau), which are those between neighboring waves.
    base = np.where(tau.real > 0, 1, -1)
    at_0 = np.abs(np.angle(tau / base))
    at_1 = np.abs(np.angle((tau - base) / -base))
    angles = np.rad2deg(np.stack([at_0, at_1, np.pi - at_0 - at_1]))
    off = np.abs(angles - 60).max(axis=0)
    k = waves(66.0)
    turns = np.sort(np.rad2deg(np.arctan2(k[:, 1], k[:, 0])) % 180)
    observed = np.abs(np.diff([*turns, turns[0] + 180]) - 60).max()
    assert _hexagonal_p(k) == pytest.approx(weight[off <= observed].sum() / weight.sum(), rel=0.1)


def test_six_peaks_of_a_module_but_not_of_stripes():
    places = synthetic_cells.bin_centers(EDGES)
    phases = np.random.default_rng(0).random((10, 2))
    k = waves()
    cells = synthetic_cells.grid_cells(places, synthetic_cells.lattice_basis(0.5, 10), phases, 0.08)
    stripes = synthetic_cells.stripe_cells(places, 0.43, 40.0, phases[:, 0])
    for activity, verdict in ((cells, True), (stripes, False)):
        spectrum = power_spectrum(np.moveaxis(activity, -1, 0))
        assert _six_peaks(spectrum.power.mean(axis=0), spectrum.frequencies, k, 0.5) is verdict


def test_waves_of_a_unit_are_named_as_the_modules():
    k = waves()
    shuffled = np.array([-k[2], k[0], -k[1]])
    assert np.allclose(_in_order(shuffled, k), k)
    assert np.isnan(_in_order(np.array([k[0], k[0], k[1]]), k)).all()
    found = plane_waves(
        synthetic_cells.grid_cells(
            synthetic_cells.bin_centers(EDGES), synthetic_cells.lattice_basis(0.5, 10), np.array([[0.2, 0.7]]), 0.08
        )[..., 0]
    )
    assert np.allclose(_in_order(found.k, k), k, atol=0.05)
    assert _spacing(k) == pytest.approx(0.5)


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
