import math

import numba
import numpy as np
import pytest

from sicgrid.kernels._exp import exp_negative


@numba.njit
def exp_of(values):
    result = np.empty_like(values)
    for i in range(len(values)):
        result[i] = exp_negative(values[i])
    return result


def test_float32_stays_within_its_stated_error():
    x = -np.concatenate([np.linspace(0, 1, 5001), np.geomspace(1e-8, 80, 5001)]).astype(np.float32)
    exact = np.exp(x.astype(np.float64))
    assert (np.abs(exp_of(x) / exact - 1) <= 2e-7 * (1 + np.abs(x))).all()
    assert exp_of(np.zeros(1, np.float32))[0] == 1


def test_float64_is_the_library_s():
    x = -np.linspace(0, 700, 1001)
    np.testing.assert_allclose(exp_of(x), np.exp(x), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_positive_arguments_count_as_zero_and_nan_stays(dtype):
    # Rounding can put a distance of coincident states below zero; a diverged network must not turn into numbers.
    values = exp_of(np.array([1e-6, 3.0, math.nan, -math.inf], dtype))
    assert values[:2].tolist() == [1, 1]
    assert math.isnan(values[2])
    assert values[3] == 0
