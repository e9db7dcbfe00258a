"""Spikes, a hundred million at a time: put in order, and summed in the bins of a path."""

import numpy as np

from .._compile import Array, serial


@serial
def samples_at(times: Array, begin: Array, end: Array, samples: Array) -> None:
    """Fill in the sample of each spike: the last that begins by its time, -1 where that one has ended by then.

    Looks first where it would be if samples began at even intervals, as far off as the spike before was: a search
    through a long path would fetch each of its steps from far away, one after the other, and this place of the next
    spike is fetched while that of the last is still under way.
    """
    top = len(begin) - 1
    lasted = begin[top] - begin[0]
    rate = top / lasted if lasted > 0 else 0.0
    off = 0
    for spike in range(len(times)):
        time = times[spike]
        even = (time - begin[0]) * rate
        even = even if even > 0 else 0.0
        expected = int(even if even < top else top)
        low = min(max(expected + off, 0), top)
        if not (begin[low] <= time and (low == top or time < begin[low + 1])):
            low = _last_by(begin, time, low)
            off = max(low, 0) - expected
        samples[spike] = low if low >= 0 and time < end[low] else -1


@serial
def _last_by(begin: Array, time: float, near: int) -> int:
    """The last sample that begins by that time, -1 for none; looked for from `near` on, in strides that double."""
    reach = 1
    if begin[near] <= time:
        low, high = near, near + 1
        while high < len(begin) and begin[high] <= time:
            low, reach = high, 2 * reach
            high = min(low + reach, len(begin))
    else:
        low, high = near - 1, near
        while low >= 0 and begin[low] > time:
            high, reach = low, 2 * reach
            low = max(high - reach, -1)
    while high - low > 1:
        middle = (low + high) // 2
        if begin[middle] <= time:
            low = middle
        else:
            high = middle
    return low


@serial
def count_spikes(samples: Array, counts: Array) -> None:
    """Add the spikes of each sample to its count; `numpy.bincount` would first make a copy of 64-bit numbers."""
    for spike in range(len(samples)):
        counts[samples[spike]] += 1


@serial
def in_time(samples: Array, units: Array, next_free: Array) -> Array:
    """Units of spikes in the order of their samples, those of one sample as they came; a counting sort.

    ``next_free[t]`` is where sample t's first spike belongs; it is counted on.
    """
    ordered = np.empty_like(units)
    for spike in range(len(samples)):
        sample = samples[spike]
        ordered[next_free[sample]] = units[spike]
        next_free[sample] += 1
    return ordered


@serial
def spike_sums(
    starts: Array, units: Array, values: Array, samples: Array, bins: Array, rows: Array, weights: Array, sums: Array
) -> None:
    """As `bin_sums`, of sparse activity: row r holds ``values[starts[r]:starts[r + 1]]`` of these units.

    No index may be negative: one with a sign would be asked whether it counts from the end, a third of the time.
    """
    for k in range(len(samples)):
        row, total, weight = np.uint64(rows[np.uint64(samples[k])]), sums[np.uint64(bins[k])], weights[k]
        for spike in range(np.uint64(starts[row]), np.uint64(starts[row + np.uint64(1)])):
            total[np.uint64(units[spike])] += weight * values[spike]
