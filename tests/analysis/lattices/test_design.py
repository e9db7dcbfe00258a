import numpy as np
import pytest

from sicgrid.analysis.lattices._design import Design, GridDesign
from sicgrid.analysis.lattices._periodic_fit import _HARMONICS, fit_periodic

RECIPROCAL = np.array([[0.09, 0.013], [-0.031, 0.11]])


@pytest.mark.parametrize("shape", [(12, 17), (20, 11)])
def test_products_along_the_axes_are_the_sums_over_the_rows(shape):
    places = np.stack(np.indices(shape), axis=-1).reshape(-1, 2) - (np.array(shape) - 1) / 2
    rows = Design(places, RECIPROCAL, _HARMONICS, np.ones(len(places)))
    grid = GridDesign(shape, RECIPROCAL, _HARMONICS)
    generator = np.random.default_rng(0)
    values, coefficients = generator.normal(size=(3, len(places))), generator.normal(size=(2, 31))
    np.testing.assert_allclose(grid.gram, rows.gram, atol=1e-9)
    np.testing.assert_allclose(grid.against(values), rows.against(values), atol=1e-9)
    np.testing.assert_allclose(grid.function(coefficients), rows.function(coefficients), atol=1e-9)


def test_rows_are_cosines_and_sines():
    places = np.random.default_rng(0).normal(size=(6, 2))
    rows = Design(places, RECIPROCAL, _HARMONICS, np.arange(6.0)).rows
    turns = 2 * np.pi * places @ RECIPROCAL.T @ _HARMONICS.T
    expected = np.hstack([np.ones((6, 1)), np.cos(turns), np.sin(turns)]) * np.arange(6.0)[:, None]
    np.testing.assert_allclose(rows, expected, atol=1e-12)


def test_a_fit_is_the_same_either_way(monkeypatch):
    generator = np.random.default_rng(3)
    turns = 2 * np.pi * (np.stack(np.indices((30, 26)), axis=-1) - [14.5, 12.5]) @ RECIPROCAL.T
    rates = np.exp(np.cos(turns).sum(axis=-1)) + 0.1 * generator.random((30, 26))
    basis = 1.02 * np.linalg.inv(RECIPROCAL).T
    found = fit_periodic(rates, basis)
    monkeypatch.setattr(
        "sicgrid.analysis.lattices._periodic_fit.GridDesign",
        lambda shape, trial, harmonics: Design(
            np.argwhere(np.ones(shape)) - (np.array(shape) - 1) / 2, trial, harmonics, np.ones(rates.size)
        ),
    )
    expected = fit_periodic(rates, basis)
    for name in ("reciprocal", "coefficients", "explained", "covariance"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-7, atol=1e-9)
