import numpy as np
import pytest

from sicgrid.analysis.lattices._design import Design, GridDesign
from sicgrid.analysis.lattices._periodic_fit import _FIRST, _HARMONICS, fit_periodic

RECIPROCAL = np.array([[0.09, 0.013], [-0.031, 0.11]])


def rows_of(rate_map, reciprocal, harmonics):
    places = np.argwhere(np.ones(rate_map.shape)) - (np.array(rate_map.shape) - 1) / 2
    return Design(places, rate_map.ravel(), reciprocal, harmonics, np.ones(len(places)))


@pytest.mark.parametrize("harmonics", [_FIRST, _HARMONICS])
@pytest.mark.parametrize("shape", [(12, 17), (20, 11)])
def test_sums_along_the_axes_are_the_sums_over_the_rows(shape, harmonics):
    generator = np.random.default_rng(0)
    rate_map = generator.normal(size=shape)
    rows, grid = rows_of(rate_map, RECIPROCAL, harmonics), GridDesign(rate_map, RECIPROCAL, harmonics)
    turned = generator.normal(size=(1 + 2 * len(harmonics), 2))
    np.testing.assert_allclose(grid.gram, rows.gram, atol=1e-9)
    np.testing.assert_allclose(grid.values, rows.values, atol=1e-9)
    for of_grid, of_rows in zip(grid.slopes(turned), rows.slopes(turned), strict=True):
        np.testing.assert_allclose(of_grid, of_rows, rtol=1e-9, atol=1e-8)
    assert grid.bins == rows.bins == rate_map.size


def test_sums_are_those_of_cosines_and_sines_and_their_derivatives():
    generator = np.random.default_rng(0)
    places, values = generator.normal(size=(6, 2)), generator.normal(size=6)
    scale = np.arange(6.0)
    turns = 2 * np.pi * places @ RECIPROCAL.T @ _HARMONICS.T
    expected = np.hstack([np.ones((6, 1)), np.cos(turns), np.sin(turns)]) * scale[:, None]
    design = Design(places, values, RECIPROCAL, _HARMONICS, scale)
    np.testing.assert_allclose(design.gram, expected.T @ expected, atol=1e-12)
    np.testing.assert_allclose(design.values, expected.T @ values, atol=1e-12)
    turned = generator.normal(size=(31, 2))
    columns = [(expected @ turned[:, k]) * places[:, a] for k in range(2) for a in range(2)]
    jacobian = np.stack(columns, axis=1)
    slopes = design.slopes(turned)
    np.testing.assert_allclose(slopes.against, expected.T @ jacobian, atol=1e-9)
    np.testing.assert_allclose(slopes.products, jacobian.T @ jacobian, atol=1e-9)
    np.testing.assert_allclose(slopes.values, jacobian.T @ values, atol=1e-9)


def test_a_fit_is_the_same_either_way(monkeypatch):
    generator = np.random.default_rng(3)
    turns = 2 * np.pi * (np.stack(np.indices((30, 26)), axis=-1) - [14.5, 12.5]) @ RECIPROCAL.T
    rates = np.exp(np.cos(turns).sum(axis=-1)) + 0.1 * generator.random((30, 26))
    basis = 1.02 * np.linalg.inv(RECIPROCAL).T
    found = fit_periodic(rates, basis)
    monkeypatch.setattr("sicgrid.analysis.lattices._periodic_fit.GridDesign", rows_of)
    expected = fit_periodic(rates, basis)
    for name in ("reciprocal", "coefficients", "explained", "covariance"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-7, atol=1e-9)
    first, second = np.linspace(0, 1, 5), np.linspace(-1, 0, 7)
    places = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    np.testing.assert_allclose(found.on_grid(first, second).ravel(), found.at(places), atol=1e-12)
