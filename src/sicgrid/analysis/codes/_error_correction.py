"""How well a place can be read from a damaged state: errors under noise, lost units and coarse values."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float
from pydantic import Field

from ..._repr import brief
from ..._settings import Settings
from ..maps import Places, RateMaps, as_places, check_activity
from ._channels import DEFAULT_LEVELS, Channel, Decoder, damaged_states, decoding_cost


class ErrorCorrectionConfig(Settings):
    """How well places are read from damaged states."""

    samples: int = Field(1000, ge=10, description="States sent at each level of damage. Source: ours.")


@brief
@dataclass(frozen=True)
class DecodingCurve:
    """Errors of the decoded place against the level of damage; distances in meters."""

    channel: Channel
    decoder: Decoder
    levels: Float[np.ndarray, " level"]
    median_m: Float[np.ndarray, " level"]
    mean_m: Float[np.ndarray, " level"]
    rms_m: Float[np.ndarray, " level"]
    gross_share: Float[np.ndarray, " level"]
    """Share of decoded places further than `gross_m` from the true one."""
    gross_m: float
    chance_m: float
    """Median error of a place drawn at random from the box: what a destroyed code comes to."""


def decoding_curve(
    code: RateMaps,
    channel: Channel,
    levels: Sequence[float] | None = None,
    *,
    decoder: Decoder = "nearest",
    variance: npt.ArrayLike | None = None,
    sent: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    within_m: float | None = None,
    samples: int = 1000,
    gross_m: float = 0.2,
    seed: int = 0,
) -> DecodingCurve:
    """Send states through a channel that damages them, decode their places, measure the error.

    Channels, with their level:

    - ``gaussian``: ``y = g + s xi``, xi standard normal in every unit; level s, in the units of the state (norm 1).
    - ``loss``: a share q of the units, drawn afresh for each sample (``round(q N)`` of N), is silenced.
    - ``quantization``: each unit takes only L values, evenly from 0 to its peak: ``y = D round(g / D)``, D = peak /
      (L - 1).

    Decoders, over the visited bins x with mean state m(x), every place equally likely beforehand:

    - ``nearest``: ``argmin |y - m(x)|^2``, over all units, lost ones too: it does not know what was lost.
    - ``likelihood``: ``argmin sum_i [(y_i - m_i(x))^2 / w_i(x) + ln w_i(x)]`` over the units that were not lost, w
      the variance of the code (`variance`) plus that of the channel (s^2; D^2 / 12). Under Gaussian noise and without
      `variance` it is the nearest state: the two differ when units are lost, coarse to different degrees, or vary by
      themselves.

    Parameters
    ----------
    code : RateMaps, (units, nx, ny)
        The decoder's knowledge: the mean state in each bin.
    channel, levels
        What damages the states and how much; None for the channel's `DEFAULT_LEVELS`.
    decoder
        See above.
    variance : (units, nx, ny)
        Variance of each unit's activity within a bin, from a recording; None for a code that depends on the place
        alone.
    sent : (positions (..., 2), states (..., units))
        States to send, with their true places: a recording other than the one behind `code`, so that drift counts.
        None: the mean states themselves, at bins drawn at random, so that only the channel counts and the error is 0
        without damage.
    within_m
        The decoder knows the place to so many meters beforehand: only bins no further from the true place compete.
        With half the spacing of a single module its aliases are out of the game and its error correction alone is
        seen. None: all bins.
    samples
        States sent at each level.
    gross_m
        Error above which a place counts as missed, meters.
    seed
        Of the samples and of the damage.

    Raises
    ------
    ValueError
        For an unknown channel or decoder, levels out of range, or arrays that do not fit.

    Notes
    -----
    Limits: the decoder knows places to a bin, so that errors below half a bin mean nothing, and it knows the level of
    damage. A quantized activity is treated as Gaussian around its value, which is an approximation for few values.
    Without `variance` the values of the units that are left after a loss are exact, and a handful of them names the
    place to the likelihood decoder.

    Source: noise-robust decoding of grid codes, Sreenivasan and Fiete 2011; unit loss and quantization are ours.

    >>> from sicgrid.analysis import CodeSize, place_code
    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> code = place_code(edges, edges, CodeSize(40, 0.1, 0.0)).maps
    >>> curve = decoding_curve(code, "gaussian", [0.01, 1.0], samples=200)
    >>> curve.median_m.round(2).tolist(), round(curve.chance_m, 2)
    ([0.0, 0.36], 0.47)

    """
    return decoding_curves(
        code, channel, (within_m,), levels,
        decoder=decoder, variance=variance, sent=sent, samples=samples, gross_m=gross_m, seed=seed,
    )[0]  # fmt: skip


def decoding_curves(
    code: RateMaps,
    channel: Channel,
    within_m: Sequence[float | None],
    levels: Sequence[float] | None = None,
    *,
    decoder: Decoder = "nearest",
    variance: npt.ArrayLike | None = None,
    sent: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    samples: int = 1000,
    gross_m: float = 0.2,
    seed: int = 0,
) -> list[DecodingCurve]:
    """`decoding_curve` for several values of `within_m`; damaged states are compared with all places only once.

    Raises
    ------
    ValueError
        As :func:`decoding_curve`, or if `within_m` holds no value.

    >>> from sicgrid.analysis import CodeSize, place_code
    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> code = place_code(edges, edges, CodeSize(40, 0.1, 0.0)).maps
    >>> everywhere, nearby = decoding_curves(code, "gaussian", (None, 0.1), [1.0], samples=200)
    >>> everywhere.median_m.round(2).tolist(), nearby.median_m.round(2).tolist()
    ([0.41], [0.07])

    """
    places = as_places(code)
    _check_within(within_m)
    checked_levels = _checked_levels(channel, levels, decoder, samples, gross_m)
    place_variance = _variance(variance, code, places)
    generator = np.random.default_rng(seed)
    true, states = _to_send(places, sent, samples, generator)
    guess = places.positions[generator.integers(len(places.positions), size=len(true))]
    peaks = np.abs(places.states).max(axis=0)
    distance = scipy.spatial.distance.cdist(true, places.positions)
    excluded = [None if within is None else distance > max(within, places.bin_size) for within in within_m]
    errors = np.empty((len(within_m), len(checked_levels), len(true)))
    for index, level in enumerate(checked_levels):
        damaged = damaged_states(states, peaks, channel, float(level), generator)
        cost = decoding_cost(damaged, places.states, decoder, place_variance)
        for error_of_level, left_out in zip(errors[:, index], excluded, strict=True):
            decoded = (cost if left_out is None else np.where(left_out, np.inf, cost)).argmin(axis=1)
            error_of_level[:] = distance[np.arange(len(true)), decoded]
    chance = float(np.median(np.linalg.norm(guess - true, axis=1)))
    return [
        DecodingCurve(
            channel,
            decoder,
            checked_levels,
            np.median(error, axis=1),
            error.mean(axis=1),
            np.sqrt((error**2).mean(axis=1)),
            (error > gross_m).mean(axis=1),
            float(gross_m),
            chance,
        )
        for error in errors
    ]


def _check_within(within_m: Sequence[float | None]) -> None:
    if np.ndim(np.asarray(within_m, dtype=object)) != 1:
        raise ValueError(f"within_m must be a list of meters or None, got {within_m!r}")
    if len(within_m) == 0:
        raise ValueError("within_m must hold at least one value, got none; (None,) decodes among all bins")
    for within in within_m:
        if within is not None and not within > 0:
            raise ValueError(f"within_m must be positive (meters) or None, got {within}")


def _checked_levels(
    channel: Channel,
    levels: Sequence[float] | None,
    decoder: Decoder,
    samples: int,
    gross_m: float,
) -> Float[np.ndarray, " level"]:
    """The levels of damage, the channel's default ones for None; ValueError if any argument is out of range."""
    if channel not in DEFAULT_LEVELS:
        raise ValueError(f"channel must be one of {', '.join(DEFAULT_LEVELS)}, got {channel!r}")
    if decoder not in ("nearest", "likelihood"):
        raise ValueError(f"decoder must be nearest or likelihood, got {decoder!r}")
    if samples < 1:
        raise ValueError(f"samples must be 1 or more, got {samples}")
    if not gross_m > 0:
        raise ValueError(f"gross_m must be positive (meters), got {gross_m}")
    checked = np.atleast_1d(np.asarray(DEFAULT_LEVELS[channel] if levels is None else levels, dtype=np.float64))
    rule, good = {
        "gaussian": ("0 or more (standard deviation per unit)", checked >= 0),
        "loss": ("shares from 0 to 1", (checked >= 0) & (checked <= 1)),
        "quantization": (
            "whole numbers of at least 2 (values of a unit)",
            (checked >= 2) & (checked == np.rint(checked)),
        ),
    }[channel]
    if checked.ndim != 1 or len(checked) == 0 or not (good & np.isfinite(checked)).all():
        raise ValueError(f"levels of {channel} must be {rule}, got {checked.tolist()}")
    return checked


def _variance(variance: npt.ArrayLike | None, code: RateMaps, places: Places) -> Float[np.ndarray, "place unit"] | None:
    if variance is None:
        return None
    values = np.asarray(variance, dtype=np.float64)
    if values.shape != code.maps.shape:
        raise ValueError(f"variance must have the shape of the code's maps {code.maps.shape}, got {values.shape}")
    chosen = values[:, places.bins[:, 0], places.bins[:, 1]].T
    if not np.isfinite(chosen).all() or (chosen < 0).any():
        raise ValueError("variance must be finite and not negative in every visited bin; visit bins more often")
    return chosen


def _to_send(
    places: Places,
    sent: tuple[npt.ArrayLike, npt.ArrayLike] | None,
    samples: int,
    generator: np.random.Generator,
) -> tuple[Float[np.ndarray, "sample 2"], Float[np.ndarray, "sample unit"]]:
    """Positions and states of random samples: of the code's own places, or of the positions and states `sent`."""
    if sent is None:
        chosen = generator.integers(len(places.states), size=samples)
        return places.positions[chosen], places.states[chosen]
    positions = np.asarray(sent[0], dtype=np.float64)
    if positions.ndim < 2 or positions.shape[-1] != 2 or not np.isfinite(positions).all():
        raise ValueError(f"sent must begin with finite positions (..., 2) in meters, got shape {positions.shape}")
    states = check_activity(sent[1], positions.shape[:-1])
    if states.shape[1] != places.states.shape[1]:
        raise ValueError(f"sent must have the code's {places.states.shape[1]} units, got {states.shape[1]}")
    chosen = generator.integers(len(states), size=samples)
    return positions.reshape(-1, 2)[chosen], states[chosen]
