import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sicgrid.trajectories import WalkConfig, arena_walks


def occupancy(positions, arena, bin_size=0.05):
    edges = np.linspace(-arena / 2, arena / 2, round(arena / bin_size) + 1)
    x, y = positions.reshape(-1, 2).T
    counts, _, _ = np.histogram2d(x, y, (edges, edges))
    return counts


@pytest.mark.parametrize("arena", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_default_walks_visit_the_whole_box(arena, seed):
    walks = arena_walks(arena, WalkConfig(), np.random.default_rng(seed))
    assert np.mean(occupancy(walks.positions, arena) > 0) > 0.99


@pytest.mark.parametrize("arena", [2.0, 3.0, 4.0])
def test_default_walks_are_even_up_to_walls_and_corners(arena):
    walks = arena_walks(arena, WalkConfig(), np.random.default_rng(0))
    # All paths leave from the center, so the first steps are not even; the whole still is, within a factor of 1.5.
    for positions, bound in ((walks.positions, 1.5), (walks.positions[:, 100:], 1.3)):
        fifths = occupancy(positions, arena, arena / 5)
        share = fifths / fifths.mean()
        assert 1 / bound < share.min()
        assert share.max() < bound
    frame = np.ones((40, 40), dtype=bool)
    frame[1:-1, 1:-1] = False
    fine = occupancy(walks.positions, arena, arena / 40)
    assert fine[frame].mean() == pytest.approx(fine[~frame].mean(), rel=0.2)


@pytest.mark.parametrize(("arena", "animals"), [(1.0, 200), (2.0, 200), (3.0, 450), (4.0, 800)])
def test_animals_grow_with_the_area_above_two_meters(arena, animals):
    config = WalkConfig()
    assert config.animals_in(arena) == animals
    walks = arena_walks(arena, config.model_copy(update={"steps": 3}), np.random.default_rng(0))
    assert walks.positions.shape == walks.velocities.shape == (animals, 3, 2)
    assert walks.positions.dtype == walks.velocities.dtype == np.float32


@settings(deadline=None, max_examples=50)
@given(
    arena=st.floats(0.05, 10.0),
    kind=st.sampled_from(["smooth", "iid"]),
    max_speed=st.floats(0.01, 0.5),
    seed=st.integers(0, 2**32),
)
def test_every_walk_is_a_path_from_the_center_inside_the_box_at_allowed_speed(arena, kind, max_speed, seed):
    config = WalkConfig(animals=3, steps=60, kind=kind, max_speed=max_speed)
    walks = arena_walks(arena, config, np.random.default_rng(seed))
    rounding = 4 * np.finfo(np.float32).eps * arena
    assert np.all(np.abs(walks.positions.astype(np.float64)) <= arena / 2)
    assert np.all(np.abs(walks.velocities) <= max_speed + rounding)
    np.testing.assert_array_equal(walks.velocities[:, 0], walks.positions[:, 0])
    walked = np.cumsum(walks.velocities.astype(np.float64), axis=1)
    np.testing.assert_allclose(walked, walks.positions, atol=60 * rounding)


@pytest.mark.parametrize("kind", ["smooth", "iid"])
def test_generator_decides_everything(kind):
    config = WalkConfig(kind=kind)
    once, again, other = (arena_walks(2.0, config, np.random.default_rng(seed)).positions for seed in (5, 5, 6))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def heading_changes(kind):
    # So slow that no wall is met.
    walks = arena_walks(2.0, WalkConfig(animals=1, steps=2000, kind=kind, max_speed=0.0015), np.random.default_rng(1))
    heading = np.unwrap(np.arctan2(*walks.velocities[..., ::-1].reshape(-1, 2).T))
    return np.diff(heading), np.linalg.norm(walks.velocities.reshape(-1, 2), axis=1)


def test_smooth_walks_turn_and_change_speed_gradually():
    turns, speed = heading_changes("smooth")
    assert np.std(turns) == pytest.approx(0.15, rel=0.15)
    assert np.corrcoef(turns[1:], turns[:-1])[0, 1] == pytest.approx(np.exp(-1 / 5), abs=0.1)
    assert np.corrcoef(speed[1:], speed[:-1])[0, 1] > 0.8
    assert speed.mean() == pytest.approx(0.00075, rel=0.15)


def test_iid_walks_are_jerky():
    turns, speed = heading_changes("iid")
    assert np.std(turns) > 1.0
    assert abs(np.corrcoef(speed[1:], speed[:-1])[0, 1]) < 0.1


def test_straight_walk_is_a_billiard_path():
    config = WalkConfig(animals=1, steps=200, turning=0.0, speed_time=1e9)
    walks = arena_walks(1.0, config, np.random.default_rng(2))
    step = np.abs(walks.velocities[0].astype(np.float64))
    # Away from the walls each axis moves by the same amount in either direction; at a wall by less.
    full = step[0]
    np.testing.assert_allclose(step.max(axis=0), full, atol=1e-4)
    assert np.mean(np.all(np.abs(step - full) < 1e-4, axis=1)) > 0.6
    free = np.arange(1, 201)[:, None] * walks.velocities[0, 0].astype(np.float64)
    expected = 2 / np.pi * np.arcsin(np.sin(np.pi * free)) / 2  # triangle wave of period 2, amplitude 1/2
    np.testing.assert_allclose(walks.positions[0], expected, atol=0.01)


def test_last_bin_keeps_animals_at_a_wall_that_float32_rounds_outward():
    arena = 2.2
    assert float(np.float32(arena / 2)) > arena / 2
    walks = arena_walks(arena, WalkConfig(animals=50, kind="iid"), np.random.default_rng(0))
    assert occupancy(walks.positions, arena).sum() == walks.positions[..., 0].size


@pytest.mark.parametrize("arena", [0.0, -2.0, float("nan"), float("inf")])
def test_impossible_arena_is_refused(arena):
    with pytest.raises(ValueError, match="arena must be a positive side"):
        arena_walks(arena, WalkConfig(), np.random.default_rng(0))


@pytest.mark.parametrize(
    "setting", [{"animals": 0}, {"steps": 0}, {"kind": "drunk"}, {"max_speed": 0.0}, {"turning": -1.0}, {"step": 3}]
)
def test_impossible_settings_are_refused(setting):
    with pytest.raises(ValidationError):
        WalkConfig(**setting)


def test_default_walk_takes_less_than_a_second():
    start = time.perf_counter()
    arena_walks(2.0, WalkConfig(), np.random.default_rng(0))
    assert time.perf_counter() - start < 1.0
