"""Clocks in other units than seconds: refused, noted or let pass, by what a walk of known speed looks like in them."""

import numpy as np
import pytest

from sicgrid.experiment._time_units import check_time_units
from sicgrid.storage import UserError

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
        check_time_units(frames, path, SPIKES[len(frames) / 51 > SPIKES])
    with pytest.raises(UserError, match="as frame numbers do; --time-scale with the seconds of a frame"):
        check_time_units(frames, path)


@pytest.mark.parametrize(
    ("path_unit", "spike_unit", "says"),
    [
        (1e3, 1, r"path look like milliseconds; --time-scale 0.001 makes"),
        (1e6, 1, r"path look like microseconds; --time-scale 0.000001 makes"),
        (1, 1e3, r"spikes look like milliseconds; --spike-time-scale 0.001 makes"),
        (1, 1e6, r"spikes look like microseconds; --spike-time-scale 0.000001 makes"),
        (1, 3e4, r"samples or another unit than seconds; --spike-time-scale 0.000033 makes"),
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
        check_time_units(*arguments)
    assert "say --time-scale 1" in str(refusal.value)
    notes = check_time_units(*arguments, certain=True)
    assert notes
    assert all(note.startswith("CHECK THE TIMES: ") for note in notes)
    for note in check_time_units(*arguments, certain=True, options=False):  # for who has the arrays
        assert "--" not in note
        assert " they are seconds" in note


def test_what_is_only_likely_is_a_note():
    asleep = np.linspace(0.5, 6000, 5000)
    (note,) = check_time_units(SECONDS, strolled(), asleep)
    assert "most spikes were recorded without the path" in note
    (note,) = check_time_units(SECONDS, strolled(), SPIKES[SPIKES < 100])
    assert note.startswith("CHECK THE TIMES: the path spans 599.98 s and the spikes 9")
    (note,) = check_time_units(SECONDS, strolled(0.0), SPIKES)
    assert "it hardly moves" in note
    (note,) = check_time_units(SECONDS, np.random.default_rng(0).uniform(0, 60, (len(SECONDS), 2)), SPIKES)
    assert "out of order" in note
