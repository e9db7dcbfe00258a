"""Walks on one clock."""

import numpy as np
import pytest

from made_recordings import spiking, walks
from sicgrid.bridges._timeline import spikes_of, timeline
from sicgrid.storage import UserError


def test_walks_follow_each_other_with_a_gap_that_nobody_bridges():
    clock = timeline(walks(), 0.5)
    assert clock.times.shape == (60,)
    np.testing.assert_array_equal(clock.starts, [0.0, 15.0, 30.0])
    np.testing.assert_array_equal(clock.ends, [9.5, 24.5, 39.5])
    np.testing.assert_array_equal(clock.times[20:22], [15.0, 15.5])


def test_an_animals_samples_keep_their_seconds():
    recording = spiking()
    clock = timeline(recording, 7.0)
    np.testing.assert_allclose(clock.times[:2], [0.01, 0.03])
    fired = spikes_of(recording, clock.times)
    np.testing.assert_allclose(fired.times, [0.07, 0.07, 0.21, 0.59])
    assert fired.units.tolist() == [0, 0, 0, 1]


def test_a_step_lasts():
    with pytest.raises(UserError, match="step_s must be a positive finite number, got 0"):
        timeline(walks(), 0)
