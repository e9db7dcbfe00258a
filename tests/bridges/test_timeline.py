"""Walks on one clock."""

import dataclasses

import numpy as np
import pytest

from made_recordings import spiking, walks
from sicgrid._clock import Stretches
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
    np.testing.assert_allclose((clock.starts, clock.ends), [[0.0], [0.6]])
    fired = spikes_of(recording, clock.times)
    np.testing.assert_allclose(fired.times, [0.07, 0.07, 0.21, 0.59])
    assert fired.units.tolist() == [0, 0, 0, 1]


def test_gaps_in_the_tracking_take_their_time():
    stretches = Stretches(np.array([0, 10, 29]), np.array([5.0, 7.0, 8.0]))
    recording = dataclasses.replace(spiking(), stretches=stretches)
    clock = timeline(recording)
    np.testing.assert_allclose(clock.starts, [5.0, 7.0, 8.0])
    np.testing.assert_allclose(clock.ends, [5.2, 7.38, 8.02])
    np.testing.assert_allclose(clock.times[[0, 9, 10, 28, 29]], [5.01, 5.19, 7.01, 7.37, 8.01])
    np.testing.assert_allclose(spikes_of(recording, clock.times).times, [5.07, 5.07, 7.01, 8.01])


def test_a_step_lasts():
    with pytest.raises(UserError, match="step_s must be a positive finite number, got 0"):
        timeline(walks(), 0)
