"""Groups of units with nearly the same lattice, found by a scan statistic against a continuum of spacings."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ..._repr import brief
from ._lattice_distance import PairTerms, aligned, lattice_distance, log_size, pair_terms

NEIGHBOR_RATIO = np.sqrt(2)
"""Ratio between the spacings of neighboring modules: 1.42 in rats (Stensola et al. 2012)."""
_WIDEST = 0.5 * np.log(NEIGHBOR_RATIO)  # a lattice farther away is nearer to the next module
_NARROWEST = 0.01  # what one map tells of a spacing is good to about 1 %
RADII = np.geomspace(_NARROWEST, _WIDEST, 9)
"""Radii of the windows of the scan, in the units of `lattice_distance`."""
MOST_SCANNED = 500
"""Lattices whose pairs are looked at, in each draw of the null: ten thousand would take 20 GB, and hours."""


@brief
@dataclass(frozen=True)
class LatticeGroup:
    """Lattices that lie closer together than a continuum of spacings explains."""

    members: Int[np.ndarray, " member"]
    """Indices into the scanned lattices."""
    basis: Float[np.ndarray, "2 2"]
    """Mean of the members' bases."""
    statistic: float
    """Log likelihood ratio of the densest window."""
    p_value: float
    """Share of continua with a statistic as large."""


@dataclass(frozen=True)
class Scan:
    """All groups, the densest first, and what the scan of the remaining lattices said."""

    groups: tuple[LatticeGroup, ...]
    rest_p_value: float
    """p of the densest window among the lattices that belong to no group; NaN when fewer than `min_units` remain."""


def scan_lattices(
    bases: Float[np.ndarray, "lattice 2 2"],
    alpha: float = 0.01,
    min_units: int = 3,
    null_draws: int = 199,
    seed: int | np.random.Generator = 0,
) -> Scan:
    """Find groups one after the other until the rest looks like a continuum.

    A window is a ball around one lattice (radii `RADII`, from the precision of a spacing to half the distance between
    neighboring modules). With n of the N other lattices in it and E expected there under the null,
    ``LLR = n ln(n / E) + (N - n) ln((N - n) / (N - E))`` for n > E. The largest over all windows is compared with the
    largest of each of `null_draws` null populations; p counts the observed one among them. If p <= alpha its group is
    taken out and the rest scanned again.

    The null is a continuum of spacings: every lattice keeps its orientation and shape, while its spacing is
    multiplied by a random factor, log-uniform from 1/sqrt(2) to sqrt(2). Modules lie a factor of about sqrt(2) apart,
    so this spreads each of them over the gap to the next. Chance coincidences of orientation or shape stay in the
    null.

    Source: Kulldorff 1997 (Commun. Stat. 26:1481) for the statistic, Zhang et al. 2010 for taking out one cluster
    after the other.

    Of more than `MOST_SCANNED` lattices that are left, so many are drawn and scanned, as pairs are many; the group then
    takes all that belong to it. A group of few among very many may be missed so.

    Limits: a continuum that spans less than a factor of about sqrt(2) is one group, a wide one; its spread tells.
    """
    generator = np.random.default_rng(seed)
    remaining = np.arange(len(bases))
    groups: list[LatticeGroup] = []
    while True:
        if len(remaining) < min_units:
            return Scan(tuple(groups), float("nan"))
        chosen = remaining
        if len(remaining) > MOST_SCANNED:
            chosen = np.sort(generator.choice(remaining, MOST_SCANNED, replace=False))
        group, p_value = _densest(bases[chosen], alpha, null_draws, generator)
        if group is not None and len(chosen) < len(remaining):
            grown, basis = _grow(bases[remaining], np.searchsorted(remaining, chosen[group.members]), group.basis)
            group, chosen = replace(group, members=grown, basis=basis), remaining
        if group is None or len(group.members) < min_units:
            return Scan(tuple(groups), p_value)
        members = chosen[group.members]
        groups.append(LatticeGroup(members, group.basis, group.statistic, p_value))
        remaining = np.setdiff1d(remaining, members)


def _densest(
    bases: Float[np.ndarray, "lattice 2 2"], alpha: float, null_draws: int, generator: np.random.Generator
) -> tuple[LatticeGroup | None, float]:
    """The densest group and its p, or None and the p that was too large."""
    terms, sizes = pair_terms(bases), log_size(bases)
    windows = _windows(terms)
    ratios = _ratios(terms, windows, sizes, sizes)
    statistic = float(ratios.max())
    spread = np.log(NEIGHBOR_RATIO)
    as_large = 0
    for draw in range(null_draws):
        null_sizes = sizes + generator.uniform(-spread, spread, len(sizes))
        as_large += bool(_ratios(terms, windows, null_sizes, sizes).max() >= statistic)
        if as_large >= max(10, 2 * alpha * (null_draws + 1)):  # settled: p is above alpha (Besag and Clifford 1991)
            return None, as_large / (draw + 1)
    p_value = (1 + as_large) / (null_draws + 1)
    if p_value > alpha:
        return None, p_value
    center, radius = np.unravel_index(ratios.argmax(), ratios.shape)
    inside = np.flatnonzero(terms.squared(sizes)[center] <= RADII[radius] ** 2)
    members, basis = _grow(bases, inside, bases[center])
    return LatticeGroup(members, basis, statistic, p_value), p_value


class _Window(NamedTuple):
    """Sizes relative to the first lattice's at which the second is within a radius of it, for all pairs."""

    low: Float[np.ndarray, "lattice lattice"]
    high: Float[np.ndarray, "lattice lattice"]
    """Both 0 where no size is."""


def _windows(terms: PairTerms) -> list[_Window]:
    """For each of `RADII`: d^2 < r^2 is an interval of log size, the same in every draw of the null."""
    windows = []
    for radius in RADII:
        middle = terms.inner + radius**2
        root = middle**2 - 4 * terms.same * terms.other
        possible = root > 0
        np.fill_diagonal(possible, False)
        root = np.sqrt(np.where(possible, root, 0.0))
        # With u = exp(t): other u^2 - middle u + same < 0.
        low = np.log(np.where(possible, (middle - root) / (2 * terms.other), 1.0))
        high = np.log(np.where(possible, (middle + root) / (2 * terms.other), 1.0))
        windows.append(_Window(low, high))
    return windows


def _ratios(
    terms: PairTerms,
    windows: list[_Window],
    sizes: Float[np.ndarray, " lattice"],
    origins: Float[np.ndarray, " lattice"],
) -> Float[np.ndarray, "lattice radius"]:
    """Log likelihood ratio of every window of lattices with these sizes; `origins` are the sizes the null spreads."""
    others = len(sizes) - 1
    squared = terms.squared(sizes)
    np.fill_diagonal(squared, np.inf)
    counts = (squared[:, :, None] <= RADII**2).sum(axis=1).astype(np.float64)
    expected = _expected(windows, sizes, origins)
    outside_counts = others - counts
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(counts > 0, counts * np.log(counts / expected), 0.0)
        outside = np.where(
            outside_counts > 0, outside_counts * np.log(outside_counts / np.maximum(others - expected, 1e-300)), 0.0
        )
    return np.where(counts > expected, inside + outside, 0.0)


def _expected(
    windows: list[_Window], sizes: Float[np.ndarray, " lattice"], origins: Float[np.ndarray, " lattice"]
) -> Float[np.ndarray, "lattice radius"]:
    """Number of other lattices that the null puts into each window, exactly."""
    spread = np.log(NEIGHBOR_RATIO)
    from_center = origins[None, :] - sizes[:, None]
    lowest, highest = from_center - spread, from_center + spread
    expected = np.empty((len(sizes), len(RADII)))
    for column, window in enumerate(windows):
        overlap = np.minimum(window.high, highest) - np.maximum(window.low, lowest)
        expected[:, column] = np.clip(overlap, 0.0, None).sum(axis=1) / (2 * spread)
    return np.maximum(expected, 1e-12)


def _grow(
    bases: Float[np.ndarray, "lattice 2 2"], inside: Int[np.ndarray, " member"], center: Float[np.ndarray, "2 2"]
) -> tuple[Int[np.ndarray, " member"], Float[np.ndarray, "2 2"]]:
    """From the densest window to the group: all lattices within three median distances of its mean."""
    members = inside
    for _ in range(20):
        basis = aligned(bases[members], center).mean(axis=0)
        distance = lattice_distance(bases, basis)
        reach = np.clip(3 * np.median(distance[members]), 2 * _NARROWEST, _WIDEST)
        grown = np.flatnonzero(distance <= reach)
        if len(grown) == 0 or np.array_equal(grown, members):
            break
        members, center = grown, basis
    return members, aligned(bases[members], center).mean(axis=0)
