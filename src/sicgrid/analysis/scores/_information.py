"""Spatial information: how much a unit's activity says about the place."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._numbers import plain_numbers
from ..maps import as_maps


def spatial_information(rate_map: npt.ArrayLike, occupancy: npt.ArrayLike) -> Float[np.ndarray, "*units"]:
    """Skaggs' spatial information, bits per spike (for a network: bits per unit of activity).

    ``I = sum_i p_i (m_i / m) log2(m_i / m)``: p_i the share of time in bin i, m_i the rate there, m = sum_i p_i m_i.

    Source: Skaggs, McNaughton, Gothard and Markus 1993 (NIPS 5).

    Limits: biased upward when bins hold few samples; compare with shuffles before calling a small value information.

    Parameters
    ----------
    rate_map : (..., nx, ny)
        Rates >= 0, unvisited bins NaN.
    occupancy : (nx, ny)
        Time or samples per bin, 0 where unvisited.

    Returns
    -------
    (...)
        0 for a unit equally active everywhere, log2(1/p) for one active in a share p of the time only; NaN for a
        silent unit.

    Raises
    ------
    ValueError
        If shapes do not fit, rates are negative or infinite, or occupancy is not finite, negative somewhere or zero
        everywhere.

    >>> import numpy as np
    >>> rate_map = np.array([[4.0, 0.0], [0.0, 0.0]])  # silent in three of four bins
    >>> float(spatial_information(rate_map, np.ones((2, 2))))
    2.0

    """
    maps = as_maps(rate_map, least_bins=1)  # of a linear track
    time = plain_numbers("occupancy", occupancy, np.float64)
    if maps.shape[-2:] != time.shape:
        raise ValueError(f"occupancy must have the shape (nx, ny) of a rate map {maps.shape[-2:]}, got {time.shape}")
    if not np.isfinite(time).all() or (time < 0).any() or time.sum() == 0:
        raise ValueError("occupancy must be finite, not negative and not all zero")
    if (maps < 0).any():
        raise ValueError(f"rate_map must not be negative (Skaggs' formula is for rates), lowest is {np.nanmin(maps):g}")
    rates = np.where(np.isfinite(maps), maps, 0.0)
    share = np.where(np.isfinite(maps), time, 0.0)
    share = share / share.sum(axis=(-2, -1), keepdims=True)
    mean = (share * rates).sum(axis=(-2, -1), keepdims=True)
    ratio = rates / np.where(mean > 0, mean, np.nan)
    bits: np.ndarray = np.where(ratio > 0, ratio * np.log2(np.where(ratio > 0, ratio, 1.0)), 0.0)
    information = np.asarray((share * bits).sum(axis=(-2, -1)))
    return np.where(mean[..., 0, 0] > 0, information, np.nan)
