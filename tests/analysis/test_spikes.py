"""Spikes by sample: counted by hand, and in a loop."""

import numpy as np
import pytest

from sicgrid.analysis import bin_spikes


def test_by_hand_with_a_gap():
    # Median interval 1: the gap from 2 to 6 is claimed up to 1 s on either side.
    binned = bin_spikes([0, 1, 2, 6, 7], [-0.6, -0.5, 0.49, 0.5, 2.9, 3.0, 4.9, 5.0, 7.49, 7.5], [0, 0, 1] + [0] * 7)
    np.testing.assert_array_equal(binned.durations, [1, 1, 1.5, 1.5, 1])
    np.testing.assert_array_equal(binned.counts, [[1, 1], [1, 0], [1, 0], [1, 0], [1, 0]])
    np.testing.assert_allclose(binned.rates, binned.counts / np.array([[1, 1, 1.5, 1.5, 1]]).T)
    assert binned.left_out == 4


def test_no_spike_is_lost_or_counted_twice():
    generator = np.random.default_rng(0)
    times = np.cumsum(generator.uniform(0.01, 0.5, 300))
    spikes, units = generator.uniform(-5, times[-1] + 5, 2000), generator.integers(0, 4, 2000)
    binned = bin_spikes(times, spikes, units, 6)
    assert binned.counts.sum() + binned.left_out == 2000
    expected = np.zeros((300, 6), dtype=int)
    usual = np.median(np.diff(times))
    for spike, unit in zip(spikes, units, strict=True):
        nearest = int(np.argmin(np.abs(times - spike)))
        reach = usual / 2 if spike < times[0] or spike > times[-1] else usual
        expected[nearest, unit] += abs(times[nearest] - spike) < reach
    np.testing.assert_array_equal(binned.counts, expected)


def test_order_of_spikes_does_not_matter():
    one = bin_spikes([0, 1, 2], [0.1, 1.2, 1.9], [0, 1, 0])
    other = bin_spikes([0, 1, 2], [1.9, 0.1, 1.2], [0, 0, 1])
    np.testing.assert_array_equal(one.counts, other.counts)


def test_no_spikes():
    assert bin_spikes([0, 1, 2], [], [], 2).counts.tolist() == [[0, 0]] * 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([0, 1, 1], [0.5], [0]), "times must be at least 2 increasing"),
        (([0], [0.5], [0]), "times must be at least 2"),
        (([0, 1], [0.5, 0.6], [0]), "lists of one length"),
        (([0, 1], [0.5], [0.5]), "whole numbers"),
        (([0, 1], [0.5], [3], 2), "in 0 to 1, found 3 to 3"),
        (([0, 1], [0.5], [-1]), "found -1"),
    ],
)
def test_refusals(arguments, says):
    with pytest.raises(ValueError, match=says):
        bin_spikes(*arguments)
