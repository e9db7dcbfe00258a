"""Paths, activities and spikes from CSV files."""

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage._foreign_csv import read_csv


def write(path, text):
    path.write_text(text)
    return path


def test_columns_in_any_order_and_empty_cells(tmp_path):
    found = read_csv(write(tmp_path / "p.csv", "\ufeffy, t,x\n2,0.5,1\n,1.0,nan\n"))
    np.testing.assert_array_equal(found["times"], [0.5, 1.0])
    np.testing.assert_array_equal(found["positions"], [[1, 2], [np.nan, np.nan]])
    assert set(found) == {"times", "positions"}


def test_further_columns_are_activities(tmp_path):
    found = read_csv(write(tmp_path / "p.csv", "t,x,y,a,b\n0,1,2,3,4\n1,1,2,5,6\n"))
    np.testing.assert_array_equal(found["activity"], [[3, 4], [5, 6]])
    assert found["units"].tolist() == ["a", "b"]


@pytest.mark.parametrize(("cells", "labels"), [(("10", "9"), [10, 9]), (("10", "a"), ["10", "a"])])
def test_units_of_spikes_are_numbers_where_all_are(tmp_path, cells, labels):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    spikes = write(tmp_path / "s.csv", "unit,t\n" + "".join(f"{cell},0.5\n" for cell in cells))
    assert read_csv(path, spikes)["spike_units"].tolist() == labels


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks the columns t, x, y"),
        ("t,x\n0,1\n", "lacks the column y: its first line must name t, x, y"),
        ("t,x,y\n0,1\n", "line 2: 2 cells, but the first line names 3"),
        ("t,x,y\n0,1,2\n0,left,2\n", "line 3: column x must be a number, found 'left'"),
        ("t,x,y,x\n0,1,2,3\n", "stands twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, says):
    with pytest.raises(UserError, match=says):
        read_csv(write(tmp_path / "p.csv", text))


def test_a_binary_file(tmp_path):
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UserError, match="not a CSV file"):
        read_csv(tmp_path / "p.csv")


def test_spikes_without_their_columns(tmp_path):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    with pytest.raises(UserError, match="lacks the column unit: its first line must name unit, t"):
        read_csv(path, write(tmp_path / "s.csv", "cell,t\n1,2\n"))
