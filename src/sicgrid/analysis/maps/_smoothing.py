"""Smoothing of rate maps: to be shown and scored, and to outline fields."""

from typing import cast

import numpy as np
import scipy
from jaxtyping import Bool, Float

from ..._numbers import plain_numbers


def smooth_maps(
    maps: Float[np.ndarray, "*units x y"], sigma_bins: float, time: Float[np.ndarray, "x y"] | None = None
) -> Float[np.ndarray, "*units x y"]:
    """Gaussian smoothing of rate maps that neither spreads, fills unvisited bins, nor moves fields at walls.

    Local linear regression: at each visited bin a plane is fitted to the visited bins around it, weighted by a Gaussian
    of sigma_bins (times ``time``, how long each bin was visited, if given: the rate in a bin that was crossed once is
    hardly known), and its height there is the smoothed value. Away from walls and gaps this is the ordinary weighted
    mean. At a wall the mean is one-sided: its value belongs to a place 0.8 sigma further in, which would move fields
    near walls outwards (a 0.42 m lattice in a 1 m box by 4 % at a sigma of 7.5 cm); the plane's slope takes that back.
    Values stay within the range of the map's own. NaN where unvisited; sigma in bins, 0 changes nothing.

    Source: Fan 1992 (local linear regression and boundaries), J. Am. Stat. Assoc. 87:998.

    Raises
    ------
    ValueError
        For what is no real numbers, a negative sigma, or a time that has not the shape of a map or is not positive
        where it is known.

    >>> import numpy as np
    >>> ramp = np.arange(12.0)[:, None] * np.ones(10)
    >>> float(np.abs(smooth_maps(ramp, 1.5) - ramp).max()) < 1e-4
    True

    """
    if not sigma_bins >= 0:
        raise ValueError(f"sigma_bins must be 0 or more (bins), got {sigma_bins}")
    maps = plain_numbers("maps", maps)
    if sigma_bins == 0:
        return maps
    visited = np.isfinite(maps)
    if not visited.any():
        return maps
    masks = np.broadcast_to(visited.all(axis=tuple(range(maps.ndim - 2))), visited.shape[-2:])
    # All units of one path share their visited bins, as a rule: one set of weights then serves all.
    shared = bool((visited == masks).all())
    weight = (masks if shared else visited).astype(np.float64)  # second moments cancel: double precision
    if time is not None:
        time = plain_numbers("time", time, np.float64)
        _check_time(time, visited)
        time = np.where(np.isfinite(time), time, 0.0)  # of bins that nobody visited it may be NaN
        weight = weight * time / time.max()
    flat = _plane_at(np.where(visited, maps, 0) * weight, weight, sigma_bins)
    low = np.min(maps, axis=(-2, -1), keepdims=True, initial=np.inf, where=visited)
    high = np.max(maps, axis=(-2, -1), keepdims=True, initial=-np.inf, where=visited)
    return np.where(visited, np.clip(flat, low, high), np.nan).astype(maps.dtype)


def _check_time(time: Float[np.ndarray, "x y"], visited: Bool[np.ndarray, "*units x y"]) -> None:
    everywhere = np.broadcast_to(time, visited.shape) if np.shape(time) == visited.shape[-2:] else np.zeros(1)
    if everywhere.shape != visited.shape or not (everywhere[visited] > 0).all():
        raise ValueError(
            f"time must have the shape of a map, {visited.shape[-2:]}, and be positive where it is known, got "
            f"{np.shape(time)}"
        )


def _plane_at(
    values: Float[np.ndarray, "*units x y"], weight: Float[np.ndarray, "*some x y"], sigma: float
) -> Float[np.ndarray, "*units x y"]:
    """Height at each bin of the plane that fits best under Gaussian weights around it; ``values`` are times weight."""
    x, y = (np.arange(size, dtype=weight.dtype) for size in weight.shape[-2:])
    x = x[:, None] - x.mean()
    y = y[None, :] - y.mean()

    def around(field: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.ndimage.gaussian_filter(field, sigma, axes=(-2, -1), mode="constant"))

    def moments(field: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weighted sums of the field, and of the field times the way from the bin along x and along y."""
        total = around(field)
        return total, around(field * x) - x * total, around(field * y) - y * total

    s, sx, sy = moments(weight)
    sxx = around(weight * x * x) - 2 * x * (sx + x * s) + x * x * s
    syy = around(weight * y * y) - 2 * y * (sy + y * s) + y * y * s
    sxy = around(weight * x * y) - x * (sy + y * s) - y * (sx + x * s) + x * y * s
    # A small ridge on the slopes: where all visited bins lie on one line there is no plane, and the mean remains.
    ridge = 1e-6 * sigma**2 * s
    sxx, syy = sxx + ridge, syy + ridge
    # Cramer's rule for the height alone: its weights on the three moments of the values.
    a, b, c = sxx * syy - sxy**2, sxy * sy - sx * syy, sx * sxy - sxx * sy
    determinant = s * a + sx * b + sy * c
    t, tx, ty = moments(values)
    safe = np.where(determinant > 0, determinant, 1.0)
    return np.where(determinant > 0, (t * a + tx * b + ty * c) / safe, t / np.where(s > 0, s, 1.0))


def kernel_average(maps: Float[np.ndarray, "*units x y"], sigma_bins: float) -> Float[np.ndarray, "*units x y"]:
    """Gaussian mean of the visited bins, ``G(map * visited) / G(visited)``, NaN elsewhere; sigma in bins.

    For outlining fields, not for measuring where they are; see :func:`smooth_maps`.

    Raises
    ------
    ValueError
        For what is no real numbers, or a negative sigma.

    """
    if not sigma_bins >= 0:
        raise ValueError(f"sigma_bins must be 0 or more (bins), got {sigma_bins}")
    maps = plain_numbers("maps", maps)
    if sigma_bins == 0:
        return maps
    visited = np.isfinite(maps)
    spread = {"sigma": sigma_bins, "axes": (-2, -1), "mode": "constant"}
    weight = scipy.ndimage.gaussian_filter(visited.astype(maps.dtype), **spread)
    mass = scipy.ndimage.gaussian_filter(np.where(visited, maps, 0), **spread)
    return cast(np.ndarray, np.divide(mass, weight, out=np.full_like(mass, np.nan), where=visited))
