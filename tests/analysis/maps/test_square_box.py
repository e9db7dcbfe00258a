"""The box around a path."""

import numpy as np
import pytest

from sicgrid.analysis import square_box

CORNERS = np.array([[3.0, 5.0], [3.98, 5.3]])


def inside(low, high, count=5000, seed=0):
    """Places anywhere in a rectangle, its corners among them."""
    places = np.random.default_rng(seed).uniform(low, high, (count, 2))
    places[:2] = low, high
    return places


def test_smallest_square_of_whole_bins_around_the_center():
    boxed = square_box(CORNERS)
    assert boxed.arena == 1.0
    np.testing.assert_allclose(boxed.positions, [[-0.49, -0.15], [0.49, 0.15]], atol=1e-12)
    np.testing.assert_allclose(boxed.center, [3.49, 5.15])
    assert boxed.kept.all()


def test_a_hair_beyond_a_bin_opens_no_other():
    boxed = square_box([[0.0, 0.0], [1.0 + 1e-9, 0.5]])
    assert boxed.arena == 1.0
    assert np.abs(boxed.positions).max() == 0.5
    assert square_box([[0.0, 0.0], [1.002, 0.5]]).arena == pytest.approx(1.05)


@pytest.mark.parametrize("offset", [0.0, 7.5])
def test_glitches_make_no_box(offset):
    """Three strays in 30,000 samples made a box of 5 m of one of 1 m."""
    path = inside([-0.5, -0.5], [0.5, 0.5], 30_000)
    path[[100, 9000, 20_000]] = [[4.5, 0.0], [-0.3, 3.0], [2.0, -2.0]]
    boxed = square_box(path + offset)
    assert boxed.arena == 1.0
    np.testing.assert_allclose(boxed.center, [offset, offset], atol=1e-9)
    assert np.flatnonzero(~boxed.kept).tolist() == [100, 9000, 20_000]
    assert boxed.outside == 3
    assert len(boxed.positions) == 29_997


def test_two_sessions_share_the_frame_that_is_told():
    """The second animal never came near one wall; by its extent alone its frame would be 0.1 m off."""
    first, second = inside([0, 0], [1, 1], seed=1), inside([0.2, 0.0], [1.0, 1.0], seed=2)
    for told in ({"box": (0, 1, 0, 1)}, {"arena": 1.0}, {"arena": 1.0, "center": (0.5, 0.5)}):
        for path in (first, second):
            boxed = square_box(path, **told)
            assert boxed.arena == 1.0
            np.testing.assert_allclose(boxed.positions, path - 0.5, atol=1e-12)
    assert square_box(second).center[0] == pytest.approx(0.6)


def test_a_known_side_is_put_where_the_coordinates_have_it():
    centered, cornered = inside([-0.5, -0.3], [0.4, 0.5]), inside([0.1, 0.2], [0.9, 1.0])
    assert square_box(centered, arena=1.0).why == "its center at (0, 0)"
    assert square_box(cornered, arena=1.0).why == "its corner at (0, 0)"
    elsewhere = square_box(centered + 10, arena=1.0)
    assert "extent" in elsewhere.why
    np.testing.assert_allclose(elsewhere.center, [9.95, 10.1])
    # A stray sample neither moves the box nor refuses it.
    cornered[50] = [3.0, 0.5]
    assert square_box(cornered, arena=1.0).why == "its corner at (0, 0)"
    assert square_box(cornered, arena=1.0).outside == 1


@pytest.mark.parametrize(("box", "sides"), [((0, 2, 0, 1), (2, 1)), ((-1, 0, 2, 5), (1, 3))])
def test_a_rectangle_lies_in_the_middle_of_a_square(box, sides):
    path = inside([box[0], box[2]], [box[1], box[3]])
    path[10] = [box[1] + 0.3, box[3] + 0.3]
    boxed = square_box(path, box=box)
    assert boxed.arena == max(sides)
    np.testing.assert_allclose(np.ptp(boxed.positions, axis=0), sides)
    np.testing.assert_allclose(boxed.positions.max(axis=0), np.array(sides) / 2)
    assert boxed.outside == 1


def test_a_side_that_is_a_difference_is_called_by_its_length():
    path = [[2.55, -8.1], [3.0, -7.0], [3.95, -6.7]]
    assert 3.95 - 2.55 != 1.4
    assert square_box(path, box=(2.55, 3.95, -8.1, -6.7)).arena == 1.4


def test_on_the_wall_is_inside():
    path = inside([0, 0], [1, 1])
    path[::10, 0] = 1.0
    path[1::10, 1] = np.float32(1e-8)
    boxed = square_box(path, box=(0, 1, 0, 1))
    assert boxed.kept.all()


@pytest.mark.parametrize(
    ("positions", "options", "says"),
    [
        ([1.0, 2.0], {}, r"shape \(time, 2\)"),
        ([[1.0, np.nan]], {}, "finite"),
        ([[1.0, 2.0], [1.0, 2.0]], {}, "no extent"),
        (
            CORNERS,
            {"arena": 0.9},
            "2 of 2 positions lie outside the box of 0.9 m .* must be a side that holds the path",
        ),
        (inside([0, 0], [1.2, 1.0]), {"box": (0, 1, 0, 1)}, "lie outside the box of 1 m .*; box must be x0 x1 y0 y1"),
        (CORNERS, {"arena": 1.0, "center": (0, 0)}, "; arena and center must be the side and the middle of a box"),
        (CORNERS, {"arena": np.inf}, "must be a positive side"),
        (CORNERS, {"arena": "a"}, "arena must be a positive side in meters, .* got 'a'"),
        (CORNERS, {"bin_size": "a"}, "bin_size must be a positive side in meters, .* got 'a'"),
        (CORNERS, {"arena": 2.0, "center": "middle"}, "center must be x and y in meters, got 'middle'"),
        (CORNERS, {"box": "a"}, r"box must be \(x0, x1, y0, y1\) in meters, .* got 'a'"),
        (CORNERS, {"box": 3}, r"box must be .* got 3"),
        ([[0, 1], [2]], {}, r"positions must be finite and of shape \(time, 2\)"),
        (CORNERS, {"arena": -1.0}, "must be a positive side"),
        (CORNERS, {"bin_size": 0}, "bin_size must be positive"),
        (CORNERS, {"center": (0, 0)}, "center goes with arena"),
        (CORNERS, {"arena": 2.0, "center": (0, np.nan)}, "center must be x and y"),
        (CORNERS, {"arena": 2.0, "center": (0, 1, 2)}, "center must be x and y"),
        (CORNERS, {"box": (0, 1, 0, 1), "arena": 1.0}, "leave out arena and center"),
        (CORNERS, {"box": (1, 0, 0, 1)}, "x0 < x1 and y0 < y1"),
        (CORNERS, {"box": (0, 1, 0)}, "x0 < x1 and y0 < y1"),
    ],
)
def test_refusals(positions, options, says):
    with pytest.raises(ValueError, match=says):
        square_box(positions, **options)
