import numpy as np
import pytest

from analysis.populations import BIN, CENTERS, as_maps, module, noise, places, stripes
from sicgrid.analysis import lattice, synthetic_cells
from sicgrid.analysis.lattices._fourier import plane_waves, power_spectrum
from sicgrid.analysis.synthetic_cells import lattice_basis


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def test_power_is_that_of_the_map(rng) -> None:
    maps = rng.random((2, 30, 30))
    spectrum = power_spectrum(maps, pad=3, window="none")
    np.testing.assert_allclose(spectrum.power.sum(axis=(1, 2)), maps.var(axis=(1, 2)))
    middle = len(spectrum.frequencies) // 2
    assert spectrum.frequencies[middle] == 0
    assert spectrum.power[0, middle, middle] == pytest.approx(0, abs=1e-20)


def test_a_single_wave_is_where_it_should_be() -> None:
    k = np.array([2.3, -1.1])
    spectrum = power_spectrum(np.cos(2 * np.pi * CENTERS @ k), BIN)
    peak = np.unravel_index(spectrum.power.argmax(), spectrum.power.shape)
    found = spectrum.frequencies[list(peak)]
    step = spectrum.frequencies[1] - spectrum.frequencies[0]
    assert min(np.abs(found - k).max(), np.abs(found + k).max()) <= step


def test_spacing_is_not_the_wavelength() -> None:
    """A hexagonal lattice of spacing s has waves of length sqrt(3)/2 s, 60 degrees apart and 30 off its axes."""
    waves = plane_waves(as_maps(synthetic_cells.grid_cells(CENTERS, lattice_basis(0.6, 10), [[0.2, 0.7]], 0.09))[0])
    np.testing.assert_allclose(1 / np.linalg.norm(waves.k, axis=1), 0.6 * np.sqrt(3) / 2, rtol=0.002)
    np.testing.assert_allclose(np.sort(waves.angles_deg), [40, 100, 160], atol=0.2)
    assert waves.spacing_m == pytest.approx(0.6, rel=0.002)
    assert waves.orientation_deg == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize("spacing", [0.35, 0.5, 0.75, 1.05])
@pytest.mark.parametrize("shear", [0.0, 0.1])
def test_spacing_agrees_with_the_lattice_within_two_percent(rng, spacing, shear) -> None:
    for rate_map in module(rng, spacing, 17, 3, shear=shear):
        waves, fitted = plane_waves(rate_map), lattice(rate_map)
        assert waves.found, waves.reason
        assert waves.spacing_m == pytest.approx(fitted.spacing_m, rel=0.02)
        assert waves.spacing_m == pytest.approx(synthetic_spacing(spacing, shear), rel=0.02)


def synthetic_spacing(spacing, shear):
    basis = lattice_basis(spacing, 17, shear=shear)
    axes = [basis[0], basis[1], basis[1] - basis[0]]
    return float(np.mean([np.linalg.norm(axis) for axis in axes]))


def test_noise_and_unvisited_bins(rng) -> None:
    rate_map = module(rng, 0.6, 10, 1)[0]
    rate_map = np.maximum(rate_map + 0.3 * rng.normal(size=(40, 40)), 0)
    rate_map[rng.random((40, 40)) < 0.1] = np.nan
    assert plane_waves(rate_map).spacing_m == pytest.approx(0.6, rel=0.02)


def test_maps_without_three_waves_say_why(rng) -> None:
    for maps in (
        places(rng, 1),
        stripes(rng, 1),
        np.ones((1, 40, 40)),
        np.full((1, 40, 40), np.nan),
        module(rng, 2.5, 0, 1),
    ):
        waves = plane_waves(maps[0])
        assert not waves.found
        assert waves.reason
        assert np.isnan(waves.spacing_m)


def test_noise_is_seldom_a_lattice(rng) -> None:
    assert sum(plane_waves(one).found for one in noise(rng, 20)) <= 10


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="bin_size"):
        power_spectrum(np.ones((20, 20)), bin_size=0)
    with pytest.raises(ValueError, match="pad"):
        power_spectrum(np.ones((20, 20)), pad=0)
    with pytest.raises(ValueError, match="window"):
        power_spectrum(np.ones((20, 20)), window="kaiser")
    with pytest.raises(ValueError, match="rate_map"):
        plane_waves(np.ones((2, 20, 20)))
