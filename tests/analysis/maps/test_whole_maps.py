import numpy as np
import pytest

from analysis import by_loops
from sicgrid.analysis.maps._autocorrelogram import half_autocorrelogram, half_by_fft
from sicgrid.analysis.maps._whole_maps import whole_half


def standardized(maps):
    return (maps - maps.mean(axis=(1, 2), keepdims=True)) / maps.std(axis=(1, 2), keepdims=True)


@pytest.mark.parametrize("shape", [(6, 9), (11, 8), (2, 3)])
def test_equals_the_loops(shape):
    maps = np.random.default_rng(0).random((3, *shape))
    found = whole_half(standardized(maps), 2, 1e-10)
    for one, rates in zip(found, maps, strict=True):
        expected = np.array(by_loops.autocorrelogram(rates.tolist(), 2))[shape[0] - 1 :]
        np.testing.assert_allclose(one, expected, atol=1e-9)


@pytest.mark.parametrize(("kind", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_equals_the_general_way(kind, tolerance):
    maps = np.random.default_rng(1).random((5, 40, 31)).astype(kind)
    maps[1, :, :20] = 0.3  # a part that is constant
    z = standardized(maps)
    flattest = {np.float64: 1e-10, np.float32: 1e-5}[kind]
    found, expected = whole_half(z, 20, flattest), half_by_fft(z, np.ones(z.shape, dtype=bool), 20)
    assert found.dtype == kind
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_single_precision_is_as_good_as_that_of_an_fft():
    """Within the lags that scores read: 1e-5 of a correlation, a thousandth of what two shuffles differ by."""
    maps = np.random.default_rng(2).random((8, 80, 80))
    single, double = half_autocorrelogram(maps.astype(np.float32)), half_autocorrelogram(maps)
    lag = np.hypot(np.arange(80)[:, None], np.arange(-79, 80))
    assert np.abs(single - double)[:, lag < 0.93 * 80].max() < 1e-5
