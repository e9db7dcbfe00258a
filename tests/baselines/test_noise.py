"""Smooth noise: nothing beyond chance."""

import numpy as np

from baselines.looking import code_maps
from sicgrid.analysis import find_modules
from sicgrid.baselines import NoiseConfig, baseline


def test_it_has_no_modules() -> None:
    maps = code_maps(baseline("noise").make(0, NoiseConfig(units=12)), 2.0)
    assert len(find_modules(maps, null_draws=99)) == 0


def test_a_place_has_its_activity_however_it_is_asked_for() -> None:
    code = baseline("noise").make(3, NoiseConfig(units=5)).code
    places = np.random.default_rng(0).uniform(-1, 1, (5000, 2))
    whole = code(places)
    # Up to rounding: a product of a few rows need not add in the order of one of many.
    np.testing.assert_allclose(code(places[4998:]), whole[4998:], rtol=1e-12, atol=1e-12)
    assert not np.array_equal(baseline("noise").make(4, NoiseConfig(units=5)).code(places), whole)
    # A rectified standard normal variable has mean 1 / sqrt(2 pi).
    assert abs(whole.mean() - 0.4) < 0.1
