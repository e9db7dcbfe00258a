"""Non-negative PCA: the covariance, the constraint, and hexagons."""

import numpy as np
import pytest

from baselines.looking import code_maps
from sicgrid.analysis import grid_scores, lattice
from sicgrid.baselines import Code, NpcaConfig, baseline
from sicgrid.baselines._npca import filtered, nonnegative_components, place_spectrum


def test_the_covariance_is_that_of_place_cells() -> None:
    """Cells on the raster one by one, copies of the box summed."""
    config = NpcaConfig(side=10, box_m=1.0, width_m=0.12)
    axis = (np.arange(10) + 0.5) / 10
    places = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    rates = np.zeros((100, 100))
    for i, center in enumerate(places):
        for copy in np.ndindex(7, 7):
            squared = ((places - center + np.array(copy) - 3) ** 2).sum(axis=1)
            for width, sign in ((0.12, 1), (0.24, -1)):
                rates[i] += sign * np.exp(-squared / (2 * width**2)) / (2 * np.pi * width**2) * 0.01
    covariance = rates @ rates.T
    chosen = np.random.default_rng(0).random((1, 10, 10))
    expected = covariance @ chosen.ravel()
    np.testing.assert_allclose(filtered(chosen, place_spectrum(config) ** 2).ravel(), expected, atol=2e-3)


def test_the_iteration_climbs_under_the_constraint() -> None:
    losses: list[float] = []
    config = NpcaConfig(units=3, iterations=40)
    found = nonnegative_components(config, 0, lambda done, total, loss: losses.append(loss))
    assert (found >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(found, axis=(1, 2)), 1)
    assert losses[-1] < losses[5] < losses[0] < 0
    assert losses[-1] >= -1  # no weights can exceed the largest eigenvalue


@pytest.fixture(scope="module")
def model():
    return baseline("npca").make(0, NpcaConfig(units=6))


def test_its_maps_are_hexagons_of_one_spacing(model) -> None:
    maps = code_maps(model, 2.0).maps
    shapes = [lattice(one, 0.05) for one in maps]
    assert (grid_scores(maps).score > 0.9).all()
    assert np.median([shape.ellipticity for shape in shapes]) < 1.06  # 1 is hexagonal, sqrt(3) square
    spacings = np.array([shape.spacing_m for shape in shapes])
    assert np.ptp(spacings) < 0.05
    # The wave of the largest eigenvalue, k^2 = 2 ln(rho^2) / (s^2 (rho^2 - 1)).
    wave = np.sqrt(2 * np.log(4) / 3) / 0.07
    assert spacings.mean() == pytest.approx(4 * np.pi / (np.sqrt(3) * wave), rel=0.1)


def test_a_lattice_that_the_box_does_not_fit_is_strained() -> None:
    maps = code_maps(baseline("npca").make(0, NpcaConfig(units=3, width_m=0.06)), 2.0).maps
    assert np.median([lattice(one, 0.05).ellipticity for one in maps]) == pytest.approx(1.15, abs=0.03)


def test_the_box_is_all_it_knows(model) -> None:
    assert isinstance(model, Code)
    places = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    np.testing.assert_allclose(model.code(places + np.array([2.0, 0.0])), model.code(places), atol=1e-9)
