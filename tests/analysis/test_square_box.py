"""The box around a path."""

import numpy as np
import pytest

from sicgrid.analysis import square_box

CORNERS = np.array([[3.0, 5.0], [3.98, 5.3]])


def test_smallest_square_of_whole_bins_around_the_center():
    positions, arena = square_box(CORNERS)
    assert arena == 1.0
    np.testing.assert_allclose(positions, [[-0.49, -0.15], [0.49, 0.15]], atol=1e-12)


def test_a_hair_beyond_a_bin_opens_no_other():
    positions, arena = square_box([[0.0, 0.0], [1.0 + 1e-9, 0.5]])
    assert arena == 1.0
    assert np.abs(positions).max() == 0.5
    assert square_box([[0.0, 0.0], [1.002, 0.5]]).arena == pytest.approx(1.05)


def test_a_known_side():
    assert square_box(CORNERS, arena=2.0).arena == 2.0


@pytest.mark.parametrize(
    ("positions", "options", "says"),
    [
        ([1.0, 2.0], {}, r"shape \(time, 2\)"),
        ([[1.0, np.nan]], {}, "finite"),
        ([[1.0, 2.0], [1.0, 2.0]], {}, "no extent"),
        (CORNERS, {"arena": 0.9}, "spans 0.98 m; got 0.9"),
        (CORNERS, {"arena": np.inf}, "must be a side"),
        (CORNERS, {"bin_size": 0}, "bin_size must be positive"),
    ],
)
def test_refusals(positions, options, says):
    with pytest.raises(ValueError, match=says):
        square_box(positions, **options)
