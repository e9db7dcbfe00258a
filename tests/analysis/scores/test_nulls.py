import numpy as np
import pytest
import scipy.sparse

from sicgrid.analysis import (
    circular_shift_null,
    field_shuffle_null,
    find_fields,
    grid_scores,
    rate_maps,
    shuffle_fields,
    synthetic_cells,
)
from sicgrid.analysis.scores._nulls import _in_ticks

EDGES = np.linspace(-1, 1, 41)


@pytest.fixture(scope="module")
def grid_activity(walk):
    phases = np.random.default_rng(0).uniform(size=(3, 2))
    return synthetic_cells.grid_cells(walk, synthetic_cells.lattice_basis(0.5, 10), phases, 0.1)


def test_circular_shifts_are_rolls_of_each_animal():
    """Two samples, one shift possible: every animal's activity swapped in time; a swap is its only roll."""
    generator = np.random.default_rng(0)
    positions = generator.uniform(-1, 1, (300, 2, 2))
    activity = generator.random((300, 2, 2))
    edges = np.linspace(-1, 1, 11)
    found = circular_shift_null(positions, activity, edges, 3, seed=1)
    swapped = rate_maps(positions, activity[:, ::-1], edges).maps
    np.testing.assert_allclose(found, np.tile(grid_scores(swapped).score, (3, 1)), atol=1e-4)


def test_circular_shifts_break_the_relation_to_place(walk, grid_activity):
    score = grid_scores(rate_maps(walk, grid_activity, EDGES).maps).score
    null = circular_shift_null(walk, grid_activity, EDGES, 30)
    assert null.shape == (30, 3)
    assert (score > np.percentile(null, 99, axis=0) + 0.3).all()
    assert abs(np.median(null)) < 0.3


def test_same_seed_same_null_and_another_seed_another(walk, grid_activity):
    maps = rate_maps(walk, grid_activity, EDGES).maps
    for null in (
        lambda seed: circular_shift_null(walk, grid_activity, EDGES, 2, seed=seed),
        lambda seed: field_shuffle_null(maps, 2, seed=seed),
    ):
        np.testing.assert_array_equal(null(4), null(4))
        assert (null(4) != null(5)).any()


def test_one_animal_may_leave_out_its_axis(walk, grid_activity):
    one = circular_shift_null(walk[0], grid_activity[0], np.linspace(-1, 1, 11), 2)
    np.testing.assert_array_equal(one, circular_shift_null(walk[:1], grid_activity[:1], np.linspace(-1, 1, 11), 2))


def test_progress_counts_the_shuffles(walk, grid_activity):
    calls = []
    circular_shift_null(walk, grid_activity, EDGES, 3, progress=lambda done, total: calls.append((done, total)))
    field_shuffle_null(np.random.default_rng(0).random((1, 12, 12)), 2, progress=lambda *step: calls.append(step))
    assert calls == [(1, 3), (2, 3), (3, 3), (1, 2), (2, 2)]


def test_shuffled_fields_hold_the_same_values(known):
    maps = np.concatenate(list(known.values()))
    maps[:, 3:8, 30:36] = np.nan
    shuffled = shuffle_fields(maps, find_fields(maps), np.random.default_rng(0))
    np.testing.assert_array_equal(np.isnan(shuffled), np.isnan(maps))
    flat = maps.reshape(len(maps), -1)
    np.testing.assert_array_equal(np.sort(shuffled.reshape(flat.shape), axis=1), np.sort(flat, axis=1))


def test_a_moved_field_keeps_its_shape(centers):
    rates = synthetic_cells.place_cells(centers, [[0.025, 0.025]], 0.12)[..., 0][None]
    fields = find_fields(rates)
    generator = np.random.default_rng(2)
    whole = 0
    for _ in range(10):
        moved = shuffle_fields(rates, fields, generator)[0]
        x, y = np.unravel_index(np.argmax(moved), moved.shape)
        if min(x, y, 39 - x, 39 - y) >= 8:  # not cut by a wall
            np.testing.assert_allclose(moved[x - 5 : x + 6, y - 5 : y + 6], rates[0, 15:26, 15:26], atol=0.02)
            whole += 1
    assert whole >= 3


def test_where_fields_meet_the_higher_one_stands(centers):
    tall_and_wide = synthetic_cells.place_cells(centers, [[-0.475, 0.025]], 0.08)[..., 0] * 2
    tall_and_wide += synthetic_cells.place_cells(centers, [[0.525, 0.025]], 0.4)[..., 0]
    fields = find_fields(tall_and_wide[None])
    assert fields.number.tolist() == [2]
    generator = np.random.default_rng(0)
    top = np.unravel_index(tall_and_wide.argmax(), (40, 40))
    tall = tall_and_wide[top[0] - 1 : top[0] + 2, top[1] - 1 : top[1] + 2]
    compared = 0
    for _ in range(30):
        moved = shuffle_fields(tall_and_wide[None], fields, generator)[0]
        x, y = np.unravel_index(moved.argmax(), (40, 40))
        if min(x, y, 39 - x, 39 - y) >= 4:
            np.testing.assert_allclose(moved[x - 1 : x + 2, y - 1 : y + 2], tall, atol=0.25)
            compared += 1
    assert compared >= 10


def test_fields_are_kept_apart_where_there_is_room(centers):
    middles = [[-0.475, 0.025], [0.525, 0.025], [0.025, 0.625], [0.025, -0.625]]
    rates = synthetic_cells.place_cells(centers, middles, 0.12).sum(axis=-1)[None]
    fields = find_fields(rates)
    generator = np.random.default_rng(0)
    counts = [find_fields(shuffle_fields(rates, fields, generator)).number[0] for _ in range(30)]
    assert counts == [4] * 30


def test_new_places_are_spread_over_the_whole_arena(centers):
    rates = np.tile(synthetic_cells.place_cells(centers, [[-0.5, -0.5]], 0.1)[..., 0], (400, 1, 1))
    shuffled = shuffle_fields(rates, find_fields(rates), np.random.default_rng(1)).reshape(400, -1)
    x, y = np.divmod(shuffled.argmax(axis=1), 40)
    quarters = np.bincount(2 * (x // 20) + y // 20, minlength=4)
    assert (np.abs(quarters - 100) < 4 * np.sqrt(75)).all()  # four standard deviations of a fair draw


def test_field_shuffles_undo_a_grid_and_leave_noise_what_it_was(known):
    grid, noise = known["hexagonal"][:4], known["noise"]
    assert (grid_scores(grid).score > np.percentile(field_shuffle_null(grid, 30), 99, axis=0)).all()
    null = field_shuffle_null(noise, 30)
    passed = grid_scores(noise).score > np.nanpercentile(null, 99, axis=0)
    assert passed.mean() <= 0.15  # a chance of about 1 in 30 for each of 20: 3 or fewer in 99.6 % of draws


def test_maps_without_fields_have_no_null():
    maps = np.stack([np.zeros((12, 12)), np.random.default_rng(0).random((12, 12))])
    null = field_shuffle_null(maps, 3)
    assert np.isnan(null[:, 0]).all()
    assert np.isfinite(null[:, 1]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"positions": np.zeros((4, 2, 9, 2))}, "animals, time, 2"),
        ({"positions": np.zeros((1, 1, 2)), "activity": np.zeros((1, 1, 1))}, "min_shift"),
        ({"min_shift": 0.6}, "min_shift"),
        ({"shuffles": 0}, "shuffles"),
        ({"method": "banana"}, "did you mean 'banino'"),
        ({"activity": np.zeros((1, 19, 1))}, "same leading axes"),
        ({"bin_edges": np.linspace(-1, 1, 5)}, "10 bins"),
        ({"seconds": np.full(20, -1.0)}, "seconds must be positive"),
        ({"seconds": np.append(np.ones(19), np.nan)}, "seconds must be positive and finite"),
        ({"seconds": np.ones(19)}, "one number a sample"),
    ],
)
def test_bad_input_is_named(change, says):
    right = {"positions": np.zeros((1, 20, 2)), "activity": np.zeros((1, 20, 1)), "bin_edges": np.linspace(-1, 1, 11)}
    with pytest.raises(ValueError, match=says):
        circular_shift_null(**{**right, **change})


def test_field_shuffles_want_a_batch():
    with pytest.raises(ValueError, match="units, nx, ny"):
        field_shuffle_null(np.zeros((12, 12)))


def ticks_of(seconds, activity):
    points = np.random.default_rng(0).uniform(-1, 1, (1, len(seconds), 2))
    return _in_ticks(points, activity, np.asarray(seconds, dtype=float))


@pytest.mark.parametrize("kind", ["uneven", "bursts", "fast, then slow", "one long"])
def test_ticks_keep_every_spike_and_all_of_the_time(kind):
    generator = np.random.default_rng(0)
    seconds = {
        "uneven": generator.uniform(0.01, 0.03, 3000),
        "bursts": np.tile([0.001, 0.001, 0.058], 1000),
        "fast, then slow": np.r_[np.full(2500, 0.001), np.full(500, 0.1)],
        "one long": np.r_[np.full(2999, 0.02), 0.09],
    }[kind]
    counts = generator.poisson(0.4, (3000, 2))
    activity = scipy.sparse.csr_array(counts / seconds[:, None])
    points, dealt = ticks_of(seconds, activity)
    ticks = points.shape[1]
    assert dealt.shape == (ticks, 2)
    assert ticks <= len(seconds)  # a path sampled a hundred times finer for a part of it makes no millions
    np.testing.assert_allclose(dealt.sum(axis=0) * seconds.sum() / ticks, counts.sum(axis=0))
    # Each tick reads the sample that holds its middle.
    begin = np.concatenate([[0.0], np.cumsum(seconds)])
    middle = (np.arange(ticks) + 0.5) * seconds.sum() / ticks
    sample = np.array([np.flatnonzero(begin[:-1] <= each)[-1] for each in middle])
    paths = np.random.default_rng(0).uniform(-1, 1, (1, len(seconds), 2))
    np.testing.assert_array_equal(points, paths[:, sample])


def test_ticks_of_dense_activity_follow_the_path():
    seconds = np.r_[np.full(50, 1.0), np.full(25, 2.0)]
    activity = np.arange(75.0)[:, None]
    points, values = ticks_of(seconds, activity)
    assert points.shape[1] == len(values) == 75  # 100 s of 1 s would be more than there are samples
    assert (np.diff(values[:, 0]) >= 0).all()
    even = np.ones(75)
    assert ticks_of(even, activity)[1] is activity


def test_a_null_does_not_care_how_often_the_camera_looked(walk):
    """Of dense activity and of spikes: the same recording with half of the samples of its second half left out."""
    path, generator = walk.reshape(-1, 2)[:6000], np.random.default_rng(1)
    activity = synthetic_cells.grid_cells(path, synthetic_cells.lattice_basis(0.5, 10), [[0.2, 0.3], [0.7, 0.1]], 0.1)
    kept = (np.arange(6000) < 3000) | (np.arange(6000) % 2 == 0)
    seconds = np.where(np.arange(6000) < 3000, 0.02, 0.04)[kept]
    spikes = scipy.sparse.csr_array(generator.poisson(activity[kept]) / seconds[:, None])
    edges = np.linspace(-1, 1, 21)
    even = circular_shift_null(path, activity, edges, 40, smoothing=1.0)
    for some in (activity[kept], spikes):
        uneven = circular_shift_null(path[kept], some, edges, 40, seconds=seconds, smoothing=1.0)
        assert np.isfinite(uneven).all()
        assert np.abs(np.median(uneven, axis=0) - np.median(even, axis=0)).max() < 0.25


def test_sparse_and_dense_activity_have_one_null(walk):
    path = walk.reshape(-1, 2)[:4000]
    activity = np.where(np.random.default_rng(2).random((4000, 3)) < 0.1, 50.0, 0.0)
    edges = np.linspace(-1, 1, 13)
    dense = circular_shift_null(path, activity, edges, 3, smoothing=1.0)
    sparse = circular_shift_null(path, scipy.sparse.csr_array(activity), edges, 3, smoothing=1.0)
    np.testing.assert_allclose(sparse, dense, atol=1e-3)


def test_seconds_are_of_one_animal(walk):
    with pytest.raises(ValueError, match="seconds need positions of one animal, got those of 60"):
        circular_shift_null(walk, np.ones((60, 300, 1)), EDGES, 2, seconds=np.ones((60, 300)))
