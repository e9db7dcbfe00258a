"""The shapes whose Betti numbers are known, embedded in 50 dimensions with noise, and populations of cells."""

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.analysis.states._landmarks import farthest_points
from sicgrid.analysis.states._topology import (
    TopologyConfig,
    barcode,
    count_features,
    finite_lengths,
    shuffle_units,
    topology,
    topology_plan,
)

# The rule is the default one; fewer landmarks and shuffles only save time.
QUICK = TopologyConfig(points=140, shuffle_points=60, shuffles=20)
POSITIONS = synthetic_cells.bin_centers(np.linspace(-1, 1, 41)).reshape(-1, 2)


def in_high_dimension(shape, noise=0.05, dimensions=50, seed=0):
    generator = np.random.default_rng(seed)
    axes = np.linalg.qr(generator.normal(size=(dimensions, shape.shape[1])))[0]
    size = np.sqrt(((shape - shape.mean(axis=0)) ** 2).sum(axis=1).mean())
    return shape @ axes.T + noise * size * generator.normal(size=(len(shape), dimensions))


def cloud(name, points=2000, seed=1):
    generator = np.random.default_rng(seed)
    a, b = 2 * np.pi * generator.random((2, points))
    if name == "torus":
        return np.stack([np.cos(a), np.sin(a), np.cos(b), np.sin(b)], axis=1)
    if name == "hexagonal torus":
        return np.stack([f(x) for x in (a, b, -a - b) for f in (np.cos, np.sin)], axis=1)
    if name == "circle":
        return np.stack([np.cos(a), np.sin(a)], axis=1)
    if name == "plane":
        return np.stack([a, b], axis=1)
    ball = generator.normal(size=(points, 3))
    return ball / np.linalg.norm(ball, axis=1, keepdims=True) if name == "sphere" else ball


@pytest.mark.parametrize(
    "name, betti, verdict",
    [
        ("torus", (1, 2, 1), "torus"),
        ("hexagonal torus", (1, 2, 1), "torus"),
        ("circle", (1, 1, 0), "circle"),
        ("plane", (1, 0, 0), "contractible"),
        ("sphere", (1, 0, 1), "sphere"),
        ("ball", (1, 0, 0), "contractible"),
    ],
)
def test_shapes_in_high_dimension_with_noise(name, betti, verdict):
    found = topology(in_high_dimension(cloud(name)), QUICK)
    assert found.betti == betti
    assert found.verdict == verdict
    assert found.is_torus == (verdict == "torus")


def test_two_separate_clouds_have_two_components():
    states = in_high_dimension(cloud("ball"))
    states[::2] += 3
    assert topology(states, QUICK).betti[0] == 2


def grid_module(seed, units=40):
    generator = np.random.default_rng(seed)
    spacing = generator.uniform(0.5, 0.9)
    basis = synthetic_cells.lattice_basis(spacing, generator.uniform(0, 60))
    return synthetic_cells.grid_cells(POSITIONS, basis, generator.random((units, 2)), spacing * 0.16)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_grid_module_is_a_torus_beyond_all_shuffles(seed):
    found = topology(grid_module(seed), QUICK)
    assert found.verdict == "torus"
    lengths = [finite_lengths(bars) for bars in found.bars]
    assert lengths[1][1] > found.null_longest[:, 1].max()
    assert lengths[2][0] > found.null_longest[:, 2].max()
    np.testing.assert_allclose(found.p_values[1:], 1 / 21)


def test_populations_that_are_no_module_are_no_torus():
    generator = np.random.default_rng(21)
    populations = {
        "place": synthetic_cells.place_cells(POSITIONS, generator.uniform(-1, 1, (60, 2)), 0.2),
        "stripes": synthetic_cells.stripe_cells(POSITIONS, 0.5, 20, generator.random(40)),
        "noise": synthetic_cells.noise_cells(POSITIONS, 40, 0.15, generator),
        "shuffled module": generator.permuted(grid_module(22), axis=0),
        "two modules": np.concatenate([grid_module(23), grid_module(24)], axis=1),
    }
    verdicts = {name: topology(states, QUICK).verdict for name, states in populations.items()}
    assert "torus" not in verdicts.values(), verdicts
    assert verdicts["stripes"] == "circle"
    assert verdicts["shuffled module"] == "contractible"


def test_the_same_seed_gives_the_same_verdict_and_another_gain_too():
    states = grid_module(31, units=20)
    config = QUICK.model_copy(update={"points": 80, "shuffle_points": 60})
    first, again, louder = (topology(x, config, seed=3) for x in (states, states, states * np.linspace(1, 9, 20)))
    np.testing.assert_array_equal(first.null_longest, again.null_longest)
    np.testing.assert_allclose(first.bars[1], louder.bars[1], atol=1e-5)


def test_barcode_of_a_square_by_hand():
    # Four corners of a unit square: three joins at 1, one loop from the side (1) to the diagonal (sqrt 2).
    h0, h1, h2 = barcode(np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]))
    np.testing.assert_allclose(finite_lengths(h0), [1, 1, 1])
    assert np.isinf(h0[0, 1])
    np.testing.assert_allclose(h1, [[1, np.sqrt(2)]], rtol=1e-6)
    assert len(h2) == 0


@pytest.mark.parametrize(
    "lengths, count",
    [
        ([0.9, 0.8, 0.2, 0.1], 2),  # two beyond the threshold
        ([0.9, 0.8, 0.32, 0.3], 2),  # four beyond it, but the gap lies after the second
        ([0.9, 0.5, 0.1], 2),  # unequal loops: the ratio 5 exceeds the ratio 1.8
        ([0.25, 0.01], 0),  # a large gap below the threshold is none
        ([0.9], 1),
        ([], 0),
    ],
)
def test_features_exceed_the_threshold_and_lie_before_the_largest_ratio(lengths, count):
    assert count_features(np.array(lengths), 0.3) == count


def test_fewer_landmarks_make_noise_longer():
    # The reason why shuffles may use fewer landmarks than the data: the threshold only rises.
    generator = np.random.default_rng(41)
    longest = {60: [], 150: []}
    for _ in range(5):
        noise = generator.normal(size=(800, 6))
        for points, found in longest.items():
            bars = barcode(noise[farthest_points(noise, points)])
            found.append([finite_lengths(bars[1])[0], finite_lengths(bars[2])[0]])
    assert (np.mean(longest[60], axis=0) > np.mean(longest[150], axis=0)).all()


def test_shuffles_keep_each_unit_and_nothing_between_units():
    walk = np.random.default_rng(51).normal(size=(1500, 3)).cumsum(axis=0)
    states = walk @ np.random.default_rng(52).normal(size=(3, 8))
    generator = np.random.default_rng(0)
    for shuffle in ("permute", "roll"):
        mixed = shuffle_units(states, QUICK.model_copy(update={"shuffle": shuffle}), generator)
        np.testing.assert_allclose(np.sort(mixed, axis=0), np.sort(states, axis=0))
        assert np.linalg.matrix_rank(states) == 3
        assert np.linalg.matrix_rank(mixed) == 8
    # Rolled, every unit keeps its course in time.
    shift = int(np.argmin([np.abs(np.roll(states[:, 0], -k) - mixed[:, 0]).max() for k in range(len(states))]))
    np.testing.assert_array_equal(np.roll(states[:, 0], -shift), mixed[:, 0])


def test_the_plan_comes_before_the_run_and_counts_what_is_done():
    plan = topology_plan((80_000, 30))
    assert (plan.points, plan.shuffle_points, plan.shuffles, plan.candidates) == (240, 120, 100, 3000)
    assert plan.triangles == 240 * 239 * 238 // 6
    assert plan.seconds < 60
    assert "240 landmarks" in str(plan)
    assert topology_plan((80_000, 30), TopologyConfig(points=480)).seconds > plan.seconds
    states = grid_module(61, units=10)
    assert topology(states, QUICK.model_copy(update={"points": 60, "shuffle_points": 60})).plan.states == len(states)


def test_bad_input_gets_a_sentence():
    states = grid_module(71, units=10)
    with pytest.raises(ValueError, match="at least 240 points, got 100"):
        topology(states[:100])
    with pytest.raises(ValueError, match="at least 3 units, got 2"):
        topology(states[:, :2])
    with pytest.raises(ValueError, match="NaN"):
        topology(np.where(np.arange(len(states))[:, None] == 7, np.nan, states))
    with pytest.raises(ValueError, match="distinct states"):
        topology(np.repeat(states[:5], 100, axis=0), QUICK.model_copy(update={"neighbors": 0}))
    with pytest.raises(ValueError, match="candidates must be at least"):
        TopologyConfig(candidates=200)


def test_the_size_of_the_cloud_is_the_unit_of_length():
    found = topology(grid_module(81) * 1000, QUICK.model_copy(update={"points": 60, "shuffle_points": 60}))
    # No two points of a cloud of size 1 are farther apart than a few sizes.
    assert 0.5 < found.bars[1].max() < 3
