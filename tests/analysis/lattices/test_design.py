from typing import NamedTuple

import numpy as np
import pytest

from sicgrid.analysis.lattices._design import Design, Slopes
from sicgrid.analysis.lattices._periodic_fit import _FIRST, _HARMONICS, fit_periodic

RECIPROCAL = np.array([[0.09, 0.013], [-0.031, 0.11]])
SHAPES = [(12, 17), (20, 11), (1, 5)]


class Rows(NamedTuple):
    """The same design with a row a bin, as it is written down."""

    rows: np.ndarray
    places: np.ndarray
    weighted: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, rate_map, reciprocal, harmonics, weights=None):
        weights = np.ones(rate_map.shape) if weights is None else weights
        places = np.argwhere(np.ones(rate_map.shape)) - (np.array(rate_map.shape) - 1) / 2
        turns = 2 * np.pi * places @ reciprocal.T @ harmonics.T
        rows = np.hstack([np.ones((len(places), 1)), np.cos(turns), np.sin(turns)])
        return cls(rows, places, (weights * rate_map).ravel(), weights.ravel())

    @property
    def bins(self):
        return (self.weights > 0).sum()

    @property
    def gram(self):
        return self.rows.T @ (self.rows * self.weights[:, None])

    @property
    def values(self):
        return self.rows.T @ self.weighted

    def slopes(self, turned):
        columns = [(self.rows @ turned[:, k]) * self.places[:, a] for k in range(2) for a in range(2)]
        jacobian = np.stack(columns, axis=1)
        heavy = jacobian * self.weights[:, None]
        return Slopes(self.rows.T @ heavy, jacobian.T @ heavy, jacobian.T @ self.weighted)


def unequal(shape, generator):
    """Weights, some of them 0."""
    return np.where(generator.random(shape) < 0.2, 0.0, generator.exponential(size=shape))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("harmonics", [_FIRST, _HARMONICS])
@pytest.mark.parametrize("shape", SHAPES)
def test_sums_are_those_over_the_rows(shape, harmonics, weighted):
    generator = np.random.default_rng(0)
    rate_map = generator.normal(size=shape)
    weights = unequal(shape, generator) if weighted else None
    rows, design = (kind(rate_map, RECIPROCAL, harmonics, weights) for kind in (Rows.of, Design))
    turned = generator.normal(size=(1 + 2 * len(harmonics), 2))
    np.testing.assert_allclose(design.gram, rows.gram, atol=1e-9)
    np.testing.assert_allclose(design.values, rows.values, atol=1e-9)
    for obtained, expected in zip(design.slopes(turned), rows.slopes(turned), strict=True):
        np.testing.assert_allclose(obtained, expected, rtol=1e-9, atol=1e-8)
    assert design.bins == rows.bins


def test_weights_of_1_are_as_none():
    rate_map = np.random.default_rng(0).normal(size=(12, 17))
    weighted, whole = (Design(rate_map, RECIPROCAL, _HARMONICS, weights) for weights in (np.ones((12, 17)), None))
    np.testing.assert_allclose(weighted.gram, whole.gram, atol=1e-9)
    np.testing.assert_allclose(weighted.values, whole.values, atol=1e-9)
    assert weighted.bins == whole.bins


@pytest.mark.parametrize("kind", ["whole", "gaps", "seconds", "seconds and gaps"])
def test_a_fit_is_the_same_either_way(monkeypatch, kind):
    generator = np.random.default_rng(3)
    turns = 2 * np.pi * (np.stack(np.indices((30, 26)), axis=-1) - [14.5, 12.5]) @ RECIPROCAL.T
    rates = np.exp(np.cos(turns).sum(axis=-1)) + 0.1 * generator.random((30, 26))
    if "gaps" in kind:
        rates[unequal(rates.shape, generator) == 0] = np.nan
    seconds = generator.exponential(size=rates.shape) if "seconds" in kind else None
    basis = 1.02 * np.linalg.inv(RECIPROCAL).T
    fit = fit_periodic(rates, basis, seconds)
    monkeypatch.setattr("sicgrid.analysis.lattices._periodic_fit.Design", Rows.of)
    expected = fit_periodic(rates, basis, seconds)
    for name in ("reciprocal", "coefficients", "explained", "covariance"):
        np.testing.assert_allclose(getattr(fit, name), getattr(expected, name), rtol=1e-7, atol=1e-9)
    first, second = np.linspace(0, 1, 5), np.linspace(-1, 0, 7)
    places = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
    np.testing.assert_allclose(fit.on_grid(first, second).ravel(), fit.at(places), atol=1e-12)
