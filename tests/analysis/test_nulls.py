import numpy as np
import pytest

from sicgrid.analysis import (
    circular_shift_null,
    field_shuffle_null,
    find_fields,
    grid_scores,
    rate_maps,
    synthetic_cells,
)
from sicgrid.analysis._nulls import shuffle_fields

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
    ],
)
def test_bad_input_is_named(change, says):
    right = {"positions": np.zeros((1, 20, 2)), "activity": np.zeros((1, 20, 1)), "bin_edges": np.linspace(-1, 1, 11)}
    with pytest.raises(ValueError, match=says):
        circular_shift_null(**{**right, **change})


def test_field_shuffles_want_a_batch():
    with pytest.raises(ValueError, match="units, nx, ny"):
        field_shuffle_null(np.zeros((12, 12)))
