"""One recording in every format reads the same; each fault is one clear line."""

import hashlib
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import (
    ACTIVITY,
    POSITIONS,
    SPIKE_TIMES,
    SPIKE_UNITS,
    TIMES,
    add_imaging,
    new_nwb,
    save_nwb,
    write_csv,
    write_csvs,
    write_npz,
    write_nwb,
)
from sicgrid.storage import UserError, read_external_path, read_external_recording

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
    read = read_external_recording(path, spikes)
    np.testing.assert_array_equal(read.positions, POSITIONS)
    np.testing.assert_array_equal(read.times, TIMES)
    assert trains(read) == {"4": [10.31, 12.04], "9": [12.0, 20.5], "10": [15.2]}
    assert read.activity is None
    assert read.files[0] == {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert [file["name"] for file in read.files[1:]] == ([spikes.name] if spikes else [])
    assert read.notes == []
    walked = read_external_path(path)
    np.testing.assert_array_equal(walked.positions, POSITIONS)


def test_activity_needs_no_times(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, times=None, spike_times=None, spike_units=None)
    read = read_external_recording(path)
    np.testing.assert_array_equal(read.activity, ACTIVITY)
    assert read.times is None
    assert read.labels == ["0", "1", "2"]


def test_samples_without_a_position_are_dropped_and_counted(tmp_path):
    positions = POSITIONS.copy()
    positions[[3, 50], [0, 1]] = np.nan
    path = write_npz(tmp_path / "a.npz", positions=positions, activity=ACTIVITY, spike_times=None, spike_units=None)
    read = read_external_recording(path)
    kept = np.delete(np.arange(200), [3, 50])
    np.testing.assert_array_equal(read.positions, POSITIONS[kept])
    np.testing.assert_array_equal(read.times, TIMES[kept])
    np.testing.assert_array_equal(read.activity, ACTIVITY[kept])
    assert read.notes == ["2 of 200 samples without a position were dropped"]


def test_silent_units_can_be_named(tmp_path):
    read = read_external_recording(write_npz(tmp_path / "a.npz", units=np.array([4, 5, 9, 10])))
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
        ({"positions": POSITIONS.T}, r"got \(2, 200\); save positions.T, a row for each sample"),
        ({"positions": np.ones((200, 3))}, r"got \(200, 3\); rate maps are two-dimensional: save the two columns"),
        ({"positions": np.zeros(200, dtype=[("x", float), ("y", float)])}, "positions must be real numbers"),
        ({"positions": POSITIONS.astype(str)}, "positions must be real numbers"),
        ({"positions": 100 * POSITIONS}, "boxes above 20 m are refused; are they in cm"),
        ({"times": None}, "lacks times"),
        ({"times": TIMES[1:]}, r"times must have shape \(200,\), one a sample, got \(199,\)"),
        ({"times": bad(TIMES, 7, TIMES[6])}, r"sample 7 is at 10.6 after 10.6 \(1 such places are equal, 0 go back\)"),
        ({"times": bad(TIMES, 7, np.nan)}, "times must be finite, 1 of 200"),
        (SPIKELESS, "neither activity nor spike_times"),
        ({"spike_units": None}, "lacks spike_units"),
        ({"times": (1.7e9 + TIMES).astype(np.float32)}, "times are stored as float32, which resolves only 128 at"),
        ({"spike_times": (1.7e9 + SPIKE_TIMES).astype(np.float32)}, "spike_times are stored as float32"),
        ({"times": TIMES[:, None]}, r"got \(200, 1\); save times.ravel\(\)"),
        ({"units": np.array([4, 9, 10, 4])}, r"units lists \['4'\] more than once"),
        ({"spike_units": SPIKE_UNITS[1:]}, r"lists of one length, got \(5,\) and \(4,\)"),
        ({"spike_units": SPIKE_UNITS + 0.5}, "whole numbers or names"),
        ({"spike_times": bad(SPIKE_TIMES, 0, np.nan)}, "spike_times must be finite, 1 are not"),
        ({"spike_times": SPIKE_TIMES[:0], "spike_units": SPIKE_UNITS[:0]}, "holds no spike"),
        ({"units": np.array([4, 9])}, r"names \['10'\] \(1 in all\), which units does not"),
        ({"activity": ACTIVITY}, "both activity and spike_times"),
        (SPIKELESS | {"activity": ACTIVITY[:-1]}, r"shape \(200, units\), a row for each of positions, got \(199, 3\)"),
        (SPIKELESS | {"activity": ACTIVITY[:, 0]}, r"shape \(200, units\)"),
        (SPIKELESS | {"activity": bad(ACTIVITY, (5, 1), np.nan)}, r"units 1 \(1 in all\) hold NaN"),
        (
            SPIKELESS | {"activity": ACTIVITY, "activity_times": TIMES[1:]},
            r"a row for each of activity_times, got \(200, 3\)",
        ),
        (SPIKELESS | {"activity": ACTIVITY, "activity_times": TIMES, "times": None}, "lacks times"),
        (SPIKELESS | {"activity": ACTIVITY, "activity_times": TIMES[::-1]}, "activity_times must increase"),
        (SPIKELESS | {"activity": ACTIVITY, "activity_times": TIMES + 100}, "are both on one clock, in seconds"),
        (SPIKELESS | {"activity": -ACTIVITY}, "must not be negative"),
        (SPIKELESS | {"activity": ACTIVITY, "units": np.array(["a"])}, "names 1 units, activity has 3"),
    ],
)
def test_each_fault_is_one_line(tmp_path, over, says):
    path = write_npz(tmp_path / "a.npz", **over)
    with pytest.raises(UserError, match=says) as caught:
        read_external_recording(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_arguments_that_do_not_go_together(tmp_path):
    npz = write_npz(tmp_path / "a.npz")
    path, spikes = write_csvs(tmp_path)
    for arguments, says in [
        ((tmp_path / "a.mat",), "give a .csv, .npz or .nwb file"),
        ((tmp_path / "b.npz",), "no file"),
        ((path, tmp_path / "no.csv"), "no file .*no.csv"),
        ((npz, spikes), "second file of spikes goes with a CSV"),
        ((npz, None, "led"), "a series is chosen within an NWB file"),
        ((path,), "a CSV of the path needs a second file"),
    ]:
        with pytest.raises(UserError, match=says):
            read_external_recording(*arguments)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"activity_offset": 1.0, "rectify": True}, "activity_offset and rectify are two ways"),
        ({"activity_offset": "all"}, "activity_offset must be a finite number or 'auto', got all"),
        ({"activity_offset": np.inf}, "activity_offset must be a finite number"),
        ({"rectify": True}, "change activities; .*a.npz holds spikes"),
        ({"activity_offset": "auto"}, "change activities; .*a.npz holds spikes"),
        ({"time_scale": 0.0}, "time_scale must be positive and finite, .* got 0.0"),
        ({"spike_time_scale": np.nan}, "spike_time_scale must be positive and finite"),
        ({"activity_series": "traces"}, "a series is chosen within an NWB file"),
    ],
)
def test_options_that_do_not_serve(tmp_path, options, says):
    with pytest.raises(UserError, match=says):
        read_external_recording(write_npz(tmp_path / "a.npz"), **options)


def test_clocks_in_other_units(tmp_path):
    path = write_npz(tmp_path / "a.npz", times=np.round(1000 * TIMES).astype(int), spike_times=1e4 * SPIKE_TIMES)
    read = read_external_recording(path, time_scale=0.001, spike_time_scale=1e-4)
    np.testing.assert_allclose(read.times, TIMES, rtol=1e-12)
    np.testing.assert_allclose(read.spike_times, SPIKE_TIMES, rtol=1e-12)
    assert read.notes == ["times of the path were multiplied by 0.001", "times of the spikes were multiplied by 0.0001"]
    walked = read_external_path(path, time_scale=0.001)
    np.testing.assert_allclose(walked.times, TIMES, rtol=1e-12)
    assert walked.notes == ["times of the path were multiplied by 0.001"]


def test_scales_of_clocks_that_are_not_there(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, times=None, **SPIKELESS)
    with pytest.raises(UserError, match="lacks times, which time_scale could apply to"):
        read_external_recording(path, time_scale=2.0)
    with pytest.raises(UserError, match="spike_time_scale needs spikes, or an activity with a clock of its own"):
        read_external_recording(path, spike_time_scale=2.0)


@pytest.mark.parametrize("kind", ["npz", "csv", "nwb"])
def test_frames_of_another_clock_get_the_positions_between_samples(tmp_path, kind):
    """A straight run, so that the position at every frame is known; tracking is lost from 18 to 19 s."""
    positions = np.stack([0.1 * (TIMES - 10), 0.05 * (TIMES - 10)], axis=1)
    positions[80:91] = np.nan
    frames = 11.0 + np.arange(100) / 5.0  # until 30.8 s; the path ends at 29.9 s
    activity = np.abs(np.sin(frames))[:, None] * np.array([1.0, 2.0, 3.0]) - 0.5
    path, second = tmp_path / f"a.{kind}", None
    if kind == "npz":
        write_npz(path, positions=positions, activity=activity, activity_times=frames, **SPIKELESS)
    elif kind == "csv":
        write_csv(path, "t,x,y", [TIMES, *positions.T])
        second = write_csv(tmp_path / "traces.csv", "t,12,10,11", [frames, *activity.T])
    else:
        if find_spec("pynwb") is None:
            pytest.skip("pynwb is not installed (sicgrid[nwb])")
        file = new_nwb(positions=positions)
        add_imaging(file, {"DfOverF": activity})
        save_nwb(file, path)
    read = read_external_recording(path, second, rectify=True)
    kept = (frames < 29.91) & ((frames < 17.95) | (frames > 19.05))
    np.testing.assert_allclose(read.times, frames[kept], rtol=1e-12)
    np.testing.assert_allclose(read.positions, np.outer(read.times - 10, [0.1, 0.05]), atol=1e-12)
    np.testing.assert_allclose(read.activity, np.maximum(activity[kept], 0), rtol=1e-12)
    assert read.labels == (["0", "1", "2"] if kind == "npz" else ["12", "10", "11"])
    dropped = int((frames > 29.91).sum()), int((~kept & (frames < 29)).sum())
    assert "11 of 200 samples without a position were dropped" in read.notes
    assert f"{dropped[0]} of 100 frames before or after the path were dropped" in read.notes
    assert f"{dropped[1]} of 100 frames in gaps of the tracking (above 0.5 s) were dropped" in read.notes
    with pytest.raises(UserError, match="activity must not be negative"):
        read_external_recording(path, second)


def test_the_activity_s_clock_has_its_own_unit(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, activity_times=1000 * TIMES, **SPIKELESS)
    read = read_external_recording(path, spike_time_scale=0.001)
    np.testing.assert_allclose(read.positions, POSITIONS, rtol=1e-9)
    assert read.notes[0] == "times of the activity were multiplied by 0.001"


def test_float32_activities_are_not_made_larger(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY.astype(np.float32), **SPIKELESS)
    assert read_external_recording(path).activity.dtype == np.float32


def test_samples_with_neither_position_nor_time_are_dropped(tmp_path):
    positions, times = bad(POSITIONS, slice(198, 200), np.nan), bad(TIMES, slice(198, 200), np.nan)
    read = read_external_recording(write_npz(tmp_path / "a.npz", positions=positions, times=times))
    np.testing.assert_array_equal(read.times, TIMES[:198])
    assert read.notes == ["2 of 200 samples without a position were dropped"]


def test_coarse_times_are_noted(tmp_path):
    read = read_external_recording(write_npz(tmp_path / "a.npz", times=(300_000 + TIMES).astype(np.float32)))
    assert read.notes == ["times are stored as float32, which resolves only 0.0312 s at 300029.906 s"]
