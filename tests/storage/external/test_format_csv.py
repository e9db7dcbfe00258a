"""Paths, activities and spikes from CSV files, in every dialect that writes them."""

import numpy as np
import pytest

from sicgrid.storage import UserError, read_external_recording
from sicgrid.storage.external import _format_csv
from sicgrid.storage.external._formats import Request, formats


def read_csv(path, second=None, **options):
    return formats()[".csv"].read(Request(path, second, **options))


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def spike_trains(recording):
    return {
        label: recording.spike_times[recording.spike_units == unit].tolist()
        for unit, label in enumerate(recording.labels)
    }


def test_columns_in_any_order_and_empty_cells(tmp_path):
    found = read_csv(write(tmp_path / "p.csv", "\ufeffy, t,x\n2,0.5,1\n,1.0,nan\n"))
    np.testing.assert_array_equal(found.times, [0.5, 1.0])
    np.testing.assert_array_equal(found.positions, [[1, 2], [np.nan, np.nan]])
    assert found.activity is None
    assert found.labels is None
    assert found.notes == []


def test_further_columns_are_activities(tmp_path):
    path = write(tmp_path / "p.csv", "t,x,y,a,b\n0,1,2,3,4\n1,1,2,5,6\n")
    found = read_csv(path)
    np.testing.assert_array_equal(found.activity, [[3, 4], [5, 6]])
    assert found.labels == ["a", "b"]
    assert found.notes == ["further columns are the activity of a unit each: a, b"]  # be they speed and heading
    assert read_csv(path, path_only=True).activity is None


DIALECTS = {
    "semicolons and decimal commas": ("t;x;y;1_1\n0,5;-1,25;2,0;1e-1\n1;0,5;,5;2,5e1\n", "utf-8"),
    "tabs and decimal commas": ("t\tx\ty\t1_1\n0,5\t-1,25\t2,0\t1e-1\n1\t0,5\t,5\t2,5e1\n", "utf-8"),
    "quoted decimal commas": ('t,x,y,1_1\n"0,5","-1,25",2,1e-1\n1,"0,5","0,5","2,5e1"\n', "utf-8"),
    "tabs": ("t\tx\ty\t1_1\n0.5\t-1.25\t2.0\t0.1\n1\t0.5\t.5\t25\n", "utf-8"),
    "UTF-16": ("t;x;y;1_1\n0.5;-1.25;2.0;0.1\n1;0.5;.5;25\n", "utf-16"),
    "UTF-16 without its mark": ("t,x,y,1_1\n0.5,-1.25,2.0,0.1\n1,0.5,.5,25\n", "utf-16-le"),
    "UTF-16 of the other order": ("t,x,y,1_1\n0.5,-1.25,2.0,0.1\n1,0.5,.5,25\n", "utf-16-be"),
    "capitals, spaces, CRLF": ("T, X, Y, 1_1\r\n0.5, -1.25, 2.0, 0.1\r\n1, 0.5, .5, 25\r\n", "utf-8"),
    "time in full": ("Time,X,Y,1_1\n0.5,-1.25,2.0,0.1\n1,0.5,.5,25\n", "utf-8"),
    "quotes": ('"t","x","y","1_1"\n"0.5","-1.25","2.0","0.1"\n1,"0.5", ".5",25', "utf-8-sig"),
    "blank lines and empty rows": ("\n \nt,x,y,1_1\n\n0.5,-1.25,2.0,0.1\n  \n,,,\n1,0.5,.5,25\n\n,,,\n", "utf-8"),
    "a line that names the separator": ("sep=;\nt;x;y;1_1\n0.5;-1.25;2.0;0.1\n1;0.5;.5;25\n", "utf-8"),
    "an empty last column": ("t,x,y,1_1,\n0.5,-1.25,2.0,0.1,\n1,0.5,.5,25,\n", "utf-8"),
}


@pytest.mark.parametrize("lines", [1, 50_000])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_the_same(tmp_path, monkeypatch, dialect, lines):
    monkeypatch.setattr(_format_csv, "LINES", lines)
    found = read_csv(write(tmp_path / "p.csv", *DIALECTS[dialect]))
    np.testing.assert_array_equal(found.times, [0.5, 1])
    np.testing.assert_array_equal(found.positions, [[-1.25, 2], [0.5, 0.5]])
    np.testing.assert_array_equal(found.activity, [[0.1], [25]])
    assert found.labels == ["1_1"]
    commas = ["numbers of p.csv were read with a decimal comma"] * ("comma" in dialect)
    assert found.notes == [*commas, "further columns are the activity of a unit each: 1_1"]


@pytest.mark.parametrize("empty", ["", "nan", "NA", "null"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_lost_samples_in_every_place(tmp_path, empty, mark):
    rows = [["0.5", "1", "2", "3"], ["1", empty, empty, "4"], ["2", "5", empty, "6"], ["3", "1", "2", empty]]
    found = read_csv(write(tmp_path / "p.csv", "\n".join(mark.join(row) for row in [["t", "x", "y", "a"], *rows])))
    nan = np.nan
    np.testing.assert_array_equal(found.times, [0.5, 1, 2, 3])
    np.testing.assert_array_equal(found.positions, [[1, 2], [nan, nan], [5, nan], [1, 2]])
    np.testing.assert_array_equal(found.activity, [[3], [4], [6], [nan]])


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["10", "9"], ["9", "10"]),
        (["10", "a"], ["10", "a"]),
        (["1_1", "1_12", "11_2"], ["1_1", "1_12", "11_2"]),
        (["1", "01", "1.0"], ["01", "1", "1.0"]),
        (["T10", "T9", " T9 ", '"T9"'], ["T9", "T10"]),
        (["-1", "é"], ["-1", "é"]),
    ],
)
def test_a_unit_is_the_text_of_its_cell(tmp_path, cells, labels):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    spikes = write(tmp_path / "s.csv", "unit,t\n" + "".join(f"{cell},{at}\n" for at, cell in enumerate(cells)))
    found = read_csv(path, spikes)
    assert found.labels == labels
    names = [cell.strip().strip('"') for cell in cells]
    assert spike_trains(found) == {label: [at for at, name in enumerate(names) if name == label] for label in labels}


@pytest.mark.parametrize(
    ("columns", "cells", "labels", "named_by"),
    [
        ("tetrode", ["0,1", "1,1", "0,2", "1,2"], ["tetrode1 0", "tetrode1 1", "tetrode2 0", "tetrode2 1"], "tetrode"),
        ("Shank", ["0,a", "1,a", "0,b", "1,b"], ["a 0", "a 1", "b 0", "b 1"], "shank"),
        ("shank,probe", ["0,a,A", "0,b,A", "0,a,B", "1,a,A"], ["A a 0", "A a 1", "A b 0", "B a 0"], "probe and shank"),
        ("probe,tetrode", ["0,A,1", "0,A,2", "1,A,1", "0,A,"], ["0", "tetrode1 0", "tetrode1 1", "tetrode2 0"], "tet"),
    ],
)
def test_units_of_one_name_in_several_groups_are_several(tmp_path, columns, cells, labels, named_by):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    rows = "".join(f"{at},{cell}\n{at + 10},{cell}\n" for at, cell in enumerate(cells))
    found = read_csv(path, write(tmp_path / "s.csv", f"t,unit,{columns}\n{rows}"))
    assert found.labels == labels
    assert sorted(spike_trains(found).values()) == [[at, at + 10] for at in range(4)]
    (note,) = found.notes
    assert f"share their names; units are named by {named_by}" in note


def test_a_group_that_tells_nothing_leaves_names_as_they_are(tmp_path):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    found = read_csv(path, write(tmp_path / "s.csv", "unit,t,tetrode\n0,1,5\n1,2,5\n2,3,6\n0,4,5\n"))
    assert spike_trains(found) == {"0": [1, 4], "1": [2], "2": [3]}
    assert found.notes == []


@pytest.mark.parametrize("lines", [1, 2, 50_000])
def test_spikes_in_another_dialect_and_in_blocks(tmp_path, monkeypatch, lines):
    monkeypatch.setattr(_format_csv, "LINES", lines)
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    spikes = write(tmp_path / "s.csv", "Unit;amplitude;T\nb;7;1,5\n\na;7;2\nb;8;0,25\n", "utf-16")
    found = read_csv(path, spikes)
    assert spike_trains(found) == {"a": [2.0], "b": [1.5, 0.25]}
    assert found.notes == ["numbers of s.csv were read with a decimal comma"]


def test_activities_on_a_clock_of_their_own(tmp_path):
    path = write(tmp_path / "p.csv", "t,x,y,speed\n0,1,2,3\n1,2,3,4\n")
    found = read_csv(path, write(tmp_path / "a.csv", "roi 2;t;roi 10\n1;0,5;2\n3;0,75;-4\n"))
    np.testing.assert_array_equal(found.activity_times, [0.5, 0.75])
    np.testing.assert_array_equal(found.activity, [[1, 2], [3, -4]])
    assert found.labels == ["roi 2", "roi 10"]
    assert found.spike_times is None
    assert found.notes[-1] == "a.csv was read as activities of 2 units on a clock of their own"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lacks the columns t, x, y"),
        ("t,x\n0,1\n", "lacks the column y: its first line must name t, x, y"),
        ("t x y\n0 1 2\n", "lacks the columns t, x, y: .* separated by commas, semicolons or tabs, it is 't x y'"),
        ("t,x,y\n0,1\n", "line 2: 2 cells, but the first line names 3"),
        ("t,x,y\n0,1,0,5,0,5\n", "line 2: 6 cells, .* 3 columns; are there decimal commas"),
        ("t,x,y\n0,1,2\n\n0,left,2\n", "line 4: column x must be a number, found 'left'"),
        ("\n\nt,x,y\n0,1,2\n0,1_2,2\n", "line 5: column x must be a number, found '1_2'"),
        ("t,x,y,x\n0,1,2,3\n", "stands twice"),
        ("t,x,y,unit\n0,1,2,3\n", "a column unit belongs into a file of spikes"),
        (",t,x,y\n0,0,1,2\n1,1,1,2\n", "column 1 has no name in the first line.*index=False"),
        ("Unnamed: 0,t,x,y\n0,0,1,2\n", "column 1 has no name"),
        ("t;x;y\n0,5;1.5;2\n", "line 2: column x holds '1.5', but the file has decimal points and commas"),
        ("t;x;y\n0.5;1,5;2\n", "line 2: column x holds '1,5', but the file has decimal points and commas"),
        ("t;x;y\n0;1.234,5;2\n", "line 2: column x must be a number, found '1.234,5'|points and commas"),
        ("t;x;y\n0;1,234,567;2\n", "line 2: column x must be a number, found '1,234,567'"),
        ("t;x;y\n0;1;2\n1,234;1;2\n", "line 3: '1,234' may be a decimal or a thousand"),
    ],
)
@pytest.mark.parametrize("lines", [1, 50_000])
def test_what_is_wrong_is_named_with_its_line(tmp_path, monkeypatch, text, says, lines):
    monkeypatch.setattr(_format_csv, "LINES", lines)
    with pytest.raises(UserError, match=says):
        read_csv(write(tmp_path / "p.csv", text))


def test_a_comma_is_decimal_once_one_cell_shows_it(tmp_path):
    found = read_csv(write(tmp_path / "p.csv", "t;x;y\n1,234;1;2\n2,5;1;2\n"))
    np.testing.assert_array_equal(found.times, [1.234, 2.5])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\xd8\x00\x00", b"t,x,y\n\xff,1,2\n", b"\x89HDF\r\n\x1a\n"])
def test_a_binary_file(tmp_path, content):
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(UserError, match="not a CSV file"):
        read_csv(tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cell,t\n1,2\n", "lacks the column unit: its first line must name unit, t"),
        ("cluster,t,amplitude\n1,2,3\n", "lacks the column unit"),
        ("unit\n1\n", "lacks the column t"),
        ("unit,t\na,1\n,2\n", "line 3: column unit holds '', which names no unit"),
        ("unit,t\na,1\nNaN,2\n", "line 3: column unit holds 'NaN'"),
        ("unit,t\na,1\nb,late\n", "line 3: column t must be a number, found 'late'"),
        ("unit,t\na,1\nb,1_0\n", "line 3: column t must be a number, found '1_0'"),
        ("unit,t\na,1,5\n", "line 2: 3 cells"),
    ],
)
def test_second_files_that_do_not_serve(tmp_path, text, says):
    path = write(tmp_path / "p.csv", "t,x,y\n0,1,2\n")
    with pytest.raises(UserError, match=says):
        read_csv(path, write(tmp_path / "s.csv", text))


def test_memory_is_asked_for_before_the_table_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "p.csv", "t,x,y\n" + "0.5,1,2\n" * 1000)
    monkeypatch.setattr("sicgrid.storage._memory.available_memory", lambda: 40_000)
    with pytest.raises(UserError, match=r"p.csv: reading it takes about 0.048\d* MB of memory and 0.04 MB are free"):
        read_csv(path)


def test_the_path_given_once_more_as_its_spikes_is_refused(tmp_path):
    path = tmp_path / "path.csv"
    path.write_text("t,x,y\n0,0.1,0.1\n0.02,0.2,0.1\n0.04,0.2,0.2\n")
    with pytest.raises(UserError, match=r"path\.csv is given twice, as the path and as its spikes"):
        read_external_recording(path, spikes=tmp_path / "." / "path.csv")
