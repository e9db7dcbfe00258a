"""Clocks that increase, gaps, and positions at the frames of another clock."""

import numpy as np
import pytest

from sicgrid._clock import typical_interval
from sicgrid.storage import UserError
from sicgrid.storage.external._clocks import check_resolution, increasing, positions_at


def test_the_typical_interval_of_known_clocks():
    assert typical_interval(np.arange(9) / 10) == pytest.approx(0.1)
    pairs = np.sort(np.concatenate([np.arange(500) * 0.04, np.arange(500) * 0.04 + 0.001]))
    assert typical_interval(pairs) == pytest.approx(0.039)  # and not 0.001 or 0.02
    gap = np.concatenate([np.arange(2000) * 0.02, 1000 + np.arange(2000) * 0.02])
    assert typical_interval(gap) == pytest.approx(0.02)


def test_positions_are_linear_between_samples(tmp_path):
    times = np.arange(0, 10, 0.25)
    positions = np.stack([times, 3 - 2 * times], axis=1)
    frames = np.array([0.0, 0.1, 5.3, 9.75])
    at = positions_at(frames, times, positions, tmp_path)
    np.testing.assert_allclose(at.positions, np.stack([frames, 3 - 2 * frames], axis=1), atol=1e-12)
    assert at.kept.all()
    assert at.notes == ["positions were interpolated at 4 frames of the activity's own clock"]


def test_frames_off_the_path_and_in_gaps_are_dropped(tmp_path):
    times = np.concatenate([np.arange(0, 101), np.arange(109, 201)]) / 100  # 0.09 s without a sample
    times = np.concatenate([times, times + 3])  # a gap from 2 to 3 s
    positions = np.stack([times, times], axis=1)
    frames = np.array([-0.1, 0.0, 1.0, 1.05, 2.0, 2.001, 2.5, 2.999, 3.0, 4.99, 5.0, 5.001, 9.0])
    at = positions_at(frames, times, positions, tmp_path)
    # 0.09 s are no gap, however short the interval
    np.testing.assert_allclose(at.positions[:, 0], [0.0, 1.0, 1.05, 2.0, 3.0, 4.99, 5.0], atol=1e-12)
    assert at.notes[1:] == [
        "3 of 13 frames before or after the path were dropped",
        "3 of 13 frames in gaps of the tracking (above 0.1 s) were dropped",
    ]


def test_frames_where_the_camera_was_slower_are_kept(tmp_path):
    times = np.concatenate([np.arange(0, 30, 0.02), np.arange(30, 60, 0.2)])
    frames = np.arange(0.05, 59, 0.1)
    at = positions_at(frames, times, np.stack([times, times], axis=1), tmp_path)
    assert at.kept.all()
    np.testing.assert_allclose(at.positions[:, 0], frames)


def test_a_clock_of_which_most_frames_are_dropped_is_a_loud_note(tmp_path):
    times = np.arange(0, 10, 0.1)
    at = positions_at(np.arange(0, 25, 0.5), times, np.stack([times, times], axis=1), tmp_path)
    assert at.notes[1] == "CHECK THE TIMES: 30 of 50 frames before or after the path were dropped"


def test_clocks_that_do_not_meet(tmp_path):
    times = np.arange(10.0)
    with pytest.raises(UserError, match=r"0 of the 3 frames .*100 to 102 s.*0 to 9 s.*one clock, in seconds"):
        positions_at(100 + np.arange(3.0), times, np.zeros((10, 2)), tmp_path)


def test_float32_is_blamed_where_it_is_to_blame(tmp_path):
    unix = (1.7e9 + np.arange(30_000) / 50).astype(np.float32)
    with pytest.raises(UserError, match=r"times are stored as float32, which resolves only 128 at 1\.7\d*e?\+?\d*"):
        increasing(unix, "times", tmp_path, len(unix), 1.0)
    doubled = np.repeat(np.arange(5, dtype=np.float32), 2)
    with pytest.raises(UserError, match=r"sample 1 is at 0 after 0 \(5 such places are equal, 0 go back\); sort"):
        increasing(doubled, "times", tmp_path, 10, 1.0)
    with pytest.raises(UserError, match=r"sample 2 is at 1 after 2 \(1 such places are equal, 1 go back\)"):
        increasing(np.array([0.0, 2, 1, 1]), "times", tmp_path, 4, 1.0)


def test_coarse_clocks_are_noted_or_refused(tmp_path):
    spikes = np.array([1.7e9, 1.7e9 + 600], dtype=np.float32)
    with pytest.raises(UserError, match="spike_times are stored as float32, which resolves only 128 s"):
        check_resolution(spikes, "spike_times", tmp_path, 1.0, 0.02)
    day = np.array([86_400.0], dtype=np.float32)  # resolves 1/128 s
    assert check_resolution(day, "times", tmp_path, 1.0, 0.02) == [
        "times are stored as float32, which resolves only 0.00781 s at 86400 s"
    ]
    assert check_resolution(day, "times", tmp_path, 0.001, 0.02) == []
    assert check_resolution(day.astype(np.float64), "times", tmp_path, 1.0, 0.02) == []


def test_the_scale_makes_seconds(tmp_path):
    np.testing.assert_array_equal(increasing(np.array([0, 20, 40]), "times", tmp_path, 3, 0.001), [0, 0.02, 0.04])
    with pytest.raises(UserError, match=r"got \(3, 1\); save times.ravel\(\)"):
        increasing(np.zeros((3, 1)), "times", tmp_path, 3, 1.0)
