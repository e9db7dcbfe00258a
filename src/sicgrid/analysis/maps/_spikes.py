"""From spike times to activity at each sample of a path."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float, Int

from ..._clock import Stretches, seconds_of, shares_of_time
from ..._masked import is_masked
from ..._repr import brief


@brief
@dataclass(frozen=True)
class BinnedSpikes:
    """Spikes by sample of a path, kept as spikes: 500 units for two hours would be 180 million numbers otherwise.

    Raises
    ------
    ValueError
        For a spike of no sample or of no unit.

    """

    samples: Int[np.ndarray, " spikes"]
    """Sample of each spike that has one, in time."""
    units: Int[np.ndarray, " spikes"]
    """Its unit."""
    durations: Float[np.ndarray, " time"]
    """Seconds that each sample stands for; the weights of the rates in a mean."""
    number: int
    """How many units there are."""
    left_out: int
    """Spikes that fell into no sample: before, after, or in a gap."""
    stretches: Stretches | None = None
    """Where the path was tracked without a gap; None if that is not known."""

    def __post_init__(self) -> None:
        if self.samples.shape != self.units.shape:
            raise ValueError(f"samples and units must be alike in shape, got {self.samples.shape}, {self.units.shape}")
        # The compiled sums over spikes would write wherever they are told.
        _refuse_outside("samples", self.samples, len(self.durations))
        _refuse_outside("units", self.units, self.number)

    @property
    def counts(self) -> Int[np.ndarray, "time units"]:
        """Spikes of unit u in sample t, written out."""
        counts = np.zeros((len(self.durations), self.number), dtype=np.int64)
        np.add.at(counts, (self.samples, self.units), 1)
        return counts

    @property
    def activity(self) -> Any:
        """The rates, Hz, ``counts / durations``, as a sparse (time, units) array.

        `rate_maps` and the nulls take it, with `durations`.
        """
        spikes = _spikes_of_each(self.samples, len(self.durations))
        index = np.int32 if len(self.samples) < 2**31 else np.int64
        starts = np.concatenate(([0], np.cumsum(spikes))).astype(index)  # spikes lie in time: nothing to sort
        rate_of_spike = np.repeat(1.0 / self.durations, spikes)
        shape = (len(self.durations), self.number)
        rates = scipy.sparse.csr_array((rate_of_spike, self.units.astype(index), starts), shape=shape)
        rates.sum_duplicates()
        return rates


def bin_spikes(
    times: npt.ArrayLike, spike_times: npt.ArrayLike, spike_units: npt.ArrayLike, units: int | None = None
) -> BinnedSpikes:
    """Give each spike to the sample of the path that stands for its time.

    Sample t stands for the time from midway to the sample before it to midway to the next; samples that were delivered
    together share their time, and none claims a gap in the tracking, whose spikes have no known place (see
    `sicgrid._clock.shares_of_time`).

    Parameters
    ----------
    times : (time,)
        Seconds of the positions, increasing; evenly spaced or not. Or dates, or durations (numpy's datetime64 and
        timedelta64).
    spike_times : (spikes,)
        Of the same kind, on the same clock, in any order.
    spike_units : (spikes,)
        Unit of each spike, from 0.
    units : int
        How many units there are, silent ones included; by default as many as have spikes.

    Raises
    ------
    ValueError
        For times that do not increase, dates beside numbers, lists of unequal lengths, or a unit out of range.

    Notes
    -----
    The rate in a bin is spikes over seconds there: ``rate_maps(positions, binned.activity, edges, binned.durations)``.

    >>> binned = bin_spikes([0.0, 1.0, 2.0], [0.1, 0.2, 1.9], [0, 0, 1])
    >>> binned.counts.tolist(), binned.left_out
    ([[2, 0], [0, 0], [0, 1]], 0)

    """
    from ...kernels.arrays import in_time, samples_at  # here, since it loads numba

    spikes, owner = seconds_of("spike_times", spike_times), np.asarray(spike_units)
    types = [np.asarray(clock).dtype for clock in (times, spike_times)]
    if len({kind.kind if kind.kind in "mM" else "" for kind in types}) > 1 and spikes.size:
        raise ValueError(
            "times and spike_times must both be seconds, both dates or both durations, got arrays of "
            f"{types[0]} and {types[1]}"
        )
    if is_masked(spike_units):
        raise ValueError("spike_units must not be masked: leave such spikes out")
    shares = shares_of_time(times)
    if spikes.ndim != 1 or owner.shape != spikes.shape or (owner.dtype.kind not in "iu" and owner.size):
        raise ValueError(
            f"spike_times and spike_units (whole numbers) must be lists of one length, got {spikes.shape} and "
            f"{owner.shape} of type {owner.dtype}"
        )
    number = (int(owner.max()) + 1 if owner.size else 0) if units is None else units
    if not isinstance(number, int | np.integer) or isinstance(number, bool) or number < 0:
        raise ValueError(f"units must be a whole number from 0, got {units!r}")
    _refuse_outside("spike_units", owner, number)
    index = np.int32 if len(shares.begin) < 2**31 else np.int64
    sample: Int[np.ndarray, " spikes"] = np.empty(len(spikes), dtype=index)
    samples_at(spikes, shares.begin, shares.end, sample)
    inside = sample >= 0
    left_out = len(sample) - int(np.count_nonzero(inside))
    owner = owner.astype(np.int32 if number < 2**31 else np.int64, copy=False)
    if left_out:
        sample, owner = sample[inside], owner[inside]
    if (sample[1:] < sample[:-1]).any():
        spikes_of = _spikes_of_each(sample, len(shares.begin))
        owner = in_time(sample, owner, np.cumsum(spikes_of) - spikes_of)
        sample = np.repeat(np.arange(len(spikes_of), dtype=sample.dtype), spikes_of)
    return BinnedSpikes(sample, owner, shares.seconds, number, left_out, shares.stretches)


def _refuse_outside(name: str, numbers: Int[np.ndarray, " spikes"], end: int) -> None:
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < end:
        raise ValueError(f"{name} must be in 0 to {end - 1}, found {numbers.min()} to {numbers.max()}")


def _spikes_of_each(samples: Int[np.ndarray, " spikes"], number: int) -> Int[np.ndarray, " time"]:
    from ...kernels.arrays import count_spikes  # here, since it loads numba

    counts = np.zeros(number, dtype=np.int64)
    count_spikes(samples, counts)
    return counts
