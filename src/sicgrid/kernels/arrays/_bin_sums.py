"""Sums of activity in the bins of a path, in the order in which the activity lies in memory."""

from .._compile import Array, serial


@serial
def bin_sums(activity: Array, samples: Array, bins: Array, rows: Array, weights: Array, sums: Array) -> None:
    """Add ``weights[k] activity[rows[samples[k]]]`` to the sums (bin, unit) of ``bins[k]``, one sample after the other.

    In a null whose rows are those of the path moved in time this reads memory front to back; bin by bin every sample
    would be fetched from elsewhere.
    """
    for k in range(len(samples)):
        row, total, weight = activity[rows[samples[k]]], sums[bins[k]], weights[k]
        for unit in range(len(row)):
            total[unit] += weight * row[unit]
