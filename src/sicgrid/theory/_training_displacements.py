"""How far apart the pairs of points of a training batch lie: exact distributions for permuted uniform velocities. Ours.

Training draws T velocities uniformly from a square and walks them in B random orders (Schaeffer et al. 2023, section
3). All that a loss of pairs sees of the places are the displacements between two points; these are sums of n of the
velocities, each forward or backward, with n = 0..T at random.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import gammaln

from .._repr import brief

_RADII, _ANGLES = 12, 24  # quadrature of the disc of near pairs
_NEGLIGIBLE = 1e-4  # probability of the farthest pairs, which are left out


@brief
class CodeSetting(NamedTuple):
    """Training's settings, as far as the theory knows them. Defaults: the paper's, but `tiling` (ours)."""

    units: int = 128
    length: int = 60
    max_speed: float = 0.15
    """Largest speed along an axis, meters per step."""
    sigma_g: float = 0.4
    sigma_x: float = 0.05
    """Meters."""
    batch_size: int = 130
    separation: float = 1.0
    invariance: float = 0.1
    capacity: float = 0.5
    tiling: float = 0.4
    """Least squared width of a field in areas per unit; see `sicgrid.theory.least_widths`."""


@brief
class Displacements(NamedTuple):
    """Expectations over the pairs of points of a batch as sums: ``E_far[f(D)] = sum(far * f(places_m))`` and so on."""

    places_m: Float[np.ndarray, "point 2"]
    """A half plane: f must be even."""
    every: Float[np.ndarray, " point"]
    """Weights over all pairs, each point with itself included; the rest to 1 are the pairs at one place, `same`."""
    far: Float[np.ndarray, " point"]
    """Over the pairs further apart than sigma_x; some are negative."""
    near: Float[np.ndarray, " point"]
    """Over the pairs of distinct points within sigma_x; the rest to 1 are those at one place."""
    same: float
    """Share of all pairs that are at one place."""
    near_share: float
    """Share of the pairs of distinct points that are near."""
    step_m: float
    """Distance between the points; what f has to be smooth over."""


def step_differences(batch_size: int, length: int) -> Float[np.ndarray, " steps"]:
    """Distribution of the number n = 0..T of velocities that one of two points of a batch has walked and one has not.

    Over the ordered pairs of distinct points (b, t), (b', t') of B permutations of T velocities. On one trajectory
    n = |t - t'|; on two, ``n = t + t' - 2 k`` with k hypergeometric: the overlap of random subsets of t and t' of T.
    Given n, the displacement is the sum of n independent velocities (their distribution is symmetric). Exact.

    Raises
    ------
    ValueError
        For fewer than two points.

    >>> step_differences(batch_size=1, length=3)  # two of the three pairs of one walk are neighbors
    array([0.        , 0.66666667, 0.33333333, 0.        ])

    """
    if batch_size < 1 or length < 1 or batch_size * length < 2:
        raise ValueError(f"batch_size and length must be positive and give two points, got {batch_size} and {length}")
    t1, t2, shared = np.meshgrid(*(np.arange(length + 1),) * 3, indexing="ij")
    possible = (t1 > 0) & (t2 > 0) & (shared <= np.minimum(t1, t2)) & (t1 + t2 - shared <= length)
    t1, t2, shared = t1[possible], t2[possible], shared[possible]
    log = _log_choose(t1, shared) + _log_choose(length - t1, t2 - shared) - _log_choose(np.full_like(t1, length), t2)
    across = np.bincount(t1 + t2 - 2 * shared, np.exp(log), length + 1) / length**2
    n = np.arange(length + 1)
    within = np.where(n > 0, 2.0 * (length - n), 0.0) / max(length * (length - 1), 1)
    same_trajectory = (length - 1) / (batch_size * length - 1)
    return np.asarray(same_trajectory * within + (1 - same_trajectory) * across)


def displacements(setting: CodeSetting, step_m: float | None = None) -> Displacements:
    """The displacements between the pairs of points of a training batch, as a quadrature.

    Densities of sums of n uniform numbers are exact (`step_differences` says how often which n). All pairs: a regular
    grid of `step_m` meters (0.9 sigma_x if None) on half of the plane, the other half being its mirror image, without
    the 1e-4 of the pairs that lie where they are rarest; near pairs: polar points in the disc of radius sigma_x, which
    are taken away from the grid's to give the far ones. For fields wider than the grid's step the loss in the paper's
    setting is found within 4e-5; pairs of one or two steps, frequent only in small batches, are the least exact.

    Raises
    ------
    ValueError
        For a setting or a step out of range.

    >>> pairs = displacements(CodeSetting())
    >>> round(float(pairs.far.sum()), 3), round(pairs.near_share, 3)  # of the paper's pairs 0.7 percent are near
    (1.0, 0.007)

    """
    check_setting(setting)
    step = 0.9 * setting.sigma_x if step_m is None else step_m
    T, speed = setting.length, setting.max_speed
    n_share = step_differences(setting.batch_size, T)
    reach = min(T * speed, 4 * speed * np.sqrt(T / 3)) + 0.5 * speed
    if not 1e-3 * reach < step < 0.1 * reach:
        allowed = f"{1e-3 * reach:.2g} to {0.1 * reach:.2g} m"
        name = "step_m" if step_m is not None else "0.9 sigma_x, the default of step_m,"
        raise ValueError(f"{name} must be {allowed} in this setting, got {step:g}")
    count = int(np.ceil(reach / step))
    axis = step * np.arange(-count, count + 1)
    masses = _sum_densities(axis, T, speed)
    masses /= masses.sum(axis=1, keepdims=True)
    mass = np.einsum("nx,ny->xy", n_share[1:, None] * masses, masses[:, count:], optimize=True)
    mass[:, 1:] *= 2
    lightest = np.sort(mass, axis=None)
    keep = mass > lightest[np.searchsorted(np.cumsum(lightest), _NEGLIGIBLE)]
    mass *= mass.sum() / mass[keep].sum()
    grid = np.stack(np.meshgrid(axis, axis[count:], indexing="ij"), axis=-1)[keep]
    disc, inside = _near(setting, n_share)
    near_share = min(float(n_share[0] + inside.sum()), 1.0)
    if near_share > 1 - 1e-6:
        raise ValueError(f"sigma_x must leave far pairs, got {setting.sigma_x:g} m, within which all pairs lie")
    every, near = np.zeros((2, len(grid) + len(disc)))
    every[: len(grid)], near[len(grid) :] = mass[keep], inside
    itself = 1 / (setting.batch_size * T)
    return Displacements(
        places_m=np.concatenate([grid, disc]),
        every=(1 - itself) * every,
        far=(every - near) / (1 - near_share),
        near=near / max(near_share, np.finfo(float).tiny),
        same=float(itself + (1 - itself) * n_share[0]),
        near_share=near_share,
        step_m=step,
    )


def check_setting(setting: CodeSetting) -> None:
    """ValueError for a setting out of range."""
    for name in ("units", "length", "batch_size"):
        value = getattr(setting, name)
        if value != int(value) or value < 1:
            raise ValueError(f"{name} must be a positive whole number, got {value}")
    for name in ("max_speed", "sigma_g", "sigma_x", "tiling"):
        value = getattr(setting, name)
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive and finite, got {value}")
    for name in ("separation", "invariance", "capacity"):
        value = getattr(setting, name)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name}, a weight, must be finite and not negative, got {value}")


def _near(
    setting: CodeSetting, n_share: Float[np.ndarray, " steps"]
) -> tuple[Float[np.ndarray, "point 2"], Float[np.ndarray, " point"]]:
    """Quadrature points in half the disc of radius sigma_x, and their probabilities with those of their mirror images.

    Pairs at one place (n = 0) are not included.
    """
    roots, weights = np.polynomial.legendre.leggauss(_RADII)
    radius, angle = setting.sigma_x * (roots + 1) / 2, np.pi * (np.arange(_ANGLES) + 0.5) / _ANGLES
    disc = radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    density = np.prod(_sum_densities(disc, setting.length, setting.max_speed), axis=-1)
    area = weights * radius * (setting.sigma_x / 2) * (2 * np.pi / _ANGLES)
    inside = np.einsum("n,nra,r->ra", n_share[1:], density, area)
    return disc.reshape(-1, 2), inside.ravel()


def _sum_densities(values: Float[np.ndarray, "*value"], count: int, largest: float) -> Float[np.ndarray, "n *value"]:
    """Densities of the sums of n = 1..count independent numbers uniform on [-largest, largest].

    In units of 2 largest these are the cardinal B-splines, by their recurrence (all terms positive, so it is stable):
    ``(n - 1) f_n(x) = (n/2 + x) f_{n-1}(x + 1/2) + (n/2 - x) f_{n-1}(x - 1/2)``.
    """
    x = values.reshape(-1) / (2 * largest)
    shifts = np.arange(-count, count + 1)[:, None]
    # Of all x + shift / 2, one with an even and one with an odd shift lie in [-1/2, 1/2): f_1 is 1 there. By integers,
    # so that rounding cannot give none or two.
    first = -np.floor(2 * x).astype(int)
    table = ((shifts == first) | (shifts == first - 1)).astype(float)
    densities = [table[count]]
    for n in range(2, count + 1):
        y = x + 0.5 * shifts[n - 1 : 2 * count + 2 - n]
        table = ((n / 2 + y) * table[2:] + (n / 2 - y) * table[:-2]) / (n - 1)
        densities.append(table[count + 1 - n])
    return np.reshape(densities, (count, *values.shape)) / (2 * largest)


def _log_choose(n: Int[np.ndarray, "*k"], k: Int[np.ndarray, "*k"]) -> Float[np.ndarray, "*k"]:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
