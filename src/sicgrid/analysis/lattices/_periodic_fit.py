"""Least-squares fit of a periodic function to a rate map: the lattice that explains all of it, not its peaks only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ._design import Design, GridDesign, Sums

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
    x, y = np.nonzero(np.isfinite(rate_map))
    places = np.stack([x, y], axis=1) - (np.array(rate_map.shape) - 1) / 2
    values = rate_map[x, y]
    reciprocal = np.linalg.inv(basis).T
    if seconds is None:
        shape = rate_map.shape if len(values) == rate_map.size else None
        fit = _gauss_newton(places, values, reciprocal, _FIRST, shape=shape)
        return _gauss_newton(places, values, fit.reciprocal, _HARMONICS, shape=shape)
    weights = seconds[x, y]
    fit = _gauss_newton(places, values, reciprocal, _FIRST, weights)
    for _ in range(_REWEIGHTED):
        fitted = fit.at(places @ fit.reciprocal.T)
        # Between fields the fitted rate may touch zero, and no bin is known without error.
        expected = np.maximum(fitted, LEAST_RATE * np.average(values, weights=weights))
        fit = _gauss_newton(places, values, fit.reciprocal, _HARMONICS, weights / expected)
    return fit


def _gauss_newton(
    places: Float[np.ndarray, "bin 2"],
    values: Float[np.ndarray, " bin"],
    reciprocal: Float[np.ndarray, "2 2"],
    harmonics: Int[np.ndarray, "harmonic 2"],
    weights: Float[np.ndarray, " bin"] | None = None,
    shape: tuple[int, int] | None = None,
) -> PeriodicFit:
    """The best K near ``reciprocal``; ``weights``, one a bin, scale squared errors; else ``shape`` if it has no gap."""
    scale = np.ones(len(values)) if weights is None else np.sqrt(weights / weights.mean())
    mean = values.mean() if weights is None else float(np.average(values, weights=weights))
    centered = (values - mean) * scale
    variance = float(centered @ centered)

    def design_of(trial: np.ndarray) -> Sums:
        if shape is None:
            return Design(places, trial, harmonics, scale)
        return GridDesign(shape, trial, harmonics)

    design = design_of(reciprocal)
    coefficients, rest = _project(design, centered)
    error = float(rest @ rest)
    for _ in range(15):
        step, _ = _step(places, design, coefficients, rest, harmonics)
        shorter = 1.0
        while shorter > 1e-3:
            trial = reciprocal + shorter * step
            trial_design = design_of(trial)
            trial_coefficients, trial_rest = _project(trial_design, centered)
            trial_error = float(trial_rest @ trial_rest)
            if trial_error < error:
                break
            shorter /= 2
        else:
            break
        gain = (error - trial_error) / variance
        reciprocal, design, coefficients, rest, error = trial, trial_design, trial_coefficients, trial_rest, trial_error
        if gain < 1e-9:
            break
    _, normal = _step(places, design, coefficients, rest, harmonics)
    free = max(len(values) - coefficients.size - reciprocal.size, 1)
    covariance = error / free * np.linalg.pinv(normal)
    coefficients = coefficients.copy()
    coefficients[0] += mean
    return PeriodicFit(reciprocal, harmonics, coefficients, 1 - error / variance, covariance)


def _project(design: Sums, values: Float[np.ndarray, " bin"]) -> tuple[np.ndarray, np.ndarray]:
    """Best coefficients, and what they leave over."""
    coefficients = _solve(design, design.against(values[None]), len(values))[:, 0]
    return coefficients, values - design.function(coefficients[None])[0]


def _solve(design: Sums, right: Float[np.ndarray, "term some"], bins: int) -> Float[np.ndarray, "term some"]:
    gram = design.gram.copy()
    # A whisper of ridge: two waves closer than the arena resolves would otherwise take huge opposite coefficients.
    gram[np.diag_indices_from(gram)] += 1e-6 * bins
    return np.asarray(np.linalg.solve(gram, right))


def _step(
    places: np.ndarray, design: Sums, coefficients: np.ndarray, rest: np.ndarray, harmonics: np.ndarray
) -> tuple[Float[np.ndarray, "2 2"], Float[np.ndarray, "4 4"]]:
    """Gauss-Newton step in K, from the part of its derivatives that no coefficient can imitate; and their J'J."""
    count = len(harmonics)
    a, b = coefficients[1 : 1 + count], coefficients[1 + count :]
    derivative = 2 * np.pi * np.concatenate([np.zeros((1, 2)), b[:, None] * harmonics, -a[:, None] * harmonics])
    change = design.function(derivative.T)  # d map / d (turns along k1, k2)
    jacobian = (change[:, None, :] * places.T).reshape(4, -1)
    imitated = _solve(design, design.against(jacobian), len(places))
    jacobian -= design.function(imitated.T)
    normal = jacobian @ jacobian.T
    normal[np.diag_indices_from(normal)] *= 1 + 1e-6
    step: np.ndarray = np.linalg.lstsq(normal, jacobian @ rest, rcond=None)[0]
    return step.reshape(2, 2), normal
