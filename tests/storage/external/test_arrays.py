"""Names of units: each unit once, under the text it has in its file."""

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage.external import _arrays
from sicgrid.storage.external._arrays import (
    blocks,
    distinct_labels,
    index_spikes,
    missing_numbers,
    natural_order,
    unit_names,
)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (np.array(["1_12", " 11_2 ", "01", "1"]), ["1_12", "11_2", "01", "1"]),
        (np.array([b"a", b"\xc3\xa9"]), ["a", "é"]),
        (np.array([3.0, -1.0]), ["3", "-1"]),
        (np.array([-1, 3], dtype=np.int8), ["-1", "3"]),
        (np.array([2**64 - 1, 2**63], dtype=np.uint64), ["18446744073709551615", "9223372036854775808"]),
    ],
)
def test_names_are_text_as_given(tmp_path, values, names):
    assert unit_names(values, "units", tmp_path) == names


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.array([1.0, 2.5]), "must be whole numbers or names, found 2.5"),
        (np.array([1.0, np.nan]), "found nan"),
        (np.array([2.0**24], dtype=np.float32), r"found 16777216.0 \(numbers of type float32\)"),
        (np.array([True]), "an array of type bool"),
        (np.array([b"\xff"]), "bytes that are not UTF-8"),
        (np.array(["a", " "]), "holds '', which names no unit"),
        (np.array([["a"]]), "must be a list"),
    ],
)
def test_what_names_no_unit(tmp_path, values, says):
    with pytest.raises(UserError, match=says):
        unit_names(values, "units", tmp_path)


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize(
    "values",
    [
        np.array([127, -128, 5, 127], dtype=np.int8),
        np.array([2**64 - 1, 2**64 - 3, 2**64 - 1], dtype=np.uint64),
        np.array([0, 2**62, 7, 7]),
        np.array(["T10", "T2", "T10"]),
        np.array([], dtype=np.int64),
    ],
)
def test_index_leads_back_to_the_names(tmp_path, monkeypatch, table, values):
    monkeypatch.setattr(_arrays, "BLOCK", 2)
    monkeypatch.setattr(_arrays, "LARGEST_TABLE", 2**24 if table else 0)
    index, labels = index_spikes(values, None, tmp_path)
    assert [labels[at] for at in index] == [str(value) for value in values.tolist()]
    assert labels == sorted(set(labels), key=natural_order)


def test_listed_units_keep_their_order_and_silent_ones(tmp_path):
    index, labels = index_spikes(np.array([9, 4, 9]), np.array([9, 5, 4]), tmp_path)
    assert (index.tolist(), labels) == ([0, 2, 0], ["9", "5", "4"])
    with pytest.raises(UserError, match=r"units lists \['4'\] more than once, so a spike"):
        index_spikes(np.array([9, 4]), np.array([9, 4, 4]), tmp_path)
    with pytest.raises(UserError, match=r"spike_units names \['5'\] \(1 in all\), which units does not"):
        index_spikes(np.array([9, 5]), np.array([9, 4]), tmp_path)


def test_names_that_differ_in_white_space_only_are_not_merged(tmp_path):
    with pytest.raises(UserError, match=r"spike_units has names that differ in white space only, as 'a'; are they one"):
        index_spikes(np.array(["a", "b", "a "]), None, tmp_path)
    assert index_spikes(np.array(["a ", "b"]), None, tmp_path)[1] == ["a", "b"]


def test_uint64_beside_int64_is_not_compared_as_floats(tmp_path):
    of_spike = np.array([2**60, 2**60 + 1], dtype=np.uint64)
    index, labels = index_spikes(of_spike, np.array([2**60 + 1, 2**60]), tmp_path)
    assert (index.tolist(), labels) == ([1, 0], [str(2**60 + 1), str(2**60)])


def test_natural_order():
    names = ["10", "9", "T10_1", "T2_10", "T2_9", "-1", "a", "1", "01", "9" * 5000]
    expected = ["-1", "01", "1", "9", "10", "9" * 5000, "T2_9", "T2_10", "T10_1", "a"]
    assert sorted(names, key=natural_order) == expected


def test_shared_names_get_their_place():
    assert distinct_labels(["3", "4", "3"], "row") == (["3 (row 0)", "4", "3 (row 2)"], 2)
    labels, shared = distinct_labels(["3", "3 (row 0)", "3"], "row")
    assert len(set(labels)) == 3
    assert shared == 2


def test_blocks_cover_all_rows(monkeypatch):
    monkeypatch.setattr(_arrays, "BLOCK", 10)
    assert [(rows.start, rows.stop) for rows in blocks(7, 3)] == [(0, 3), (3, 6), (6, 7)]
    assert [(rows.start, rows.stop) for rows in blocks(2, 30)] == [(0, 1), (1, 2)]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (["0", "1", "3"], "no spike of unit 2, which is left out"),
        (["4", "7", "8", "9"], "no spike of units 5, 6, which are left out"),
        (["0", "1", "2"], None),
        (["1", "40"], None),  # tetrode and cluster in one number, say
        (["a", "c"], None),
        (["0", str(10**12)], None),
        ([], None),
    ],
)
def test_a_silent_unit_among_numbered_ones_is_missed(labels, says):
    notes = missing_numbers(labels)
    assert [note.partition(":")[0] for note in notes] == ([] if says is None else [says])
