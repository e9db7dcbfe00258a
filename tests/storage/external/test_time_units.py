"""Clocks in other units than seconds: refused, noted or let pass, by what a walk of known speed looks like in them."""

import re

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage.external._time_units import Scales, check_activity_clock, check_time_units

OPTIONS = Scales("--time-scale", "--spike-time-scale")

SECONDS = np.arange(0, 600, 0.02)
SPIKES = np.linspace(0.5, 599, 1000)


def strolled(speed=0.2):
    """Places of an animal that goes back and forth at this speed."""
    return np.stack([np.abs((speed * SECONDS) % 2 - 1), np.full(len(SECONDS), 0.5)], axis=1)


def test_seconds_pass_at_every_speed_of_an_animal():
    for speed in (0.02, 0.2, 2.0):
        assert check_time_units(SECONDS, strolled(speed), SPIKES) == []
    assert check_time_units(SECONDS + 1.7e9, strolled(), SPIKES + 1.7e9) == []
    assert check_time_units(SECONDS, strolled(), np.array([3.0, 4.0])) == []  # two spikes say nothing


@pytest.mark.parametrize("rate", [10, 25, 30, 50])
def test_frames_are_refused_with_and_without_spikes(rate):
    step = 50 // rate if 50 % rate == 0 else 2
    path = strolled()[::step]
    frames = np.arange(len(path), dtype=float)
    with pytest.raises(UserError, match=r"as frame numbers do.*--time-scale 0.0\d+ makes seconds"):
        check_time_units(frames, path, SPIKES[len(frames) / 51 > SPIKES], scales=OPTIONS)
    with pytest.raises(UserError, match="as frame numbers do; --time-scale with the seconds of a frame"):
        check_time_units(frames, path, scales=OPTIONS)


@pytest.mark.parametrize(
    ("path_unit", "spike_unit", "says"),
    [
        (1e3, 1, r"path look like milliseconds; --time-scale 0.001 makes"),
        (1e6, 1, r"path look like microseconds; --time-scale 0.000001 makes"),
        (1, 1e3, r"spikes look like milliseconds; --spike-time-scale 0.001 makes"),
        (1, 1e6, r"spikes look like microseconds; --spike-time-scale 0.000001 makes"),
        (1, 3e4, r"0.00003333333 makes seconds of them, if the amplifier ran at 30,000 Hz"),
        (1, 50, r"spikes look like frame numbers, .*--spike-time-scale 0.02 makes .* if the camera ran at 50 Hz"),
        (1, 43, r"--spike-time-scale with the exact seconds of a frame or sample, about 0.0233, makes"),
        (1, 1 / 60, r"spikes look like minutes; --spike-time-scale 60 makes"),
        (1e3, 1e3, r"the times look like milliseconds; --time-scale 0.001"),
        (1e6, 1e6, r"the times look like microseconds; --time-scale 0.000001"),
        (1 / 60, 1, r"path look like minutes; --time-scale 60 makes"),
        (1 / 60, 1 / 60, r"the times look like minutes; --time-scale 60"),
        (1 / 3600, 1, r"path look like hours; --time-scale 3600 makes"),
    ],
)
def test_units_are_named_and_refused_unless_the_user_is_certain(path_unit, spike_unit, says):
    arguments = SECONDS * path_unit, strolled(), SPIKES * spike_unit
    with pytest.raises(UserError, match=says) as refusal:
        check_time_units(*arguments, scales=OPTIONS)
    assert "say --time-scale 1" in str(refusal.value)
    notes = check_time_units(*arguments, certain=True, scales=OPTIONS)
    assert notes
    assert all(note.startswith("CHECK THE TIMES: ") for note in notes)
    for note in check_time_units(*arguments, certain=True):  # for who has the arrays
        assert "--" not in note
        assert " they are seconds" in note


def test_the_scale_that_is_advised_is_right_to_the_last_sample():
    clock = np.arange(18_000) / 30
    path = np.stack([np.abs((0.2 * clock) % 2 - 1), np.full(len(clock), 0.5)], axis=1)
    with pytest.raises(UserError, match=r"makes seconds of them, if the camera ran at 30 Hz") as refusal:
        check_time_units(np.arange(18_000.0), path, np.linspace(1, 597, 500), scales=OPTIONS)
    scale = float(re.search(r"--time-scale (\S+) ", str(refusal.value))[1])
    np.testing.assert_allclose(scale * np.arange(18_000), clock, atol=1e-3)


COUNTED = {
    "rounding errors": 50 * SECONDS,
    "every second frame": 2 * np.arange(len(SECONDS)),
    "frames lost": np.flatnonzero(np.random.default_rng(0).random(2 * len(SECONDS)) < 0.85)[: len(SECONDS)],
    "from another start": 50 * (SECONDS + 0.3333),
}


@pytest.mark.parametrize("kind", COUNTED)
def test_frame_numbers_of_every_kind_are_refused_in_both_clocks(kind):
    frames = np.asarray(COUNTED[kind], dtype=np.float64)
    spikes = np.linspace(frames[0], frames[-1], 1000)
    counting = "2, 4, 6" if kind == "every second frame" else "1, 2, 3"
    for given in (spikes, None):
        with pytest.raises(UserError, match=f"count {counting}, ..., as frame numbers do; --time-scale with the sec"):
            check_time_units(frames, strolled(), given, scales=OPTIONS)


def test_slow_animals_at_long_intervals_are_a_note():
    late = np.cumsum(np.random.default_rng(0).uniform(0.9, 1.1, len(SECONDS)))  # frames of a camera that is not even
    (note,) = check_time_units(late, strolled())
    assert "CHECK THE TIMES" in note
    assert "it is slow for an animal; are these frame numbers" in note


@pytest.mark.parametrize("interval", [1, 2, 5])
def test_seldom_tracked_animals_are_no_frames(interval):
    clock = interval * np.arange(600.0)
    path = np.random.default_rng(interval).uniform(0, 1, (600, 2))  # anywhere in a meter by the next sample
    path[1::2] = path[::2] + 0.1 * interval
    assert check_time_units(clock, path, clock + 0.3) == []


IMAGED = np.arange(0, 590, 0.1)


@pytest.mark.parametrize(
    ("path_unit", "frame_unit", "says"),
    [
        (1, 10, r"the path spans 599.98 s and the activity 5,899 s: the times of the activity look like frame numbers"),
        (1, 10, r"--spike-time-scale 0.1 makes seconds of them, if the camera ran at 10 Hz"),
        (1, 1e3, r"activity look like milliseconds; --spike-time-scale 0.001 makes"),
        (1, 1 / 60, r"activity look like minutes; --spike-time-scale 60 makes"),
        (50, 1, r"path count 1, 2, 3, ..., as frame numbers do, .*--time-scale 0.02 makes .* ran at 50 Hz"),
        (1e3, 1, r"path look like milliseconds; --time-scale 0.001 makes"),
    ],
)
def test_the_clock_of_activities_is_compared_with_the_paths(path_unit, frame_unit, says):
    arguments = path_unit * SECONDS, strolled(), np.rint(10 * IMAGED) / 10 * frame_unit
    with pytest.raises(UserError, match=says):
        check_activity_clock(*arguments, scales=OPTIONS)
    (note,) = check_activity_clock(*arguments, certain=True)
    assert note.startswith("CHECK THE TIMES")
    assert "--" not in note
    assert check_activity_clock(SECONDS, strolled(), IMAGED) == []


def test_a_few_strays_do_not_make_another_clock():
    for strays in ([1e6], [-1e6], [-400.0, 1e6]):
        assert check_time_units(SECONDS, strolled(), np.concatenate([SPIKES, strays])) == []
        assert check_activity_clock(SECONDS, strolled(), np.sort(np.concatenate([IMAGED, strays]))) == []


def test_what_is_only_likely_is_a_note():
    asleep = np.linspace(0.5, 6000, 5000)
    (note,) = check_time_units(SECONDS, strolled(), asleep)
    assert "most spikes were recorded without the path" in note
    (note,) = check_time_units(SECONDS, strolled(), SPIKES[SPIKES < 100])
    assert note.startswith("CHECK THE TIMES: the path spans 599.98 s and the spikes 9")
    assert "the spikes cover a part of the path only" in note
    (note,) = check_activity_clock(SECONDS, strolled(), np.arange(0, 4000, 0.1))
    assert "most activity was recorded without the path, or" in note
    (note,) = check_time_units(SECONDS, strolled(0.0), SPIKES)
    assert "it hardly moves" in note
    (note,) = check_time_units(SECONDS, np.random.default_rng(0).uniform(0, 60, (len(SECONDS), 2)), SPIKES)
    assert "out of order" in note
