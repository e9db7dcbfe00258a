import itertools

import numpy as np
import pytest

from sicgrid.findings._intervals import Interval, confidence, differences, interval, ratios


def exact_interval(values):
    """Quantiles over all n^n equally likely resamples of the seeds: what the bootstrap draws from."""
    medians = sorted(float(np.median(chosen)) for chosen in itertools.product(values, repeat=len(values)))
    return tuple(float(np.quantile(medians, q)) for q in (0.025, 0.975))


@pytest.mark.parametrize("values", [[3.0, 1.0, 2.0], [1.0, 4.0, 2.0, 8.0], [5.0, 1.0, 2.0, 9.0, 3.0]])
def test_it_is_the_median_with_the_middle_of_all_resamples(values):
    found = interval(values)
    assert found.median == np.median(values)
    assert (found.low, found.high) == pytest.approx(exact_interval(values))
    assert found.seeds == len(values)
    assert interval(values) == found


def test_few_values():
    assert interval([np.nan])[3] == 0
    assert interval([2.0])[0] == 2.0
    assert np.isnan(interval([2.0]).low)
    assert interval([2.0, 2.0, np.nan]) == Interval(2.0, 2.0, 2.0, 2)


def test_no_interval_of_the_range_is_right_more_often_than_said():
    """The widest such interval, the whole range, by simulation against the true median 0."""
    generator = np.random.default_rng(0)
    for seeds in (2, 3, 5):
        values = generator.normal(size=(40_000, seeds))
        right = ((values.min(axis=1) < 0) & (values.max(axis=1) > 0)).mean()
        assert confidence(seeds) == pytest.approx(right, abs=0.01)
    assert confidence(1) == 0
    assert confidence(20) == 0.95


def test_above_needs_the_whole_interval():
    middle = Interval(2.0, 1.0, 3.0, 3)
    assert [middle.above(bound) for bound in (0.5, 1.0, 2.0, 3.0, 4.0)] == [True, None, None, False, False]
    assert Interval(np.nan, np.nan, np.nan, 0).above(0) is None
    assert Interval(5.0, np.nan, np.nan, 1).above(0) is None


def test_seeds_are_compared_with_themselves():
    assert differences({0: 3.0, 1: 5.0, 2: 1.0}, {1: 2.0, 0: 1.0}) == [2.0, 3.0]
    assert ratios({0: 3.0, 1: 5.0, 2: 1.0}, {0: 6.0, 1: 0.0}) == [0.5]
