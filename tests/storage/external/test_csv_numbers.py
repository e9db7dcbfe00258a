"""The fast parser reads what the careful one reads, or leaves it to that."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sicgrid.storage import UserError
from sicgrid.storage.external._csv_numbers import DecimalMark, numbers_at_once

CELLS = ["", "nan", "1", "-2.5", "1e3", ".5", "0,5", "1_0", " 7 ", '"8"', "x", "1,234", "inf", "0x10"]


@given(st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=2), min_size=1, max_size=4), st.booleans())
def test_fast_equals_careful(rows, commas):
    fast, careful = DecimalMark(Path("a.csv")), DecimalMark(Path("a.csv"))
    fast.commas = fast.clear = careful.commas = careful.clear = commas
    at_once = numbers_at_once([";".join(row) + "\n" for row in rows], ";", fast)
    if at_once is None:
        return
    bare = [[cell.strip().strip('"') for cell in row] for row in rows]
    expected = [[careful.number(cell, 1, "x") for cell in row] for row in bare]
    np.testing.assert_array_equal(at_once, expected)
    assert (fast.points, fast.commas) == (careful.points, careful.commas)


def test_the_fast_parser_is_used_for_plain_tables_with_gaps():
    mark = DecimalMark(Path("a.csv"))
    found = numbers_at_once(["1,,3\n", ",,4\n", "5,6,\n"], ",", mark)
    np.testing.assert_array_equal(found, [[1, np.nan, 3], [np.nan, np.nan, 4], [5, 6, np.nan]])


def test_both_marks_in_one_file_are_refused():
    mark = DecimalMark(Path("a.csv"))
    assert mark.number("1.5", 2, "t") == 1.5
    with pytest.raises(UserError, match="line 3: column t holds '1,5', but the file has decimal points and commas"):
        mark.number("1,5", 3, "t")
    assert mark.notes() == []


def test_a_column_at_once_and_cell_by_cell():
    mark = DecimalMark(Path("a.csv"))
    np.testing.assert_array_equal(mark.column(["1.5", "2"], [2, 3], "t"), [1.5, 2])
    np.testing.assert_array_equal(mark.column(["1.5", ""], [2, 3], "t"), [1.5, np.nan])
    with pytest.raises(UserError, match="line 3"):
        mark.column(["1.5", "2,5"], [2, 3], "t")
