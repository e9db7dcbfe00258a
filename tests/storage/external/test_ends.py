"""Spikes that end in the middle of the path, begin there or go on after it: what is said, and when nothing is."""

import numpy as np
import pytest

from sicgrid.storage.external._ends import unequal_ends, usual_factor
from sicgrid.storage.external._time_units import Scales, check_activity_clock, check_time_units

TIMES = np.arange(0, 1200, 0.02)
WALK = np.stack([np.abs((0.2 * TIMES) % 2 - 1), np.full(len(TIMES), 0.5)], axis=1)
SPIKES = np.sort(np.random.default_rng(0).uniform(0, 1200, 2000))
OPTIONS = Scales("--time-scale", "--spike-time-scale")


def said(times, spikes, **options):
    notes = check_time_units(times, WALK, spikes, **options)
    assert all(note.startswith("CHECK THE TIMES: the path ") for note in notes)
    return "".join(notes)


@pytest.mark.parametrize(
    ("factor", "advice"),
    [
        (1 / 2, "factor of about 2 (--time-scale 0.5 or --spike-time-scale 2 puts that right)"),
        (2, "factor of about 2 (--time-scale 2 or --spike-time-scale 0.5 puts that right)"),
        (5 / 6, "factor of about 1.2 (--time-scale 0.8333333 or --spike-time-scale 1.2 puts that right)"),
        (1.42, "factor of about 1.42 (--time-scale or --spike-time-scale puts that right)"),
    ],
)
def test_clocks_that_differ_by_a_small_factor(factor, advice):
    note = said(TIMES, factor * SPIKES, scales=OPTIONS)
    assert advice in note
    why = "after the path, and are left out there" if factor > 1 else "ended early: then cut the path there, or rates"
    assert why in note
    assert "--" not in said(TIMES, factor * SPIKES)  # for who has the arrays
    (note,) = check_activity_clock(TIMES, WALK, factor * TIMES[::5], scales=OPTIONS)
    assert advice in note
    assert "of frames of the activity ended early" in note or "frames of the activity were recorded after" in note


def test_what_pauses_look_like_is_told_without_a_factor():
    absolute = said(TIMES + 5000, SPIKES[SPIKES < 600] + 5000, scales=OPTIONS)
    assert "the path is from 5,000 to 6,199.98 s, and the spikes end at 5,59" in absolute
    assert "are both on one clock? Or the recording of spikes ended early" in absolute
    late = said(TIMES, SPIKES[SPIKES > 600], scales=OPTIONS)
    assert "the spikes begin at 600." in late
    assert "are both on one clock? Or the recording of spikes began late" in late
    assert "begin at 600." in said(TIMES, SPIKES + 600)  # a clock that began later
    middle = said(TIMES, SPIKES[(SPIKES > 300) & (SPIKES < 800)])
    assert "begin at 30" in middle
    assert "and end at 79" in middle


def test_sessions_as_they_are_raise_no_alarm():
    generator = np.random.default_rng(1)
    assert said(TIMES, SPIKES) == ""
    assert said(TIMES, SPIKES[SPIKES < 1100]) == ""
    assert said(TIMES, SPIKES[SPIKES > 100]) == ""
    before_and_after = np.concatenate([SPIKES - 1200, SPIKES, SPIKES + 1200])[:5500]
    assert said(TIMES, before_and_after) == ""  # counted as spikes outside the path
    assert said(TIMES, np.concatenate([SPIKES, [1400.0, 1500.0]])) == ""  # strays
    # A cell that fires on few runs through its field is silent at the end of some sessions.
    alarms = 0
    for _ in range(300):
        runs = generator.uniform(0, 1200, 12)
        spikes = np.sort(np.concatenate([start + generator.exponential(0.3, 8) for start in runs]))
        alarms += unequal_ends(TIMES, spikes, "spikes") is not None
    assert alarms <= 3


def test_factors_of_cameras():
    assert usual_factor(2.02) == 2
    assert usual_factor(1 / 1.21) == pytest.approx(1 / 1.2)
    assert usual_factor(1.4) is None
