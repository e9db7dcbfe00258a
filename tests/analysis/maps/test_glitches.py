"""Samples that no animal walked, put into paths that it could."""

import numpy as np
import pytest

from sicgrid.analysis import glitches, jump_share, unmoved

TIMES = np.arange(0, 120, 0.02)
PATH = 0.5 * np.stack([np.sin(0.31 * TIMES), np.cos(0.47 * TIMES)], axis=1)


def indices(times, path):
    return np.flatnonzero(glitches(times, path)).tolist()


def test_a_path_that_can_be_walked_has_none():
    assert indices(TIMES, PATH) == []
    assert jump_share(TIMES, PATH) == 0
    assert indices(TIMES, 2 * PATH + np.random.default_rng(0).normal(scale=0.01, size=PATH.shape)) == []


def test_strays_alone_and_in_a_row_and_at_either_end():
    path = PATH.copy()
    wrong = [0, 100, 101, 102, 900, 5998, 5999]
    path[wrong] = [3.0, -4.0]
    assert indices(TIMES, path) == wrong


def test_a_gap_in_the_tracking_is_none():
    kept = (TIMES < 30) | (TIMES > 45)
    assert indices(TIMES[kept], PATH[kept]) == []


@pytest.mark.parametrize("spread", [0.0005, 0.002])
def test_frames_in_pairs_and_bursts_of_a_walking_animal_are_none(spread):
    times = np.sort((TIMES[::5, None] + spread * np.arange(5)).ravel())
    path = 0.5 * np.stack([np.sin(0.31 * TIMES), np.cos(0.47 * TIMES)], axis=1)
    assert indices(times, path) == []
    path[77] = [2.0, 2.0]
    assert indices(times, path) == [77]


def test_what_a_tracker_writes_while_it_sees_nothing():
    """Stretches of 4 s at one point, far from where the animal was and will be: a tenth of the path."""
    path, lost = PATH + 1.0, np.zeros(len(PATH), dtype=bool)
    for start in (1000, 2500, 4000):
        lost[start : start + 200] = True
    path[lost] = 0.0
    np.testing.assert_array_equal(glitches(TIMES, path), lost)


def test_an_animal_asleep_is_none_whatever_the_tracker_sees_meanwhile():
    path = PATH.copy()
    path[2000:4000] = path[2000]  # 40 s in one pixel
    path[4000:] = path[2000] + PATH[4000:] - PATH[4000]
    assert indices(TIMES, path) == []
    path[[2500, 2501, 3300]] = [1.5, 1.5]
    assert indices(TIMES, path) == [2500, 2501, 3300]
    assert indices(TIMES, np.full_like(PATH, 0.3)) == []


def test_a_tracker_that_holds_the_last_place_it_saw():
    """32 s at exactly one place, and then the animal is where it got to meanwhile."""
    path = PATH.copy()
    path[2000:3600] = path[1999]
    path[2400] = [1.5, 1.5]  # a reflection on the way
    assert indices(TIMES, path) == list(range(2000, 3600))
    assert np.flatnonzero(unmoved(TIMES, path)).tolist() == list(range(2401, 3600))  # before it 10 s are not full
    path[2400] = path[1999]
    assert np.flatnonzero(unmoved(TIMES, path)).tolist() == list(range(1999, 3600))
    assert not unmoved(TIMES, PATH).any()
    # A place of some frames before a jump over a gap is no hold, nor is rest before the tracking is lost.
    path = np.concatenate([PATH[:2000], np.repeat(PATH[1999:2000], 100, axis=0), PATH[2000:]])
    times = np.concatenate([TIMES[:2100], TIMES[2000:] + 60])
    assert indices(times, path) == []


def test_a_path_in_no_order_is_left_as_it_is_and_said_to_jump():
    shuffled = PATH[np.random.default_rng(0).permutation(len(PATH))]
    assert indices(TIMES, 3 * shuffled) == []
    assert jump_share(TIMES, 3 * shuffled) > 0.5


def test_refusals():
    with pytest.raises(ValueError, match="increasing"):
        glitches(TIMES[::-1], PATH)
    for what in (glitches, unmoved, jump_share):
        with pytest.raises(ValueError, match="one a time"):
            what(TIMES, PATH[1:])
        with pytest.raises(ValueError, match="finite"):
            what(TIMES, PATH * np.nan)


def test_what_a_glitch_cuts_off_belongs_to_the_walk():
    """A glitch in the tenth sample leaves a stretch of 0.2 s before it, which is no glitch."""
    times = np.arange(1000) / 50
    path = np.stack([0.1 * times, 0 * times], axis=1)
    path[[10, 980]] = 3.0
    assert np.flatnonzero(glitches(times, path)).tolist() == [10, 980]
