"""One recording in every format reads the same; each fault is one clear line."""

import hashlib
from importlib.util import find_spec

import numpy as np
import pytest

from foreign_files import ACTIVITY, POSITIONS, SPIKE_TIMES, SPIKE_UNITS, TIMES, write_csvs, write_npz, write_nwb
from sicgrid.storage import UserError, read_foreign_path, read_foreign_recording

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pynwb's own


def trains(recording):
    """Spike times of each unit by its name."""
    return {
        label: sorted(recording.spike_times[recording.spike_units == unit].tolist())
        for unit, label in enumerate(recording.labels)
    }


@pytest.mark.parametrize("kind", ["npz", "csv", "nwb"])
def test_round_trip_through_each_format(tmp_path, kind):
    if kind == "nwb" and find_spec("pynwb") is None:
        pytest.skip("pynwb is not installed (sicgrid[nwb])")
    spikes = None
    if kind == "csv":
        path, spikes = write_csvs(tmp_path)
    else:
        path = {"npz": write_npz, "nwb": write_nwb}[kind](tmp_path / f"a.{kind}")
    read = read_foreign_recording(path, spikes)
    np.testing.assert_array_equal(read.positions, POSITIONS)
    np.testing.assert_array_equal(read.times, TIMES)
    assert trains(read) == {"4": [10.31, 12.04], "9": [12.0, 20.5], "10": [15.2]}
    assert read.activity is None
    assert read.files[0] == {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert [file["name"] for file in read.files[1:]] == ([spikes.name] if spikes else [])
    assert read.notes == []
    walked = read_foreign_path(path)
    np.testing.assert_array_equal(walked.positions, POSITIONS)


def test_activity_needs_no_times(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, times=None, spike_times=None, spike_units=None)
    read = read_foreign_recording(path)
    np.testing.assert_array_equal(read.activity, ACTIVITY)
    assert read.times is None
    assert read.labels == ["0", "1", "2"]


def test_samples_without_a_position_are_dropped_and_counted(tmp_path):
    positions = POSITIONS.copy()
    positions[[3, 50], [0, 1]] = np.nan
    path = write_npz(tmp_path / "a.npz", positions=positions, activity=ACTIVITY, spike_times=None, spike_units=None)
    read = read_foreign_recording(path)
    kept = np.delete(np.arange(200), [3, 50])
    np.testing.assert_array_equal(read.positions, POSITIONS[kept])
    np.testing.assert_array_equal(read.times, TIMES[kept])
    np.testing.assert_array_equal(read.activity, ACTIVITY[kept])
    assert read.notes == ["2 of 200 samples without a position were dropped"]


def test_silent_units_can_be_named(tmp_path):
    read = read_foreign_recording(write_npz(tmp_path / "a.npz", units=np.array([4, 5, 9, 10])))
    assert trains(read) == {"4": [10.31, 12.04], "5": [], "9": [12.0, 20.5], "10": [15.2]}


def bad(array, index, value):
    changed = array.copy()
    changed[index] = value
    return changed


SPIKELESS = {"spike_times": None, "spike_units": None}


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"positions": None}, "lacks positions"),
        ({"positions": POSITIONS[:, 0]}, r"shape \(time, 2\).*got \(200,\); rate maps are two-dimensional"),
        ({"positions": POSITIONS[:, :1]}, "a 1-D track has no grid score"),
        ({"positions": np.full((200, 2), np.nan)}, "at least 2 finite samples, 0 of them are"),
        ({"positions": POSITIONS.astype(str)}, "positions must be real numbers"),
        ({"positions": 100 * POSITIONS}, "boxes above 20 m are refused; are they in cm"),
        ({"times": None}, "lacks times"),
        ({"times": TIMES[1:]}, r"times must have shape \(200,\), one a position, got \(199,\)"),
        ({"times": bad(TIMES, 7, TIMES[6])}, r"sample 7 is at 10.6 s after 10.6 s \(1 such places\)"),
        ({"times": bad(TIMES, 7, np.nan)}, "times must be finite, 1 of 200"),
        (SPIKELESS, "neither activity nor spike_times"),
        ({"spike_units": None}, "lacks spike_units"),
        ({"spike_units": SPIKE_UNITS[1:]}, r"lists of one length, got \(5,\) and \(4,\)"),
        ({"spike_units": SPIKE_UNITS + 0.5}, "whole numbers or names"),
        ({"spike_times": bad(SPIKE_TIMES, 0, np.nan)}, "spike_times must be finite, 1 are not"),
        ({"spike_times": SPIKE_TIMES[:0], "spike_units": SPIKE_UNITS[:0]}, "holds no spike"),
        ({"units": np.array([4, 9])}, r"names \[10\], which units does not"),
        ({"activity": ACTIVITY}, "both activity and spike_times"),
        (SPIKELESS | {"activity": ACTIVITY[:-1]}, r"shape \(200, units\), a row for each position, got \(199, 3\)"),
        (SPIKELESS | {"activity": ACTIVITY[:, 0]}, r"shape \(200, units\)"),
        (SPIKELESS | {"activity": bad(ACTIVITY, (5, 1), np.nan)}, r"units \[1\] \(1 in all\) hold NaN"),
        (SPIKELESS | {"activity": -ACTIVITY}, "must not be negative"),
        (SPIKELESS | {"activity": ACTIVITY, "units": np.array(["a"])}, "names 1 units, activity has 3"),
    ],
)
def test_each_fault_is_one_line(tmp_path, over, says):
    path = write_npz(tmp_path / "a.npz", **over)
    with pytest.raises(UserError, match=says) as caught:
        read_foreign_recording(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arguments_that_do_not_go_together(tmp_path):
    npz = write_npz(tmp_path / "a.npz")
    path, spikes = write_csvs(tmp_path)
    for arguments, says in [
        ((tmp_path / "a.mat",), "give a .npz, .csv or .nwb file"),
        ((tmp_path / "b.npz",), "no file"),
        ((path, tmp_path / "no.csv"), "no file .*no.csv"),
        ((npz, spikes), "--spikes goes with a CSV"),
        ((npz, None, "led"), "--series names"),
        ((path,), "file of spikes with --spikes"),
    ]:
        with pytest.raises(UserError, match=says):
            read_foreign_recording(*arguments)
