import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.lattices._periodic_fit import fit_periodic


def test_recovers_the_waves_it_is_made_of():
    basis = np.array([[9.0, 1.0], [3.6, 8.2]])
    reciprocal = np.linalg.inv(basis).T
    places = np.stack(np.meshgrid(np.arange(30), np.arange(26), indexing="ij"), axis=-1) - [14.5, 12.5]
    turns = 2 * np.pi * places @ reciprocal.T
    rates = 3 + np.cos(turns[..., 0] + 0.3) + 0.7 * np.sin(turns[..., 1]) + 0.5 * np.cos(turns.sum(axis=-1))
    fit = fit_periodic(rates, basis * 1.03)
    np.testing.assert_allclose(fit.reciprocal, reciprocal, atol=1e-5)
    assert fit.explained == pytest.approx(1, abs=1e-6)
    assert fit.coefficients[0] == pytest.approx(3, abs=1e-3)
    fractions = places.reshape(-1, 2) @ reciprocal.T
    np.testing.assert_allclose(fit.at(fractions), rates.ravel(), atol=1e-2)


def test_converges_from_five_percent_and_four_degrees_off(centers):
    basis = synthetic_cells.lattice_basis(0.6, 20) / 0.05
    rates = synthetic_cells.grid_cells(centers, basis * 0.05, [[0.2, 0.9]], 0.1)[..., 0]
    turn = np.deg2rad(4)
    off = 1.05 * basis @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    np.testing.assert_allclose(np.linalg.inv(fit_periodic(rates, off).reciprocal).T, basis, rtol=0, atol=0.002)


@pytest.mark.parametrize(("name", "share"), [("hexagonal", 1 / 3), ("square", 1 / 2)])
def test_share_of_the_power_in_one_direction(centers, name, share):
    angle = 60 if name == "hexagonal" else 90
    basis = synthetic_cells.lattice_basis(0.5, 12, angle_deg=angle)
    rates = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.4]], 0.15)[..., 0]
    # Wide fields: nearly all power is in the shortest waves, three directions or two.
    assert fit_periodic(rates, basis / 0.05).one_direction == pytest.approx(share, abs=0.04)


def test_noise_is_not_explained():
    rates = np.random.default_rng(0).normal(size=(40, 40))
    assert fit_periodic(rates, np.array([[10.0, 0.0], [5.0, 8.7]])).explained < 0.1


def test_weights_of_bins_are_the_seconds_over_the_rate():
    """Ten times the seconds everywhere change nothing; a bin without weight could hold anything."""
    generator, basis = np.random.default_rng(0), np.array([[9.0, 1.0], [3.6, 8.2]])
    places = np.stack(np.meshgrid(np.arange(24), np.arange(24), indexing="ij"), axis=-1) - 11.5
    turns = 2 * np.pi * places @ np.linalg.inv(basis)
    rates = np.exp(np.cos(turns[..., 0]) + np.cos(turns[..., 1]) + np.cos(turns.sum(axis=-1)))
    seconds = generator.uniform(1, 10, rates.shape)
    noisy = generator.poisson(rates * seconds) / seconds
    fit, more = fit_periodic(noisy, basis, seconds), fit_periodic(noisy, basis, 10 * seconds)
    np.testing.assert_allclose(more.reciprocal, fit.reciprocal, rtol=1e-6)
    np.testing.assert_allclose(more.covariance, fit.covariance, rtol=1e-3)
    assert np.linalg.eigvalsh(fit.covariance).min() > 0
    noisy[5, 5], seconds[5, 5] = 1e3, 1e-9
    np.testing.assert_allclose(fit_periodic(noisy, basis, seconds).reciprocal, fit.reciprocal, atol=3e-5)
