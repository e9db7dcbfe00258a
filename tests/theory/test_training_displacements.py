import itertools
import math

import numpy as np
import pytest

from sicgrid.theory._training_displacements import CodeSetting, _sum_densities, displacements, step_differences

SMALL = CodeSetting(length=12, batch_size=4, sigma_x=0.1)


def batches(setting, count, seed=0):
    """Places (count, B * T, 2): one sequence of velocities a batch, in B random orders."""
    generator = np.random.default_rng(seed)
    velocities = generator.uniform(-setting.max_speed, setting.max_speed, (count, 1, setting.length, 2))
    order = generator.random((count, setting.batch_size, setting.length)).argsort(axis=-1)
    walked = np.take_along_axis(velocities, order[..., None], axis=2)
    return walked.cumsum(axis=2).reshape(count, -1, 2)


@pytest.fixture(scope="module")
def pairs():
    """Displacements (pairs, 2) of the ordered pairs of distinct points of many batches."""
    places = batches(SMALL, 1000)
    offset = places[:, :, None] - places[:, None, :]
    return offset[:, ~np.eye(places.shape[1], dtype=bool)].reshape(-1, 2)


def test_step_differences_equal_an_enumeration_of_all_orders():
    length, counts, total = 3, [0, 0, 0, 0], 0
    for first in itertools.permutations(range(length)):
        for second in itertools.permutations(range(length)):
            walked = [set(order[: t + 1]) for order in (first, second) for t in range(length)]
            for one in range(len(walked)):
                for other in range(len(walked)):
                    if one != other:
                        counts[len(walked[one] ^ walked[other])] += 1
                        total += 1
    np.testing.assert_allclose(step_differences(2, length), np.array(counts) / total, rtol=1e-12)


@pytest.mark.parametrize(
    ("batch", "length", "expected"),
    [
        (2, 1, [1, 0]),  # the same single velocity
        (1, 3, [0, 2 / 3, 1 / 3, 0]),  # one trajectory: |t - t'|
        (1, 2, [0, 1, 0]),
    ],
)
def test_step_differences_by_hand(batch, length, expected):
    np.testing.assert_allclose(step_differences(batch, length), expected, atol=1e-12)


@pytest.mark.parametrize(("batch", "length"), [(1, 2), (130, 60), (7, 100)])
def test_step_differences_are_a_distribution(batch, length):
    shares = step_differences(batch, length)
    assert len(shares) == length + 1
    assert shares.min() >= 0
    assert shares.sum() == pytest.approx(1, abs=1e-10)


def test_one_point_has_no_differences():
    with pytest.raises(ValueError, match="two points, got 1 and 1"):
        step_differences(1, 1)


def test_densities_of_sums_are_a_box_a_tent_and_a_parabola():
    s = 0.15
    x = np.array([-0.4, -0.2, -0.0371, 0.0, 0.1, 0.31, 0.449])
    box = [1 / (2 * s) if abs(v) < s else 0 for v in x]
    tent = [max(0, 2 * s - abs(v)) / (2 * s) ** 2 for v in x]
    parabola = [
        (0.75 - (v / (2 * s)) ** 2 if abs(v) < s else 0.5 * max(0, 1.5 - abs(v) / (2 * s)) ** 2) / (2 * s) for v in x
    ]
    np.testing.assert_allclose(_sum_densities(x, 3, s), [box, tent, parabola], atol=1e-12)


def test_densities_of_sums_of_many_have_their_variance_and_keep_the_shape():
    x = np.linspace(-6, 6, 4001).reshape(1, -1)
    found = _sum_densities(x, 60, 0.15)
    assert found.shape == (60, 1, 4001)
    for n in (2, 17, 60):
        mass = found[n - 1, 0] * (x[0, 1] - x[0, 0])
        assert mass.sum() == pytest.approx(1, abs=1e-4)
        assert (mass * x[0] ** 2).sum() == pytest.approx(n * 0.15**2 / 3, rel=1e-3)


def test_mean_squared_displacement_equals_that_of_sampled_batches_and_its_formula(pairs):
    places = displacements(SMALL)
    found = (places.every * (places.places_m**2).sum(axis=1)).sum()
    points = SMALL.batch_size * SMALL.length
    sampled = (pairs**2).sum(axis=1).mean() * (1 - 1 / points)
    walked = step_differences(SMALL.batch_size, SMALL.length) @ np.arange(SMALL.length + 1)
    assert found == pytest.approx(sampled, rel=0.02)
    assert found == pytest.approx(walked * 2 * SMALL.max_speed**2 / 3 * (1 - 1 / points), rel=5e-3)


def test_means_of_a_smooth_function_equal_those_over_sampled_batches(pairs):
    def smooth(offset):
        return np.exp(-((offset / np.array([0.3, 0.2])) ** 2).sum(axis=1)) * np.cos(offset.sum(axis=1) / 0.3)

    places, values = displacements(SMALL, 0.03), smooth(pairs)
    distance = np.sqrt((pairs**2).sum(axis=1))
    near, points = distance < SMALL.sigma_x, SMALL.batch_size * SMALL.length
    there = smooth(places.places_m)
    coincident = (distance < 1e-9).mean()
    assert places.near_share == pytest.approx(near.mean(), rel=0.02)
    assert places.same == pytest.approx(1 / points + (1 - 1 / points) * coincident, rel=0.02)
    assert places.every @ there + places.same == pytest.approx(1 / points + (1 - 1 / points) * values.mean(), abs=3e-3)
    assert places.far @ there == pytest.approx(values[~near].mean(), abs=3e-3)
    assert places.near @ there + 1 - places.near.sum() == pytest.approx(values[near].mean(), abs=3e-3)


@pytest.mark.parametrize("setting", [CodeSetting(), SMALL, CodeSetting(length=30, batch_size=1, max_speed=0.4)])
def test_weights_sum_to_one(setting):
    places = displacements(setting)
    assert places.every.sum() + places.same == pytest.approx(1, abs=1e-10)
    assert places.far.sum() == pytest.approx(1, abs=1e-3)
    assert 0 < places.near.sum() <= 1 + 1e-9
    assert places.step_m == pytest.approx(0.9 * setting.sigma_x)
    assert np.abs(places.places_m).max() <= setting.length * setting.max_speed + places.step_m


def test_a_finer_quadrature_agrees():
    def smooth(places):
        return places.far @ np.exp(-(places.places_m**2).sum(axis=1) / (2 * 0.1**2))

    setting = SMALL._replace(length=40, batch_size=32)
    assert smooth(displacements(setting)) == pytest.approx(smooth(displacements(setting, 0.04)), abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 0}, "length must be a positive whole number, got 0"),
        ({"units": 2.5}, "units must be"),
        ({"sigma_g": -1.0}, "sigma_g must be positive"),
        ({"max_speed": math.nan}, "max_speed must be positive"),
        ({"capacity": -0.1}, "capacity, a weight"),
        ({"length": 2, "sigma_x": 1.0}, "sigma_x must leave far pairs|sigma_x, the default of step_m, must be"),
    ],
)
def test_settings_out_of_range_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        displacements(SMALL._replace(**changes))


def test_too_coarse_a_step_is_refused():
    with pytest.raises(ValueError, match=r"0.9 sigma_x, the default of step_m, must be .* got 0.9"):
        displacements(CodeSetting(sigma_x=1.0))
    with pytest.raises(ValueError, match=r"^step_m must be .* got 1"):
        displacements(SMALL, 1.0)


def test_a_scale_that_leaves_no_far_pair_is_refused():
    with pytest.raises(ValueError, match="sigma_x must leave far pairs"):
        displacements(CodeSetting(length=2, max_speed=0.01, sigma_x=0.05), 0.002)
