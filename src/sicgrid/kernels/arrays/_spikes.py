"""Spikes, a hundred million at a time: put in order, and summed in the bins of a path."""

import numpy as np

from .._compile import Array, serial


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
    """As `bin_sums`, of sparse activity: row r holds ``values[starts[r]:starts[r + 1]]`` of these units."""
    for k in range(len(samples)):
        row, total, weight = rows[samples[k]], sums[bins[k]], weights[k]
        for spike in range(starts[row], starts[row + 1]):
            total[units[spike]] += weight * values[spike]
