"""Spikes by sample: counted by hand, and in a loop."""

import tracemalloc

import numpy as np
import pytest

from sicgrid._clock import gaps, longest_bridged, shares_of_time, typical_interval
from sicgrid.analysis import BinnedSpikes, bin_spikes, rate_maps
from sicgrid.analysis.maps import bin_path


def test_by_hand_with_a_gap():
    # The usual interval is 1 s: the gap from 2 to 8 is claimed up to half of that on either side, the one of 2 s whole.
    spikes = [-0.6, -0.5, 0.49, 0.5, 2.4, 2.5, 7.4, 7.5, 9.9, 10.1, 11.49, 11.5]
    binned = bin_spikes([0, 1, 2, 8, 9, 11], spikes, [0, 0, 1] + [0] * 9)
    np.testing.assert_array_equal(binned.durations, [1, 1, 1, 1, 1.5, 1.5])
    np.testing.assert_array_equal(binned.counts, [[1, 1], [1, 0], [1, 0], [1, 0], [1, 0], [2, 0]])
    assert binned.left_out == 4
    np.testing.assert_allclose(binned.activity.toarray(), binned.counts / binned.durations[:, None])


def test_no_spike_is_lost_or_counted_twice():
    generator = np.random.default_rng(0)
    times = np.cumsum(generator.uniform(0.1, 0.5, 300))
    spikes, units = generator.uniform(-5, times[-1] + 5, 2000), generator.integers(0, 4, 2000)
    binned = bin_spikes(times, spikes, units, 6)
    assert binned.counts.sum() + binned.left_out == 2000
    expected = np.zeros((300, 6), dtype=int)
    usual = typical_interval(times)  # no interval is a tenth of it, nor five times it
    for spike, unit in zip(spikes, units, strict=True):
        nearest = int(np.argmin(np.abs(times - spike)))
        outside = max(times[0] - spike, spike - times[-1])
        expected[nearest, unit] += outside < usual / 2
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
        (([0, 1, 1], [0.5], [0]), "times must be increasing seconds, got 1 as number 2 of 3 after 1"),
        (([0, np.nan, 1], [0.5], [0]), "got nan as number 1 of 3"),
        ((np.arange(3).astype("datetime64[s]"), [0.5], [0]), "both be seconds, both dates .* got arrays of datetime64"),
        (([0], [0.5], [0]), "times must be at least 2"),
        ((["0", "1"], [0.5], [0]), "times must be real numbers, got"),
        (([0, 1], [0.5, 0.6], [0]), "lists of one length"),
        (([0, 1], [0.5], [0.5]), "whole numbers"),
        (([0, 1], [0.5], [3], 2), "in 0 to 1, found 3 to 3"),
        (([0, 1], [0.5], [-1]), "found -1"),
    ],
)
def test_refusals(arguments, says):
    with pytest.raises(ValueError, match=says):
        bin_spikes(*arguments)


@pytest.mark.parametrize(
    ("samples", "units", "says"),
    [
        ([0, 3], [0, 0], "samples must be in 0 to 2, found 0 to 3"),
        ([-1, 0], [0, 0], "samples must be in 0 to 2, found -1 to 0"),
        ([0, 0], [0, 10**9], "units must be in 0 to 1, found 0 to 1000000000"),
        ([0, 0], [0], "alike in shape"),
    ],
)
def test_spikes_of_nowhere_are_refused(samples, units, says):
    with pytest.raises(ValueError, match=says):
        BinnedSpikes(np.array(samples), np.array(units), np.ones(3), 2, 0)


@pytest.mark.parametrize("unit", ["datetime64[ms]", "timedelta64[ms]"])
def test_dates_and_durations_are_taken_in_seconds(unit):
    times, spikes = np.arange(0, 4000, 20), np.array([100, 110, 2500])
    plain = bin_spikes(times / 1e3, spikes / 1e3, [0, 0, 1])
    dated = bin_spikes(times.astype(unit), spikes.astype(unit), [0, 0, 1])
    np.testing.assert_array_equal(dated.samples, plain.samples)
    np.testing.assert_allclose(dated.durations, plain.durations)
    assert bin_spikes(times.astype(unit), [], []).left_out == 0
    with pytest.raises(ValueError, match="spike_times must be real numbers"):
        bin_spikes(times.astype(unit), np.ma.masked_array(spikes.astype(unit), [0, 1, 0]), [0, 0, 1])


def clocks():
    """Clocks of 60 s whose samples were delivered as cameras do."""
    generator = np.random.default_rng(3)
    even = np.arange(0, 60, 0.02)
    return {
        "even": even,
        "pairs": np.sort(np.concatenate([even[::2], even[::2] + 0.0005])),
        "bursts of ten": np.sort((even[::10, None] + 0.0003 * np.arange(10)).ravel()),
        "late frames": np.sort(even + np.where(generator.random(len(even)) < 0.1, 0.019, 0.0)),
        "dropped frames": even[generator.random(len(even)) > 0.1],
        "fast, then slow": np.concatenate([np.arange(0, 30, 0.005), np.arange(30, 60, 0.04)]),
        "fast, then at a tenth of it": np.concatenate([np.arange(0, 30, 0.02), np.arange(30, 60, 0.2)]),
        "fast, then at five intervals": np.concatenate([np.arange(0, 30, 0.02), np.arange(30, 60, 0.1)]),
        "slow for a while": np.concatenate([even[:1000], np.arange(20, 40, 0.2), even[2000:]]),
        "even, then pairs far apart": np.concatenate(
            [even[:1000], np.sort(np.concatenate([np.arange(20, 60, 0.2), np.arange(20, 60, 0.2) + 0.001]))]
        ),
        "even, then bursts of fifteen": np.concatenate(
            [even[:1500], np.sort((np.arange(30, 60, 0.2)[:, None] + 0.0003 * np.arange(15)).ravel())]
        ),
    }


@pytest.mark.parametrize("name", clocks())
def test_no_clock_of_a_camera_loses_spikes_or_time(name):
    times = clocks()[name]
    spikes = np.random.default_rng(0).uniform(0.1, 59.5, 4000)
    binned = bin_spikes(times, spikes, np.zeros(4000, dtype=int))
    assert binned.left_out == 0
    assert len(binned.samples) == 4000
    assert binned.durations.sum() == pytest.approx(60, abs=0.25)
    assert (binned.durations > 0).all()
    shares = shares_of_time(times)
    assert (shares.end[:-1] <= shares.begin[1:] + 1e-12).all()
    # The longest stretch of a sample is that of the camera's slowest moment, not of a gap.
    assert binned.durations.max() < 0.21


def test_a_faster_stretch_is_no_bunch_of_frames():
    """Its samples, each nearer to the next than a tenth of what is typical, once shared 120 s: 20 s off their times."""
    fast = np.concatenate([np.arange(0, 60, 0.01), np.arange(60, 120, 0.005)])
    times = np.concatenate([np.arange(0, 1200, 0.2), 1200 + fast])
    shares = shares_of_time(times)
    assert (shares.begin <= times).all()
    assert (times <= shares.end).all()
    assert shares.seconds.sum() == pytest.approx(1320, abs=0.3)


def test_gaps_are_found_where_the_camera_was_slow_and_where_it_was_not():
    even, slow = np.arange(0, 60, 0.02), np.arange(60, 120, 0.2)
    lost = {"while it was fast": (30, 30.6), "while it was slow": (90.1, 91.5), "of frames": (40, 40.2)}
    times = np.concatenate([even, slow])
    kept = ~np.logical_or.reduce([(times > low) & (times < high) for low, high in lost.values()])
    np.testing.assert_allclose(np.diff(times[kept])[gaps(times[kept])], [0.6, 0.2, 1.6])
    # Tracking that comes and goes is not a slower camera: of every 10 frames 7 are lost in a row for half a minute.
    flickers = even[(even < 10) | (even > 40) | (np.arange(len(even)) % 10 < 3)]
    assert gaps(flickers).sum() == np.count_nonzero(np.diff(flickers) > 0.1) > 100
    # Nor is a sample a minute: nobody knows where the animal was.
    assert gaps(np.concatenate([even, 60 + 60 * np.arange(1.0, 50)])).sum() == 49


@pytest.mark.parametrize("gap", [0.6, 5.0, 600.0])
@pytest.mark.parametrize("pairs", [False, True])
def test_a_gap_belongs_to_nobody(gap, pairs):
    times = np.arange(0, 20, 0.02)
    if pairs:
        times = np.sort(np.concatenate([times[::2], times[::2] + 0.001]))
    half = len(times) // 2
    times = np.concatenate([times[:half], times[half:] + gap])
    assert longest_bridged(times) < 0.6
    middle = times[half - 1] + gap / 2
    binned = bin_spikes(times, [middle, times[half - 1], times[half]], [0, 0, 0])
    assert binned.left_out == 1
    assert binned.durations.sum() == pytest.approx(20, abs=0.1)


def test_spikes_stay_spikes():
    """A million samples by 2,000 units would be 16 GB as numbers."""
    times, generator = np.arange(1_000_000) / 50, np.random.default_rng(0)
    binned = bin_spikes(times, generator.uniform(0, 19_999, 50_000), generator.integers(0, 2000, 50_000), 2000)
    tracemalloc.start()
    activity = binned.activity
    found = rate_maps(np.stack([times % 1, (times / 7) % 1], axis=1), activity, np.linspace(0, 1, 11), binned.durations)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert activity.nnz <= 50_000
    assert found.maps.shape == (2000, 10, 10)
    assert peak < 200e6


def test_rates_of_spikes_in_any_order_are_a_plain_sparse_array():
    generator = np.random.default_rng(1)
    spikes, units = generator.uniform(0, 50, 400), generator.integers(0, 3, 400)
    rates = bin_spikes(np.arange(51.0), spikes, units).activity
    assert rates.has_canonical_format  # several spikes of a unit in one sample are one number
    assert rates.nnz < 400
    np.testing.assert_array_equal(rates.toarray().sum(axis=0), np.bincount(units))


@pytest.mark.parametrize("source", [None, np.roll(np.arange(40), 7)])
def test_spikes_and_their_rates_written_out_have_one_map(source):
    generator = np.random.default_rng(2)
    times = np.cumsum(generator.uniform(0.5, 1.5, 40))
    binned = bin_spikes(times, generator.uniform(0, times[-1], 300), generator.integers(0, 5, 300), 6)
    path = bin_path(generator.uniform(0, 1, (40, 2)), np.linspace(0, 1, 4), binned.durations)
    rates = binned.counts / binned.durations[:, None]
    np.testing.assert_allclose(path.average(binned.activity, source), path.average(rates, source), rtol=1e-12)


def test_spikes_are_looked_up_wherever_the_one_before_was():
    """Against a search through all samples, for lists in time, against it and in none, with gaps and spikes outside."""
    generator = np.random.default_rng(3)
    times = np.cumsum(np.where(generator.random(500) < 0.02, 30.0, generator.uniform(0.9, 1.1, 500)))
    shares = shares_of_time(times)
    spikes = generator.uniform(times[0] - 20, times[-1] + 20, 3000)
    for order in (np.argsort(spikes), np.argsort(-spikes), np.arange(3000)):
        listed = spikes[order]
        sample = np.searchsorted(shares.begin, listed, side="right") - 1
        inside = (sample >= 0) & (listed < shares.end[np.maximum(sample, 0)])
        binned = bin_spikes(times, listed, np.zeros(3000, int))
        assert 0 < binned.left_out == np.count_nonzero(~inside)
        np.testing.assert_array_equal(np.sort(sample[inside]), binned.samples)
    assert bin_spikes(times, [np.nan], [0]).left_out == 1
