"""Positions come with x first, whatever their holder's order."""

import numpy as np
import pandas as pd
import pytest

from sicgrid._axes import place_numbers, x_first

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


def test_a_table_of_positions_is_read_by_its_names():
    table = pd.DataFrame({"y": [2.0, 4.0], "x": [1.0, np.nan]})
    np.testing.assert_array_equal(place_numbers(table), [[1.0, 2.0], [np.nan, 4.0]])
    np.testing.assert_array_equal(place_numbers(table.to_numpy()), [[2.0, 1.0], [4.0, np.nan]])
