"""Which of several fits to a map its lattice is: by what each leaves over, of rates or of spikes."""

import numpy as np
from jaxtyping import Float

from ._periodic_fit import LEAST_RATE, PeriodicFit, fit_periodic

_FINER = {
    index: [np.array([[a, b], [0, index // a]]) for a in range(1, index + 1) if index % a == 0
            for b in range(index // a)]
    for index in (2, 3, 4)
}  # fmt: skip
"""Index -> the sublattices of a reciprocal lattice of that index (Hermite normal forms): 3, 4 and 7 of them. Each is a
lattice so many times as fine in the plane."""
_MOSTLY = 0.5  # of the waves' power; of a lattice twice too coarse the finer one holds nearly all
_SHORTEST = 3  # bins between fields; of finer lattices a map shows nothing


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
    """Of all fits that leave as little as the best, up to what free numbers gain from noise, the finest lattice.

    What they leave is the Poisson deviance of the spikes, 2 sum of n log(n / m) - (n - m), m being the fitted number:
    one measure for all. Their shares of the variance are none: each fit weighs the bins by its own rates, and a lattice
    twice too coarse, whose rates between fields happen to be lower, can explain more of what it calls variance (0.42
    against 0.33) while it leaves as many spikes unexplained. All fits have equally many free numbers.

    A coarse lattice holds the waves of a finer one among its own. Of the best fit the finer lattices that hold most of
    its power are therefore fitted too, as often as one of them is the best then.
    """
    fits = [fit for basis in bases if (fit := _fit_from(rate_map, basis, seconds)) is not None]
    if not fits:
        return None
    left = [_deviance(fit, rate_map, seconds) for fit in fits]
    searched: set[int] = set()
    while (at := int(np.argmin(left))) not in searched:
        searched.add(at)
        for basis in _finer_bases(fits[at]):
            fit = _fit_from(rate_map, basis, seconds)
            if fit is not None:
                fits.append(fit)
                left.append(_deviance(fit, rate_map, seconds))
    least = min(left)
    free = fits[0].coefficients.size + fits[0].reciprocal.size
    # In units of the noise a bin, each free number gains 1, with a spread of sqrt(2).
    tolerance = 2 * np.sqrt(2 * free) * least / max(np.isfinite(rate_map).sum() - free, 1)
    alike = [fit for fit, rest in zip(fits, left, strict=True) if rest <= least + tolerance]
    return max(alike, key=lambda fit: abs(float(np.linalg.det(fit.reciprocal))))


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
    """The fit from a basis, None if it left the neighbors it began with."""
    fit = fit_periodic(rate_map, basis, seconds)
    return fit if _same_neighbors(basis, fit.reciprocal) else None


def _same_neighbors(before: Float[np.ndarray, "2 2"], reciprocal: Float[np.ndarray, "2 2"]) -> bool:
    """Whether the fit stayed with the neighbors it began with: each vector moved by less than a third of its length."""
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
    some = spikes > 0
    logs = spikes[some] * np.log(spikes[some] / expected[some])
    return 2 * float(logs.sum() - (spikes - expected).sum())


def _finer_bases(fit: PeriodicFit) -> list[Float[np.ndarray, "2 2"]]:
    """Bases of lattices 2, 3 and 4 times as fine that the fit's waves mostly run on, one of each at most."""
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
