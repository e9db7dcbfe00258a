"""Least-squares fit of a periodic function to a rate map: the lattice that explains all of it, not its peaks only."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ._design import Design

_FIRST = np.array([(1, 0), (0, 1), (1, 1)])
_HARMONICS = np.array(
    [
        (1, 0),
        (0, 1),
        (1, 1),
        (1, -1),
        (2, 1),
        (1, 2),
        (2, 0),
        (0, 2),
        (2, 2),
        (2, -1),
        (1, -2),
        (3, 1),
        (1, 3),
        (3, 2),
        (2, 3),
    ]
)  # in order of |h1 k1 + h2 k2| for a hexagonal lattice with k1 and k2 at 120 degrees: 1, sqrt 3, 2, sqrt 7


_REWEIGHTED = 2  # fits of all harmonics to spikes: the second with weights from the first
LEAST_RATE = 0.1
"""Of the mean rate: what a bin between fields is expected to have at least."""


@dataclass(frozen=True)
class PeriodicFit:
    """``map(x) = constant + sum over h of a_h cos(2 pi h.K x) + b_h sin(2 pi h.K x)``, x in bins from the center."""

    reciprocal: Float[np.ndarray, "2 2"]
    """K, cycles per bin; the lattice vectors are the rows of ``inv(K).T``."""
    harmonics: Int[np.ndarray, "harmonic 2"]
    coefficients: Float[np.ndarray, " term"]
    """The constant, all a_h, all b_h."""
    explained: float
    """Share of the map's variance (weighted as the fit was) that the periodic function accounts for."""
    covariance: Float[np.ndarray, "4 4"]
    """Of K's four numbers, row by row, as noise independent from bin to bin would have it: (what is left, per free
    bin) x (J'J)^-1."""

    @property
    def one_direction(self) -> float:
        """Largest share of the waves' power that runs in a single direction: 1 stripes, 1/2 square, 1/3 hexagonal."""
        a, b = self.coefficients[1:].reshape(2, -1)
        directions = self.harmonics // np.gcd(self.harmonics[:, 0], self.harmonics[:, 1])[:, None]
        _, group = np.unique(directions, axis=0, return_inverse=True)
        power = np.bincount(group.ravel(), weights=a**2 + b**2)
        return float(power.max() / power.sum())

    def at(self, fractions: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, " place"]:
        """The function at places given in lattice coordinates."""
        turns = 2 * np.pi * fractions @ self.harmonics.T
        return np.asarray(np.hstack([np.ones((len(turns), 1)), np.cos(turns), np.sin(turns)]) @ self.coefficients)

    def on_grid(
        self, first: Float[np.ndarray, " place"], second: Float[np.ndarray, " place2"]
    ) -> Float[np.ndarray, "place place2"]:
        """`at` all pairs of two lattice coordinates: each wave is a product of one along the first and one along the
        second, so that all of them are one product of matrices.
        """
        cosines, sines = self.coefficients[1:].reshape(2, -1)
        along = [
            np.exp(2j * np.pi * np.outer(places, steps))
            for places, steps in zip((first, second), self.harmonics.T, strict=True)
        ]
        return np.asarray(self.coefficients[0] + ((along[0] * (cosines - 1j * sines)) @ along[1].T).real)


def fit_periodic(
    rate_map: Float[np.ndarray, "x y"],
    basis: Float[np.ndarray, "2 2"],
    seconds: Float[np.ndarray, "x y"] | None = None,
) -> PeriodicFit:
    """Refine a basis (rows, bins; 60 to 90 degrees apart) until a function periodic on it fits the map best.

    First with the three shortest waves, whose basin of attraction is the widest, then with all harmonics. In the
    coefficients the fit is linear; the four numbers of K are found by Gauss-Newton steps on what is left
    once the best coefficients are taken out (variable projection: Golub and Pereyra 1973, Kaufman 1975).

    With `seconds`, the time spent in each bin, the map is taken for spikes over seconds: a bin weighs by what its rate
    is known to, seconds / rate, the rate being the fitted one (quasi-likelihood of Poisson counts: Wedderburn 1974).

    Why not peaks of the autocorrelogram alone: their parabola is a bin wide and skewed by neighbors, and a 1 m lattice
    in a 2 m box has only its innermost ring of them. The map itself has 1600 bins for 4 numbers.
    """
    visited = np.isfinite(rate_map)
    reciprocal = np.linalg.inv(basis).T
    if seconds is None:
        weights = None if visited.all() else visited.astype(float)
        fit = _gauss_newton(rate_map, reciprocal, _FIRST, weights)
        return _gauss_newton(rate_map, fit.reciprocal, _HARMONICS, weights)
    places = np.argwhere(visited) - (np.array(rate_map.shape) - 1) / 2
    weights = np.where(visited, seconds, 0.0)
    least = LEAST_RATE * np.average(rate_map[visited], weights=weights[visited])
    fit = _gauss_newton(rate_map, reciprocal, _FIRST, weights)
    for _ in range(_REWEIGHTED):
        # Between fields the fitted rate may touch zero, and no bin is known without error.
        expected = np.ones(rate_map.shape)
        expected[visited] = np.maximum(fit.at(places @ fit.reciprocal.T), least)
        fit = _gauss_newton(rate_map, fit.reciprocal, _HARMONICS, weights / expected)
    return fit


def _gauss_newton(
    rate_map: Float[np.ndarray, "x y"],
    reciprocal: Float[np.ndarray, "2 2"],
    harmonics: Int[np.ndarray, "harmonic 2"],
    weights: Float[np.ndarray, "x y"] | None,
) -> PeriodicFit:
    """The best K near ``reciprocal`` by Gauss-Newton steps, each halved until the error falls.

    The weights multiply the squared errors of the bins; 0 where there is no rate. None where all weigh the same.
    """
    if weights is None:
        mean, bins = float(rate_map.mean()), rate_map.size
        centered = rate_map - mean
        variance = float(centered.ravel() @ centered.ravel())
    else:
        counted = weights > 0
        mean, bins = float(np.average(rate_map[counted], weights=weights[counted])), int(counted.sum())
        weights = weights / weights[counted].mean()
        centered = np.where(counted, rate_map - mean, 0.0)
        variance = float((weights * centered**2).sum())

    def projected_at(trial: Float[np.ndarray, "2 2"]) -> _Projected:
        return _project(Design(centered, trial, harmonics, weights), variance)

    projected = projected_at(reciprocal)
    step, normal = _step(projected, harmonics)
    for _ in range(15):
        fraction = 1.0
        while fraction > 1e-3:
            trial = reciprocal + fraction * step
            candidate = projected_at(trial)
            if candidate.error < projected.error:
                break
            fraction /= 2
        else:
            break
        gain = (projected.error - candidate.error) / variance
        reciprocal, projected = trial, candidate
        step, normal = _step(projected, harmonics)
        if gain < 1e-9:
            break
    free = max(bins - projected.coefficients.size - reciprocal.size, 1)
    covariance = projected.error / free * np.linalg.pinv(normal)
    coefficients = projected.coefficients.copy()
    coefficients[0] += mean
    return PeriodicFit(reciprocal, harmonics, coefficients, 1 - projected.error / variance, covariance)


class _Projected(NamedTuple):
    """A design with its best coefficients, and the sum of squares that these leave unexplained."""

    design: Design
    ridged: Float[np.ndarray, "term term"]
    coefficients: Float[np.ndarray, " term"]
    error: float


def _project(design: Design, variance: float) -> _Projected:
    """Linear least squares for the coefficients; ``variance`` is the sum of the squared values."""
    # A small ridge: two waves closer than the arena resolves would otherwise take huge opposite coefficients.
    ridged = design.gram.copy()
    ridged.flat[:: len(ridged) + 1] += 1e-6 * design.bins
    coefficients = np.linalg.solve(ridged, design.values)
    error = variance - coefficients @ (2 * design.values - design.gram @ coefficients)
    return _Projected(design, ridged, coefficients, max(float(error), 0.0))


def _step(
    projected: _Projected, harmonics: Int[np.ndarray, "harmonic 2"]
) -> tuple[Float[np.ndarray, "2 2"], Float[np.ndarray, "4 4"]]:
    """Gauss-Newton step in K, from the part of its derivatives J that no coefficient can imitate; and their J'J."""
    design, coefficients, count = projected.design, projected.coefficients, len(harmonics)
    a, b = coefficients[1 : 1 + count], coefficients[1 + count :]
    turned = 2 * np.pi * np.concatenate([np.zeros((1, 2)), b[:, None] * harmonics, -a[:, None] * harmonics])
    slopes = design.slopes(turned)  # d map / d (turns along k1, k2), times the places
    imitated = np.linalg.solve(projected.ridged, slopes.against)
    overlap = imitated.T @ slopes.against
    normal = slopes.products - overlap - overlap.T + imitated.T @ design.gram @ imitated
    normal.flat[:: len(normal) + 1] *= 1 + 1e-6
    # J' with the imitations taken out, against what the coefficients leave of the values.
    residual = (
        slopes.values - slopes.against.T @ coefficients - imitated.T @ (design.values - design.gram @ coefficients)
    )
    step: np.ndarray = np.linalg.lstsq(normal, residual, rcond=None)[0]
    return step.reshape(2, 2), normal
