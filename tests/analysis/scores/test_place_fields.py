import numpy as np
import pytest

from analysis.populations import BIN, CENTERS, as_maps, module
from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.scores._place_fields import place_fields


@pytest.mark.parametrize("width", [0.1, 0.15, 0.25])
def test_one_gaussian_field_has_its_width_at_half_height(width) -> None:
    fields = place_fields(as_maps(synthetic_cells.place_cells(CENTERS, [[0.125, 0.225]], width)))
    assert fields.number.tolist() == [1]
    assert fields.single.tolist() == [True]
    # 2.355 s, s widened by the smoothing of one bin; the area is counted in whole bins.
    assert fields.diameter_m[0] == pytest.approx(2.355 * np.hypot(width, BIN), rel=0.05)
    np.testing.assert_allclose(fields.center_m[0, 0], [0.125, 0.225], atol=BIN)
    assert fields.coverage[0] == pytest.approx(np.pi * fields.diameter_m[0] ** 2 / 4 / 4)


def test_a_cut_off_field_is_counted_but_not_measured() -> None:
    fields = place_fields(as_maps(synthetic_cells.place_cells(CENTERS, [[-0.95, 0.95]], 0.15)))
    assert fields.number.tolist() == [1]
    assert not fields.whole.any()
    assert not fields.single.any()
    assert np.isnan(fields.diameter_m[0])


def test_a_field_at_an_unvisited_bin_is_not_whole() -> None:
    maps = as_maps(synthetic_cells.place_cells(CENTERS, [[0.125, 0.225]], 0.15))
    maps[:, 22, 26] = np.nan
    assert not place_fields(maps).whole.any()


def test_a_grid_cell_has_one_field_per_unit_cell() -> None:
    maps = module(np.random.default_rng(0), 0.5, 10, 3)
    fields = place_fields(maps)
    per_area = 4 / (np.sqrt(3) / 2 * 0.5**2)
    assert (np.abs(fields.number - per_area) <= 5).all()  # those cut by the walls come and go
    assert not fields.single.any()


def test_silent_and_unvisited_maps_have_no_field() -> None:
    fields = place_fields(np.stack([np.zeros((20, 20)), np.full((20, 20), np.nan)]))
    assert fields.number.tolist() == [0, 0]
    assert np.isnan(fields.diameter_m).all()
    assert fields.coverage[0] == 0
    assert np.isnan(fields.coverage[1])


def test_no_unit_at_all() -> None:
    assert len(place_fields(np.empty((0, 20, 20))).number) == 0


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"maps\[None\]"):
        place_fields(np.ones((20, 20)))
    with pytest.raises(ValueError, match="bin_size"):
        place_fields(np.ones((1, 20, 20)), bin_size=-1)
    with pytest.raises(ValueError, match="threshold"):
        place_fields(np.ones((1, 20, 20)), threshold=0)
