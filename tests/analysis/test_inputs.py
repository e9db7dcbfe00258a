"""What analyses take: masked values count as missing, complex ones and text are refused, whole numbers are numbers."""

import numpy as np
import pytest

from sicgrid.analysis import (
    RateMaps,
    analyze_units,
    bin_spikes,
    box_stability,
    find_modules,
    grid_score,
    grid_scores,
    lattice,
    metric_tensor,
    power_spectrum,
    rate_maps,
    spacing_peaks,
    spatial_information,
    state_distance_density,
    synthetic_cells,
)
from sicgrid.analysis.maps import find_fields, smooth_maps

EDGES = np.linspace(-1, 1, 41)
CENTERS = synthetic_cells.bin_centers(EDGES)
PHASES = [[0.2, 0.3], [0.7, 0.1], [0.4, 0.8], [0.9, 0.6], [0.1, 0.5], [0.6, 0.9]]
CELLS = np.moveaxis(synthetic_cells.grid_cells(CENTERS, synthetic_cells.lattice_basis(0.5, 10), PHASES, 0.08), -1, 0)
UNVISITED = np.zeros((40, 40), dtype=bool)
UNVISITED[:12] = UNVISITED[:, 30:] = True
WITH_NAN = np.where(UNVISITED, np.nan, CELLS)
MASKED = np.ma.masked_array(np.where(UNVISITED, 5.0, CELLS), mask=np.broadcast_to(UNVISITED, CELLS.shape))
GENERATOR = np.random.default_rng(0)
PATH = GENERATOR.uniform(-1, 1, (2000, 2))


def walked(maps):
    return RateMaps(maps, np.ones((40, 40)), EDGES, EDGES)


@pytest.mark.parametrize(
    "measure",
    [
        lambda maps: grid_score(maps[0]).score,
        lambda maps: lattice(maps[0], 0.05).spacing_m,
        lambda maps: find_modules(walked(maps)).labels(),
        lambda maps: smooth_maps(maps, 1.5),
        lambda maps: find_fields(maps).number,
        lambda maps: spatial_information(maps, np.ones((40, 40))),
        lambda maps: metric_tensor(walked(maps)).tensor,
    ],
)
def test_masked_bins_are_unvisited_whatever_lies_under_the_mask(measure):
    np.testing.assert_array_equal(measure(MASKED), measure(WITH_NAN))


def test_masked_samples_are_lost_and_not_taken_for_places():
    lost = np.zeros((2000, 2), dtype=bool)
    lost[300:400] = True
    positions, activity = np.ma.masked_array(PATH, mask=lost), GENERATOR.random((2000, 3))
    with pytest.raises(ValueError, match="positions must be finite, but 100 of 2000 samples"):
        rate_maps(positions, activity, EDGES)
    with pytest.raises(ValueError, match="positions must be finite"):
        state_distance_density(positions, activity, np.zeros(3))
    with pytest.raises(ValueError, match=r"activity must be finite, but units \[1\]"):
        rate_maps(PATH, np.ma.masked_array(activity, mask=np.arange(3) == np.ones((2000, 1))), EDGES)


DATES = np.full(CELLS.shape, np.datetime64("2020-01-01"))


@pytest.mark.parametrize(
    "wrong",
    [
        CELLS + 1j,
        CELLS.astype(str),
        CELLS.astype(str).astype(object),
        np.ma.masked_array(CELLS.astype(str), mask=UNVISITED | np.zeros_like(CELLS, dtype=bool)),
        np.ma.masked_array(DATES, mask=UNVISITED | np.zeros_like(CELLS, dtype=bool)),
        np.full(CELLS.shape, 10**400),
    ],
)
def test_what_is_no_real_number_is_refused_by_name(wrong):
    for measure in (grid_scores, find_fields, lambda maps: lattice(maps[0], 0.05), lambda maps: smooth_maps(maps, 1)):
        with pytest.raises(ValueError, match=r"maps? must be real numbers, got an array of"):
            measure(wrong)
    with pytest.raises(ValueError, match="activity must be real numbers"):
        rate_maps(PATH, np.broadcast_to(wrong[:, 0, 0], (2000, 6)), EDGES)


def test_counts_and_truths_are_numbers():
    counts = GENERATOR.poisson(9 * CELLS)
    np.testing.assert_array_equal(smooth_maps(counts, 1.5), smooth_maps(counts.astype(float), 1.5))
    np.testing.assert_array_equal(smooth_maps(CELLS > 0.5, 1.5), smooth_maps((CELLS > 0.5).astype(float), 1.5))
    assert find_fields(counts).number.tolist() == find_fields(counts.astype(float)).number.tolist()
    assert smooth_maps(CELLS.astype(np.float32), 1.5).dtype == np.float32  # half the time, where it suffices


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "i4"])
def test_units_of_spikes_may_be_unsigned(kind):
    binned = bin_spikes(np.arange(0, 40, 0.02), [1.0, 2.0, 3.0], np.array([0, 1, 1], kind))
    assert binned.counts.sum(axis=0).tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"units must be a whole number from 0, got 5\.5"):
        bin_spikes(np.arange(0, 40, 0.02), [1.0], np.array([0], kind), units=5.5)


def test_objects_that_are_numbers_are_taken_and_none_is_missing():
    objects = np.where(UNVISITED, None, CELLS.astype(object))
    np.testing.assert_array_equal(smooth_maps(objects, 1.5), smooth_maps(WITH_NAN, 1.5))


def test_a_masked_unit_of_a_spike_is_refused():
    with pytest.raises(ValueError, match="spike_units must not be masked"):
        bin_spikes(np.arange(0, 40, 0.02), [1.0, 2.0], np.ma.masked_array([0, 99], mask=[False, True]))


def test_a_linear_track_has_spatial_information():
    """Rates 1, 2, 3 in thirds of the time: sum of p r/m log2(r/m) over them."""
    ratio = np.array([1, 2, 3]) / 2
    expected = (ratio * np.log2(ratio)).mean()
    np.testing.assert_allclose(spatial_information([[1, 2, 3]], np.ones((1, 3))), expected)


def test_a_unit_without_a_rate_is_named():
    silent = CELLS.copy()
    silent[3] = np.nan
    with pytest.raises(ValueError, match=r"units \[3\] have in reference no bin in which their rate is known"):
        box_stability(walked(silent), walked(CELLS))
    with pytest.raises(ValueError, match=r"maps must have shape \(maps, x, y\) with at least one map, got \(40, 40\)"):
        find_fields(CELLS[0])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: analyze_units(PATH, CELLS[:3, 0, :1], np.inf), "arena must be a positive number"),
        (lambda: analyze_units(PATH, CELLS[:3, 0, :1], [2.0, 1.0]), "arena must be a positive number"),
        (lambda: lattice(CELLS[0], np.inf), "bin_size must be positive"),
        (lambda: find_modules(CELLS, bases_m=np.zeros((6, 2, 2))), r"bases_m must be two independent .* units \[0, 1"),
        (lambda: power_spectrum(CELLS, pad=1.5), "pad must be a whole number from 1"),
        (lambda: synthetic_cells.lattice_basis(1.0, angle_deg=180), "angle_deg must not be a multiple of 180"),
        (lambda: box_stability(walked(CELLS[:, :5]), walked(CELLS)), r"reference has maps of \(5, 40\) bins and edges"),
    ],
)
def test_numbers_out_of_range_are_told_by_their_name(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_spacing_of_zero_is_none():
    assert spacing_peaks([0.0, 0.5, 0.5]) == [0.5]


@pytest.mark.parametrize(
    "measure", [grid_scores, power_spectrum, lambda maps: spatial_information(maps, np.ones((40, 40)))]
)
def test_maps_with_their_bins_in_place_of_an_array_are_told_what_to_give(measure):
    with pytest.raises(ValueError, match=r"got RateMaps; give its \.maps"):
        measure(walked(CELLS))
