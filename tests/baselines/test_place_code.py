"""Place cells: one field a unit, no lattice."""

import numpy as np

from baselines.looking import code_maps
from sicgrid.analysis import find_modules, place_fields
from sicgrid.baselines import PlaceCodeConfig, baseline


def test_every_unit_has_one_field_and_none_a_module() -> None:
    maps = code_maps(baseline("place-code").make(0, PlaceCodeConfig(side=5, width_m=0.15)), 2.0)
    assert len(maps.maps) == 25
    assert place_fields(maps.maps).number.tolist() == [1] * 25
    assert len(find_modules(maps, null_draws=99)) == 0


def test_centers_tile_the_box_and_nothing_fires_outside() -> None:
    config = PlaceCodeConfig(side=6, box_m=1.5)
    weights = baseline("place-code").fit(config, 0, None)
    assert np.abs(weights["centers_m"]).max() < 0.75
    code = baseline("place-code").build(config, weights).code
    assert code(np.random.default_rng(0).uniform(-0.75, 0.75, (200, 2))).max(axis=1).min() > 0.1
    assert code(np.array([[1.5, 0.0]])).max() < 1e-6
