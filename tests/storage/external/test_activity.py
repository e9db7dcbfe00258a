"""Activities: kept as stored, names told apart, negative values made to serve only as asked."""

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage.external import _arrays
from sicgrid.storage.external._activity import dense_activity, without_negatives
from sicgrid.storage.external._arrays import StoredRecording

DFF = np.array([[-0.1, 2.0, 1.0], [0.3, -1.0, 3.0]], dtype=np.float32)
LABELS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("stored", "kept"),
    [("f4", "f4"), ("f8", "f8"), ("f2", "f4"), ("i2", "f4"), ("?", "f4"), ("i4", "f8"), ("u8", "f8"), (">f4", "f8")],
)
def test_floats_are_not_copied_and_counts_become_floats_that_hold_them(tmp_path, stored, kept):
    given = np.array([[1, 0], [0, 1]], dtype=stored)
    activity, labels = dense_activity(StoredRecording(activity=given), tmp_path, 2)
    assert activity.dtype == np.dtype(kept)
    np.testing.assert_array_equal(activity, given)
    assert (activity is given) == (stored in ("f4", "f8"))
    assert labels == ["0", "1"]


def test_columns_of_one_name_are_two_units(tmp_path):
    stored = StoredRecording(activity=DFF, labels=["3", "4", "3"])
    assert dense_activity(stored, tmp_path, 2)[1] == ["3 (column 0)", "4", "3 (column 2)"]
    assert stored.notes == ["2 units share their names with others and are told apart by their columns"]


def test_negative_values_are_refused_with_both_ways_named(tmp_path):
    with pytest.raises(UserError, match=r"2 negative values of 2 of 3 units are, the least is -1.*offset.*rectify"):
        without_negatives(DFF.copy(), LABELS, tmp_path, None, False)


@pytest.mark.parametrize("block", [1, 2**22])
def test_a_constant_or_zero(tmp_path, monkeypatch, block):
    monkeypatch.setattr(_arrays, "BLOCK", block)
    activity = DFF.copy()
    assert without_negatives(activity, LABELS, tmp_path, 1, False) == [
        "1 was added to the activity of all 3 units (2 negative values of 2 of 3 units)"
    ]
    np.testing.assert_allclose(activity, DFF + 1, rtol=1e-6)
    activity = DFF.copy()
    assert without_negatives(activity, LABELS, tmp_path, "auto", False) == [
        "-1 to 1 was added to the activity of all 3 units, so that the least value of each unit is 0 "
        "(2 negative values of 2 of 3 units)"
    ]
    np.testing.assert_allclose(activity, [[0, 3, 0], [0.4, 0, 2]], rtol=1e-6)
    activity = DFF.copy()
    assert without_negatives(activity, LABELS, tmp_path, None, True) == [
        "2 negative values of 2 of 3 units were set to 0"
    ]
    np.testing.assert_array_equal(activity, np.maximum(DFF, 0))


def test_an_offset_that_does_not_suffice_names_one_that_does(tmp_path):
    with pytest.raises(
        UserError, match=r"activity_offset 0.5 leaves negative values, the least is -1.0; take at least 1"
    ):
        without_negatives(DFF.copy(), LABELS, tmp_path, 0.5, False)
    least = DFF[:, :1].copy()
    without_negatives(least, ["a"], tmp_path, 0.1, False)  # -0.1 in float32 lies below -0.1
    assert least[0, 0] == 0


def test_values_that_are_not_finite_name_their_units(tmp_path):
    with pytest.raises(UserError, match=r"must be finite, units b \(1 in all\)"):
        without_negatives(np.array([[1.0, np.inf], [1.0, 2.0]]), ["a", "b"], tmp_path, "auto", False)


def test_shapes(tmp_path):
    with pytest.raises(UserError, match=r"row for each of positions, got \(2, 3\); activities on another clock need"):
        dense_activity(StoredRecording(activity=DFF), tmp_path, 3)
    with pytest.raises(UserError, match=r"row for each of activity_times, got \(2, 3\)$"):
        dense_activity(StoredRecording(activity=DFF, activity_times=np.zeros(3)), tmp_path, 3)
    with pytest.raises(UserError, match="real numbers, found an array of type complex128"):
        dense_activity(StoredRecording(activity=DFF.astype(complex)), tmp_path, 2)
