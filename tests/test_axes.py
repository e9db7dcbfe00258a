"""Positions come with x first, whatever their holder's order."""

import numpy as np
import pytest

from sicgrid._axes import x_first

ROWS = np.arange(12.0).reshape(2, 2, 3)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["y", "x", "likelihood"], [1, 0]),
        (["x", "y", "z"], [0, 1]),
        (("z", "Y", "X"), [2, 1]),
        (np.array(["y", "z", "x"]), [2, 0]),
        (None, [0, 1, 2]),
        ([0, 1, 2], [0, 1, 2]),
        (["x", "x", "y"], [0, 1, 2]),
        (["y", "x"], [0, 1, 2]),
    ],
)
def test_columns_are_taken_by_their_names(names, columns):
    np.testing.assert_array_equal(x_first(ROWS, names), ROWS[..., columns])


def test_a_number_is_left_to_whoever_checks_shapes():
    assert x_first(np.array(3.0), None) == 3.0
