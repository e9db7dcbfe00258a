"""Times that cannot be seconds are refused with what they look like; odd ones are noted; right ones pass in silence."""

import numpy as np
import pytest

from sicgrid.experiment._time_units import check_time_units
from sicgrid.storage import UserError

GENERATOR = np.random.default_rng(0)
TIMES = np.arange(60_000) / 50  # 20 minutes
PATH = 0.5 * np.stack([np.sin(0.13 * TIMES), np.sin(0.31 * TIMES)], axis=1)  # up to 0.17 m/s
SPIKES = np.sort(GENERATOR.uniform(0, TIMES[-1], 3000))
FRAMES = np.arange(60_000.0)


def test_seconds_pass_in_silence():
    assert check_time_units(TIMES, PATH, SPIKES) == []
    assert check_time_units(TIMES, PATH) == []
    once_a_second = PATH[::50]
    assert check_time_units(np.arange(float(len(once_a_second))), once_a_second, SPIKES) == []


@pytest.mark.parametrize(
    ("times", "spikes", "says"),
    [
        (FRAMES, SPIKES, r"frame numbers do, at about 50 a second; --time-scale 0\.02 "),
        (FRAMES, None, r"frame numbers do; --time-scale with the seconds of a frame"),
        (1000 * TIMES, SPIKES, r"times of the path look like milliseconds; --time-scale 0\.001 "),
        (1000 * TIMES, None, r"look like milliseconds; --time-scale 0\.001"),
        (TIMES, 1000 * SPIKES, r"times of the spikes look like milliseconds; --spike-time-scale 0\.001 "),
        (TIMES, 30_000 * SPIKES, r"times of the spikes look like samples .*--spike-time-scale 0\.000033 "),
        (TIMES / 60, SPIKES, r"times of the path look like minutes; --time-scale 60 "),
    ],
)
def test_other_units_are_refused_with_the_option_that_puts_them_right(times, spikes, says):
    with pytest.raises(UserError, match=says):
        check_time_units(times, PATH, spikes)
    assert any(note.startswith("CHECK THE TIMES: ") for note in check_time_units(times, PATH, spikes, certain=True))


def test_hours_of_sleep_beside_the_path_are_noted_and_not_refused():
    notes = check_time_units(TIMES, PATH, np.concatenate([SPIKES, 12 * SPIKES]))
    assert len(notes) == 1
    assert "most spikes were recorded without the path" in notes[0]


def test_a_handful_of_spikes_says_nothing_about_the_session():
    assert check_time_units(TIMES, PATH, SPIKES[:5]) == []
