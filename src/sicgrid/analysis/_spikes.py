"""From spike times to activity at each sample of a path."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int


class BinnedSpikes(NamedTuple):
    """Spikes by sample of a path.

    ``durations[t]`` are the seconds that sample t stands for, ``counts[t, u]`` the spikes of unit u in them and
    ``rates = counts / durations`` (Hz). ``left_out`` spikes fell into no sample: before, after, or in a gap.
    """

    rates: Float[np.ndarray, "time units"]
    counts: Int[np.ndarray, "time units"]
    durations: Float[np.ndarray, " time"]
    left_out: int


def bin_spikes(
    times: npt.ArrayLike, spike_times: npt.ArrayLike, spike_units: npt.ArrayLike, units: int | None = None
) -> BinnedSpikes:
    """Count each unit's spikes around each sample of a path.

    Sample t stands for ``[times[t] - before/2, times[t] + after/2)``, before and after being the intervals to its
    neighbors but no longer than twice the median interval d, and d at the ends. So samples share all the time between
    them, and none claims a gap in the tracking, whose spikes have no known place.

    Parameters
    ----------
    times : (time,)
        Seconds of the positions, increasing.
    spike_times : (spikes,)
        Seconds on the same clock, in any order.
    spike_units : (spikes,)
        Unit of each spike, from 0.
    units : int
        How many units there are, silent ones included; by default as many as have spikes.

    Raises
    ------
    ValueError
        For times that do not increase, lists of unequal lengths, or a unit out of range.

    Notes
    -----
    Rate maps of ``rates`` are in Hz. Their mean weighs each sample equally, which for evenly sampled paths is spikes
    over seconds in a bin; unevenly sampled paths should be resampled first.

    """
    clock, spikes = np.asarray(times, dtype=np.float64), np.asarray(spike_times, dtype=np.float64)
    owner = np.asarray(spike_units)
    if clock.ndim != 1 or len(clock) < 2 or not (np.diff(clock) > 0).all():
        raise ValueError(f"times must be at least 2 increasing seconds, got an array of shape {clock.shape}")
    if spikes.ndim != 1 or owner.shape != spikes.shape or (owner.dtype.kind not in "iu" and owner.size):
        raise ValueError(
            f"spike_times and spike_units (whole numbers) must be lists of one length, got {spikes.shape} and "
            f"{owner.shape} of type {owner.dtype}"
        )
    owner = owner.astype(np.intp)
    number = int(owner.max(initial=-1)) + 1 if units is None else units
    if owner.size and (owner.min() < 0 or owner.max() >= number):
        raise ValueError(f"spike_units must be in 0 to {number - 1}, found {owner.min()} to {owner.max()}")
    gaps = np.diff(clock)
    usual = float(np.median(gaps))
    reach = np.minimum(gaps, 2 * usual) / 2
    begin = clock - np.concatenate(([usual / 2], reach))
    end = clock + np.concatenate((reach, [usual / 2]))
    sample = np.searchsorted(begin, spikes, side="right") - 1
    inside = (sample >= 0) & (spikes < end[np.maximum(sample, 0)])
    counts = np.zeros((len(clock), number), dtype=np.int64)
    np.add.at(counts, (sample[inside], owner[inside]), 1)
    durations = end - begin
    return BinnedSpikes(counts / durations[:, None], counts, durations, int((~inside).sum()))
