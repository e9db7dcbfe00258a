import numpy as np
import pytest

from analysis import by_loops
from sicgrid.analysis import spatial_information


def test_equals_the_loops():
    generator = np.random.default_rng(0)
    rates, occupancy = generator.random((3, 6, 7)), generator.integers(0, 9, (6, 7)).astype(float)
    rates[:, 2, 2] = 0
    rates[:, occupancy == 0] = np.nan
    expected = [by_loops.spatial_information(one.tolist(), occupancy.tolist()) for one in rates]
    np.testing.assert_allclose(spatial_information(rates, occupancy), expected, rtol=1e-12)


def test_closed_forms():
    occupancy = np.ones((8, 8))
    eighth = np.zeros((8, 8))
    eighth[3] = 5.0
    assert spatial_information(eighth, occupancy) == pytest.approx(3.0)  # log2 of 8 equal parts
    assert spatial_information(np.full((8, 8), 0.3), occupancy) == pytest.approx(0.0)
    assert np.isnan(spatial_information(np.zeros((8, 8)), occupancy))


def test_scale_and_time_units_do_not_matter():
    rates, occupancy = np.random.default_rng(1).random((2, 5, 5))
    assert spatial_information(7 * rates, 0.02 * occupancy) == pytest.approx(
        float(spatial_information(rates, occupancy))
    )


@pytest.mark.parametrize(
    ("rates", "occupancy", "says"),
    [
        (np.ones((4, 5)), np.ones((5, 4)), "shape"),
        (np.ones((4, 4)), np.zeros((4, 4)), "all zero"),
        (-np.ones((4, 4)), np.ones((4, 4)), "negative"),
    ],
)
def test_bad_input_is_named(rates, occupancy, says):
    with pytest.raises(ValueError, match=says):
        spatial_information(rates, occupancy)
