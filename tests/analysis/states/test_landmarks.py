import numpy as np
import pytest

from sicgrid.analysis.states._landmarks import average_neighbors, farthest_points


def test_farthest_points_of_a_line_halve_it():
    line = np.array([[0.0], [0.3], [0.5], [0.9], [1.0]])
    # From the mean (0.54) the end 0 is farthest, then 1, then the point nearest the middle, by hand.
    assert farthest_points(line, 3).tolist() == [0, 4, 2]


def test_landmarks_cover_within_twice_the_best_radius():
    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    chosen = farthest_points(grid, 25)
    radius = np.linalg.norm(grid[:, None] - grid[chosen], axis=2).min(axis=1).max()
    # 25 squares of 4 x 4 points have the radius of half a diagonal; Gonzalez: at most twice the best cover.
    assert radius <= 2 * np.hypot(2, 2)


def test_repeated_states_are_no_landmarks():
    with pytest.raises(ValueError, match="distinct states, found 3"):
        farthest_points(np.repeat(np.eye(3), 10, axis=0), 5)
    with pytest.raises(ValueError, match="need as many states"):
        farthest_points(np.eye(3), 5)


def test_average_draws_an_outlier_in_and_keeps_a_dense_line():
    cloud = np.concatenate([np.linspace(0, 1, 200)[:, None] * [1.0, 0.0], [[0.5, 5.0]]])
    moved = average_neighbors(cloud, 10)
    assert moved[-1, 1] == pytest.approx(5 / 11)
    assert np.abs(moved[20:80] - cloud[20:80]).max() < 1e-9
    assert average_neighbors(cloud, 0) is cloud
    with pytest.raises(ValueError, match="below the number of points"):
        average_neighbors(cloud[:5], 5)


def test_farthest_points_are_those_of_one_numpy_pass_a_point():
    points = np.random.default_rng(2).normal(size=(300, 6))
    chosen = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmax())]
    nearest = np.full(300, np.inf)
    for _ in range(59):
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(nearest.argmax()))
    assert farthest_points(points, 60).tolist() == chosen
