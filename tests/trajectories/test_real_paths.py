"""A real path as a network's steps: paths whose steps are known."""

import numpy as np
import pytest

from sicgrid.trajectories import real_walk
from sicgrid.trajectories._real_paths import longest_step

TIMES = 0.1 * np.arange(101)  # 10 s
LINE = np.stack([0.2 * TIMES - 1.0, np.zeros(101)], axis=1)  # 0.2 m/s through the origin


def test_straight_line_at_constant_speed():
    walk = real_walk(TIMES, LINE, 0.15, step_s=0.5, stretch=1000)
    assert walk.positions.shape == (1, walk.lead + 20, 2)
    assert walk.lead == 7  # 1 m to where it begins, 0.15 m a step
    np.testing.assert_allclose(walk.velocities[0, walk.lead :], [[0.1, 0.0]] * 20, atol=1e-6)
    np.testing.assert_allclose(walk.velocities[0, : walk.lead], [[-1 / 7, 0.0]] * 7, atol=1e-6)


def test_default_step_is_the_longest_allowed():
    # 0.2 m/s: 0.14 m in 0.7 s, 0.16 m in 0.8 s.
    assert longest_step(TIMES, LINE, 0.15) == pytest.approx(0.7)
    walk = real_walk(TIMES, LINE, 0.15, scale=2.0)
    assert walk.step_s == pytest.approx(0.3)
    assert walk.scale == 2.0


def test_stretches_lose_no_step_and_none_is_too_long():
    generator = np.random.default_rng(0)
    times = np.cumsum(generator.uniform(0.01, 0.03, 5000))
    path = 0.3 * np.stack([np.sin(0.7 * times), np.cos(1.1 * times)], axis=1)
    walk = real_walk(times, path, 0.15, step_s=0.2, stretch=100)
    stretches, steps, _ = walk.positions.shape
    walked = steps - walk.lead
    assert walked <= 100
    assert stretches * walked > (times[-1] - times[0]) / 0.2 - stretches - 1
    assert np.linalg.norm(walk.velocities, axis=-1).max() <= 0.15 * (1 + 1e-6)
    np.testing.assert_allclose(np.cumsum(walk.velocities, axis=1), walk.positions, atol=1e-5)
    # Each stretch goes on where the one before ended, at the places of the path.
    np.testing.assert_allclose(walk.positions[1:, walk.lead - 1], walk.positions[:-1, -1], atol=1e-6)
    when = times[0] + 0.2 * np.arange(1, stretches * walked + 1)
    expected = np.stack([np.interp(when, times, path[:, axis]) for axis in range(2)], axis=1)
    np.testing.assert_allclose(walk.positions[:, walk.lead :].reshape(-1, 2), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("times", "positions", "options", "says"),
    [
        (TIMES, LINE[:, 0], {}, r"positions \(time, 2\)"),
        (TIMES[1:], LINE, {}, "must be"),
        (TIMES[::-1], LINE, {}, "times must increase"),
        (TIMES, np.where(TIMES[:, None] > 5, np.nan, LINE), {}, "finite"),
        (TIMES, LINE, {"step_s": 2.0}, "longest step is 0.4 m, above max_speed=0.15 m"),
        (TIMES, LINE, {"step_s": 0.0}, "step_s must be positive"),
        (TIMES, LINE, {"step_s": 11.0}, "within the path's 10 s"),
        (TIMES, LINE, {"scale": -1.0}, "scale must be positive"),
        (TIMES, LINE, {"max_speed": 0.01}, "move up to 0.02 m between samples 0.1 s apart"),
        (TIMES, LINE, {"stretch": 0}, "stretch must be 1"),
    ],
)
def test_refusals(unchecked, times, positions, options, says):
    with pytest.raises(ValueError, match=says):
        real_walk(times, positions, **options)


@pytest.mark.parametrize("delivered", ["pairs", "late", "one long gap"])
def test_how_frames_are_delivered_does_not_shorten_a_step(delivered):
    """The interval counts that a camera usually has, not the one within a pair."""
    times = np.arange(0, 60, 0.04)
    clock = {
        "pairs": np.sort(np.concatenate([times, times + 0.0005])),
        "late": times + np.where(np.arange(len(times)) % 7 == 0, 0.03, 0.0),
        "one long gap": np.concatenate([times, times[-1] + 30 + np.arange(0, 60, 0.04)]),
    }[delivered]
    line = np.stack([0.2 * np.abs(clock % 8 - 4) - 0.4, np.zeros(len(clock))], axis=1)
    step = longest_step(clock, line, 0.15)
    assert step == pytest.approx(0.74, abs=0.05)  # 0.15 m at 0.2 m/s, down to a multiple of 0.04 s
