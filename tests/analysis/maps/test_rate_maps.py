import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import by_loops
from sicgrid.analysis import bin_spikes, lattice, rate_maps, smooth_maps, synthetic_cells
from sicgrid.analysis.maps import bin_path


def test_equals_the_loops_with_unvisited_bins_edges_and_places_outside():
    generator = np.random.default_rng(0)
    x_edges, y_edges = np.array([-1.0, -0.4, 0.1, 1.0]), np.linspace(-1, 1, 6)
    positions = generator.uniform(-1, 1, (60, 2))
    positions[:7] = [(-1, -1), (1, 1), (0.1, 0.2), (-0.4, 1), (1, -0.6), (1.0001, 0), (0.3, -1.1)]
    positions = positions[~((positions[:, 0] > 0.1) & (positions[:, 1] > 0.6)) | (np.arange(60) < 7)]
    activity, seconds = generator.random((len(positions), 3)), generator.uniform(0.01, 2, len(positions))
    for lasting in (None, seconds):
        found = rate_maps(positions, activity, (x_edges, y_edges), lasting)
        assert found.outside == 2
        for unit in range(3):
            edges = x_edges.tolist(), y_edges.tolist()
            expected = by_loops.rate_map(positions.tolist(), activity[:, unit].tolist(), *edges, lasting)
            np.testing.assert_allclose(found.maps[unit], expected, atol=1e-12)
    assert found.occupancy.sum() == pytest.approx(seconds.sum() - seconds[5:7].sum())


def test_unvisited_is_nan_and_silent_is_zero():
    maps = rate_maps([[0.5, 0.5], [0.5, 1.5]], [[0.0], [2.0]], [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(maps.maps, [[[0.0, 2.0], [np.nan, np.nan]]])
    np.testing.assert_array_equal(maps.occupancy, [[1, 1], [0, 0]])


def test_axes_are_unit_x_y():
    maps = rate_maps([[0.5, 0.5], [1.5, 0.5], [1.5, 2.5]], np.eye(3), ([0, 1, 2], [0, 1, 2, 3]))
    assert maps.maps.shape == (3, 2, 3)
    assert maps.maps[2, 1, 2] == 1
    assert (len(maps.x_edges), len(maps.y_edges)) == (3, 4)


def test_animals_and_time_are_samples_alike():
    generator = np.random.default_rng(1)
    positions, activity = generator.uniform(-1, 1, (3, 20, 2)), generator.random((3, 20, 40), dtype=np.float32)
    edges = np.linspace(-1, 1, 4)
    flat = rate_maps(positions.reshape(60, 2), activity.reshape(60, 40).astype(float), edges)
    np.testing.assert_array_equal(rate_maps(positions, activity, edges).maps, flat.maps)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 40))
def test_occupancy_times_rate_is_all_that_was_fired(seed, bins, samples):
    generator = np.random.default_rng(seed)
    positions, activity = generator.uniform(-1, 1, (samples, 2)), generator.random((samples, 2))
    found = rate_maps(positions, activity, np.linspace(-1, 1, bins + 1))
    assert found.occupancy.sum() == samples
    np.testing.assert_allclose(np.nansum(found.maps * found.occupancy, axis=(1, 2)), activity.sum(axis=0))
    np.testing.assert_array_equal(np.isnan(found.maps[0]), found.occupancy == 0)


@pytest.mark.parametrize(
    ("positions", "activity", "edges", "says"),
    [
        (np.zeros(5), np.zeros((5, 1)), [0, 1], "1-D track"),
        (np.zeros((5, 3)), np.zeros((5, 1)), [0, 1], r"\(5, 3\)"),
        (np.full((5, 2), np.nan), np.zeros((5, 1)), [0, 1], "5 of 5 samples are NaN"),
        (np.zeros((5, 2)), np.zeros((4, 1)), [0, 1], "same leading axes"),
        (np.zeros((5, 2)), np.zeros(5), [0, 1], "activity.*None"),
        (np.zeros((5, 2)), np.full((5, 2), [0, np.inf]), [0, 1], r"units \[1\]"),
        (np.zeros((5, 2)), np.zeros((5, 1)), [0, 1, 1], "strictly increasing"),
        (np.zeros((5, 2)), np.zeros((5, 1)), ([0, 1], [1, 0]), "the y edges"),
        (np.zeros((5, 2)), np.zeros((5, 1)), 3.0, "linspace"),
        (np.full((5, 2), 50), np.zeros((5, 1)), [-1, 1], "5 of 5 positions lie outside .* in meters"),
        (np.eye(16, 2) * 2, np.zeros((16, 1)), [-1, 1], "2 of 16 positions lie outside"),
        (np.zeros((5, 2)), scipy.sparse.csr_array((4, 1)), [0, 1], "with 5 samples"),
        (np.zeros((5, 2)), scipy.sparse.csr_array(np.full((5, 1), np.nan)), [0, 1], "sparse activity must be finite"),
        (np.zeros((1, 2)), scipy.sparse.csr_array(([1.0], [7], [0, 1]), shape=(1, 2)), [0, 1], "must be < 2"),
    ],
)
def test_bad_input_is_named(positions, activity, edges, says):
    with pytest.raises(ValueError, match=says):
        rate_maps(positions, activity, edges)


def test_smoothing_keeps_a_flat_map_flat_and_unvisited_bins_unvisited():
    flat = np.full((2, 12, 9), 3.0)
    flat[:, 4:6, 3] = np.nan
    np.testing.assert_allclose(smooth_maps(flat, 1.5), flat)
    assert smooth_maps(flat, 0) is flat
    spot = np.zeros((11, 11))
    spot[5, 5] = 1
    smooth = smooth_maps(spot, 1.0)
    assert smooth[5, 6] / smooth[5, 5] == pytest.approx(np.exp(-0.5))
    with pytest.raises(ValueError, match="sigma_bins"):
        smooth_maps(flat, -1)


@pytest.mark.parametrize(
    ("seconds", "says"),
    [([1.0, 1.0], "one number a sample"), ([1.0, 0.0, 1.0], "positive"), ([1.0, np.nan, 1.0], "positive and finite")],
)
def test_bad_durations_are_named(seconds, says):
    with pytest.raises(ValueError, match=says):
        rate_maps(np.zeros((3, 2)), np.ones((3, 1)), [-1, 1], seconds)


@pytest.mark.parametrize("side", [0.7, 1.1, 1.41421356, 2.3])
def test_on_the_wall_is_inside_in_single_precision_too(side):
    """float32(0.55) is above 0.55: an animal along the wall would lie outside of its box."""
    walls = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]], dtype=np.float32) * np.float32(side / 2)
    found = rate_maps(walls, np.ones((4, 1)), np.linspace(-side / 2, side / 2, 11))
    assert found.outside == 0
    np.testing.assert_array_equal(found.occupancy[[0, 0, -1, -1], [0, -1, 0, -1]], 1)


def sampled(clock, spikes):
    """The map of a unit on one path, 0.05 m/s along x and slower along y, that is seen at these times."""
    path = np.stack([np.abs((0.05 * clock) % 2 - 1), np.abs((0.0113 * clock) % 2 - 1)], axis=1)
    binned = bin_spikes(clock, spikes, np.zeros(len(spikes), dtype=int))
    return rate_maps(path, binned.activity, np.linspace(0, 1, 6), binned.durations)


@pytest.mark.parametrize("sampling", ["half the rate for half the time", "pairs", "bursts", "late", "jitter"])
def test_how_often_the_camera_looks_changes_no_rate_and_no_time(sampling):
    """Spikes stay spikes and seconds seconds; only where a sample ends and the next begins moves, by a part of it."""
    generator = np.random.default_rng(4)
    even = np.arange(0, 600, 0.02)
    spikes = generator.uniform(0, 599, 20_000)
    clock = {
        "half the rate for half the time": np.concatenate([even[:15_000], even[15_000::2]]),
        "pairs": np.sort(np.concatenate([even[::2], even[::2] + 0.001])),
        "bursts": np.sort((even[::5, None] + 0.002 * np.arange(5)).ravel()),
        "late": even + np.where(np.arange(len(even)) % 10 == 3, 0.015, 0.0),
        "jitter": even + generator.uniform(0, 0.019, len(even)),
    }[sampling]
    expected, found = sampled(even, spikes), sampled(clock, spikes)
    np.testing.assert_allclose(found.occupancy, expected.occupancy, atol=0.03 * expected.occupancy.mean())
    assert found.occupancy.sum() == pytest.approx(600, abs=0.2)
    np.testing.assert_allclose(found.maps, expected.maps, rtol=0.06)
    # All spikes are there: their number is the sum of rates times seconds.
    assert np.nansum(found.maps * found.occupancy) == pytest.approx(len(spikes), abs=2)


def test_smoothing_is_the_plane_fitted_in_loops():
    generator = np.random.default_rng(1)
    rates, time = generator.random((7, 6)), generator.uniform(0.02, 5, (7, 6))
    rates[2, 3:5] = rates[6, 0] = np.nan
    for weights in (None, time):
        found = smooth_maps(rates, 1.3, weights)
        for i, j in zip(*np.nonzero(np.isfinite(rates)), strict=True):
            expected = by_loops.plane_height(rates.tolist(), 1.3, i, j, None if weights is None else time.tolist())
            expected = min(max(expected, np.nanmin(rates)), np.nanmax(rates))
            assert found[i, j] == pytest.approx(expected, abs=1e-4)
    assert np.isnan(found[np.isnan(rates)]).all()
    unknown = np.where(np.isnan(rates), np.nan, time)  # how long nobody was there
    np.testing.assert_array_equal(smooth_maps(rates, 1.3, unknown.tolist()), found)


def test_smoothing_leaves_a_ramp_a_ramp_wherever_the_animal_was():
    x, y = np.meshgrid(np.arange(20.0), np.arange(16.0), indexing="ij")
    ramp = 3 + 0.4 * x - 0.2 * y
    ramp[8:11, 5:9] = ramp[0, :4] = np.nan
    time = np.random.default_rng(0).uniform(0.1, 10, ramp.shape)
    for weights in (None, time):
        np.testing.assert_allclose(smooth_maps(ramp, 1.5, weights), ramp, atol=2e-3)


def test_maps_are_smoothed_alike_alone_and_together():
    rates = np.random.default_rng(0).random((3, 12, 12))
    rates[1, 4, 4] = np.nan  # another mask than that of the others
    together = smooth_maps(rates, 1.2)
    for alone, found in zip(rates, together, strict=True):
        np.testing.assert_allclose(found, smooth_maps(alone, 1.2), atol=1e-9)
    single = smooth_maps(rates.astype(np.float32), 1.2)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, together, atol=1e-5)


def test_a_spike_in_a_bin_that_was_crossed_once_makes_no_peak():
    """One spike in 20 ms is 50 Hz there; by its time it weighs a thousandth of its neighbors."""
    rates, time = np.full((15, 15), 2.0), np.full((15, 15), 20.0)
    rates[7, 7], time[7, 7] = 50.0, 0.02
    assert smooth_maps(rates, 1.0)[7, 7] > 5
    assert smooth_maps(rates, 1.0, time)[7, 7] == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("time", [np.ones((4, 5)), np.zeros((4, 4)), np.float64(1.0)])
def test_times_that_do_not_fit_are_refused(time):
    with pytest.raises(ValueError, match="time must have the shape"):
        smooth_maps(np.ones((2, 4, 4)), 1.0, np.asarray(time))


def test_smoothing_does_not_stretch_a_lattice_at_walls(centers):
    """Mean over phases of the lattice fitted to smoothed ideal maps of a 1 m box; one-sided means give 4 % more."""
    places = synthetic_cells.bin_centers(np.linspace(-0.5, 0.5, 21))
    phases = np.random.default_rng(1).random((12, 2))
    maps = np.moveaxis(synthetic_cells.grid_cells(places, synthetic_cells.lattice_basis(0.42, 17), phases, 0.07), -1, 0)
    for sigma in (1.0, 1.5):
        spacing = [lattice(one).spacing_m for one in smooth_maps(maps, sigma)]
        assert np.mean(spacing) == pytest.approx(0.42, rel=0.015)


@pytest.mark.parametrize("lasting", [False, True])
def test_a_path_with_other_rows_is_averaged_as_if_they_had_been_put_in_order(lasting):
    """To the last bit, also where samples last unequally long and bins are not visited."""
    generator = np.random.default_rng(0)
    seconds = generator.uniform(0.5, 2, 300) if lasting else None
    path = bin_path(generator.uniform(-1, 1.02, (300, 2)), np.linspace(-1, 1, 16), seconds)
    activity = generator.random((300, 5)).astype(np.float32)
    source = generator.permutation(300)
    assert len(path.samples) < 300
    found = path.average(activity, source)
    assert found.dtype == np.float32
    assert np.isnan(found).any()
    np.testing.assert_array_equal(found, path.average(activity[source]))
    activity.flags.writeable = False  # as memory maps are, and arrays of some other packages
    np.testing.assert_array_equal(path.average(activity, source), found)
