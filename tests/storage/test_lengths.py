"""Lengths as names: the shortest decimal that is the length exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicgrid.storage import by_length_name, length_name


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (2.0, "2"),
        (3, "3"),
        (1.5, "1.5"),
        (20.0, "20"),
        (0.5, "0.5"),
        (1.41421356, "1.41421356"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-7, "0.0000001"),
        (1234567.0, "1234567"),
        (np.float64(1.2345678), "1.2345678"),
        (np.float32(0.5), "0.5"),
        (np.float32(0.1), "0.10000000149011612"),
    ],
)
def test_names(length, name):
    assert length_name(length) == name


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False, exclude_min=True))
def test_a_name_is_the_length_exactly(length):
    assert float(length_name(length)) == length
    assert "e" not in length_name(length)


@given(st.integers(1, 200_000).map(lambda number: number / 10_000))
def test_sides_of_few_digits_keep_the_names_they_had(side):
    assert length_name(side) == f"{side:g}" or side < 1e-4


def test_entries_that_version_0_1_named_are_found():
    entries = {"2": "two", "1.41421": "root"}
    assert by_length_name(entries, [2.0, 1.41421356]) == {"2": "two", "1.41421356": "root"}
    assert by_length_name(entries, [2.0, 1.41421356, 1.41421]) == entries
    both = entries | {"1.41421356": "exact"}
    assert by_length_name(both, [1.41421356]) == both
