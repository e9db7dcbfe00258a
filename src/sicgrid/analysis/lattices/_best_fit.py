"""Which of several fits to a map is its lattice: the one that leaves the least unexplained, of rates or of spikes."""

import numpy as np
from jaxtyping import Float

from ._lattice_distance import hermite_forms
from ._periodic_fit import LEAST_RATE, PeriodicFit, fit_periodic

_FINER = {index: hermite_forms(index) for index in (2, 3, 4)}
"""Index -> the sublattices of a reciprocal lattice of that index: 3, 4 and 7 of them. Each belongs to a lattice in the
plane whose cell is that many times smaller."""
_MOSTLY = 0.5  # share of the waves' power; where a lattice is too coarse by 2, the finer one has nearly all of it
_SHORTEST = 3  # bins between fields; a map cannot resolve finer lattices


def best_fit(rate_map: Float[np.ndarray, "x y"], bases: list[Float[np.ndarray, "2 2"]]) -> PeriodicFit | None:
    """The fit from the first basis, unless a later one leaves less than half as much of the map unexplained."""
    best: PeriodicFit | None = None
    for basis in bases:
        fit = _fit_from(rate_map, basis)
        if fit is not None and (best is None or 1 - fit.explained < (1 - best.explained) / 2):
            best = fit
    return best


def best_noisy_fit(
    rate_map: Float[np.ndarray, "x y"], bases: list[Float[np.ndarray, "2 2"]], seconds: Float[np.ndarray, "x y"]
) -> PeriodicFit | None:
    """The finest lattice among the fits that are as good as the best one, up to what free numbers gain from noise.

    Fits are compared by the Poisson deviance of the spikes, 2 sum of n log(n / m) - (n - m), m being the fitted number.
    Shares of variance cannot be compared: each fit weighs the bins by its own rates, and a lattice twice too coarse,
    whose rates between fields happen to be lower, can explain a larger share (0.42 against 0.33) while it leaves as
    many spikes unexplained. All fits have equally many free numbers.

    The waves of a coarse lattice include those of a finer one. The finer lattices that hold most of the best fit's
    power are therefore fitted too, and again whenever one of them is the best.
    """
    fits = [fit for basis in bases if (fit := _fit_from(rate_map, basis, seconds)) is not None]
    if not fits:
        return None
    deviances = [_deviance(fit, rate_map, seconds) for fit in fits]
    searched: set[int] = set()
    while (best := int(np.argmin(deviances))) not in searched:
        searched.add(best)
        for basis in _finer_bases(fits[best]):
            fit = _fit_from(rate_map, basis, seconds)
            if fit is not None:
                fits.append(fit)
                deviances.append(_deviance(fit, rate_map, seconds))
    lowest = min(deviances)
    free_numbers = fits[0].coefficients.size + fits[0].reciprocal.size
    # Each free number lowers the deviance by 1 on average, with a standard deviation of sqrt(2), in units of the noise
    # of one bin.
    tolerance = 2 * np.sqrt(2 * free_numbers) * lowest / max(np.isfinite(rate_map).sum() - free_numbers, 1)
    equally_good = [fit for fit, deviance in zip(fits, deviances, strict=True) if deviance <= lowest + tolerance]
    return max(equally_good, key=lambda fit: abs(float(np.linalg.det(fit.reciprocal))))


def reduced(basis: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "2 2"]:
    """Shortest basis (Gauss reduction), the sign of its second vector such that the two are 60 to 90 degrees apart."""
    a, b = sorted(basis, key=lambda vector: float(vector @ vector))
    while True:
        b = b - np.rint(a @ b / (a @ a)) * a
        if b @ b >= a @ a * (1 - 1e-12):
            return np.stack([a, b if a @ b >= 0 else -b])
        a, b = b, a


def _fit_from(
    rate_map: Float[np.ndarray, "x y"],
    basis: Float[np.ndarray, "2 2"],
    seconds: Float[np.ndarray, "x y"] | None = None,
) -> PeriodicFit | None:
    """The fit that starts from a basis; None if it ended at a lattice of other neighbors."""
    fit = fit_periodic(rate_map, basis, seconds)
    return fit if _same_neighbors(basis, fit.reciprocal) else None


def _same_neighbors(before: Float[np.ndarray, "2 2"], reciprocal: Float[np.ndarray, "2 2"]) -> bool:
    """Whether each vector moved by less than a third of its length, so that it still leads to the same neighbor."""
    if not np.isfinite(reciprocal).all() or np.linalg.det(reciprocal) == 0:
        return False
    moved = np.linalg.norm(np.linalg.inv(reciprocal).T - before, axis=1)
    return bool((moved < np.linalg.norm(before, axis=1) / 3).all())


def _deviance(fit: PeriodicFit, rate_map: Float[np.ndarray, "x y"], seconds: Float[np.ndarray, "x y"]) -> float:
    """Poisson deviance of the spikes from what the fit expects, at least `LEAST_RATE` of the mean rate."""
    x, y = np.nonzero(np.isfinite(rate_map))
    places = np.stack([x, y], axis=1) - (np.array(rate_map.shape) - 1) / 2
    time = seconds[x, y]
    spikes = rate_map[x, y] * time
    expected = np.maximum(fit.at(places @ fit.reciprocal.T), LEAST_RATE * spikes.sum() / time.sum()) * time
    positive = spikes > 0
    logs = spikes[positive] * np.log(spikes[positive] / expected[positive])
    return 2 * float(logs.sum() - (spikes - expected).sum())


def _finer_bases(fit: PeriodicFit) -> list[Float[np.ndarray, "2 2"]]:
    """Bases of lattices with cells 2, 3 and 4 times as small that hold most of the power of the fit's waves.

    At most one of each: the one with the most power.
    """
    power = (fit.coefficients[1:].reshape(2, -1) ** 2).sum(axis=0)
    bases = []
    for finer in _FINER.values():
        shares = []
        for rows in finer:
            steps = fit.harmonics @ np.linalg.inv(rows)
            shares.append(power[(np.abs(steps - np.rint(steps)) < 1e-9).all(axis=1)].sum())
        best = int(np.argmax(shares))
        basis = reduced(np.linalg.inv(finer[best] @ fit.reciprocal).T)
        if shares[best] > _MOSTLY * power.sum() and np.linalg.norm(basis, axis=1).min() >= _SHORTEST:
            bases.append(basis)
    return bases
