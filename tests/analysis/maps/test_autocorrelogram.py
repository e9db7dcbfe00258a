import numpy as np
import pytest

from analysis import by_loops
from sicgrid.analysis import autocorrelogram
from sicgrid.analysis.maps._autocorrelogram import full_autocorrelogram, half_autocorrelogram


@pytest.mark.parametrize("shape", [(6, 9), (11, 8)])
@pytest.mark.parametrize("holes", [0, 7])
def test_equals_the_loops(shape, holes):
    generator = np.random.default_rng(holes)
    rates = generator.random(shape)
    rates.flat[generator.choice(rates.size, holes, replace=False)] = np.nan
    np.testing.assert_allclose(autocorrelogram(rates, 5), by_loops.autocorrelogram(rates.tolist(), 5), atol=1e-9)


def test_where_an_overlap_is_constant_there_is_no_correlation():
    rates = np.zeros((12, 12))
    rates[2:5, 3:6] = np.random.default_rng(0).random((3, 3))
    found, expected = autocorrelogram(rates), np.array(by_loops.autocorrelogram(rates.tolist(), 20))
    assert np.isnan(expected[11 + 7, 11])  # overlaps of the empty part with something
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_periodic_map_is_one_at_its_periods():
    x, y = np.meshgrid(np.arange(20), np.arange(20), indexing="ij")
    found = autocorrelogram(np.cos(2 * np.pi * x / 5) + np.cos(2 * np.pi * y / 10))
    assert found.shape == (39, 39)
    np.testing.assert_allclose(found[19 + np.array([0, 5, -10, 5]), 19 + np.array([0, 0, 0, 10])], 1.0, atol=1e-9)
    assert found[19 + 5, 19 + 5] < 0.1


def test_symmetric_and_unmoved_by_scale_and_offset():
    maps = np.random.default_rng(2).random((2, 3, 14, 10))
    found = autocorrelogram(maps)
    assert found.shape == (2, 3, 27, 19)
    np.testing.assert_allclose(found, found[..., ::-1, ::-1], atol=1e-12)
    np.testing.assert_allclose(found, autocorrelogram(1e4 + 3e-3 * maps), atol=1e-6)
    np.testing.assert_allclose(found[1, 2], autocorrelogram(maps[1, 2]), atol=1e-12)


def test_maps_with_different_holes_can_be_done_together():
    maps = np.random.default_rng(3).random((3, 12, 12))
    maps[0, 3, 4] = maps[2, 0, 0] = np.nan
    together = autocorrelogram(maps)
    for one, alone in zip(maps, together, strict=True):
        np.testing.assert_allclose(alone, autocorrelogram(one), atol=1e-12)


def test_too_little_overlap_and_constant_maps_are_nan():
    found = autocorrelogram(np.random.default_rng(4).random((10, 10)), min_overlap=20)
    assert np.isnan(found[0, 0])
    assert np.isnan(found[9 + 6, 9 + 6])  # 16 bins overlap
    assert np.isfinite(found[9 + 5, 9 + 6])  # 20 bins
    assert np.isnan(autocorrelogram(np.full((10, 10), 0.1))).all()
    assert np.isnan(autocorrelogram(np.full((10, 10), np.nan))).all()


def test_single_precision_is_good_enough_for_nulls():
    maps = np.random.default_rng(5).random((4, 40, 40))
    difference = half_autocorrelogram(maps.astype(np.float32)) - half_autocorrelogram(maps)
    assert np.nanmax(np.abs(difference)) < 1e-3


@pytest.mark.parametrize(
    ("rates", "overlap", "says"),
    [
        (np.zeros(5), 20, r"\(5,\)"),
        (np.zeros((5, 1)), 20, "2 bins a side"),
        (np.full((5, 5), np.inf), 20, "infinite"),
        (np.zeros((5, 5)), 1, "min_overlap"),
    ],
)
def test_bad_input_is_named(rates, overlap, says):
    with pytest.raises(ValueError, match=says):
        autocorrelogram(rates, overlap)


def test_one_half_makes_the_other_also_of_a_map_that_is_not_square():
    half = half_autocorrelogram(np.random.default_rng(7).random((2, 4, 6)), min_overlap=2)
    full = full_autocorrelogram(half)
    assert full.shape == (2, 7, 11)
    np.testing.assert_array_equal(full[:, 3:], half)
    for x in range(7):
        for y in range(11):
            np.testing.assert_array_equal(full[:, x, y], full[:, 6 - x, 10 - y])
