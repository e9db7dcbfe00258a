import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from sicgrid.analysis import CodeSize, RateMaps, compare_unique_range, modular_code, place_code, unique_range
from sicgrid.analysis import synthetic_cells as cells

EDGES = np.linspace(-1, 1, 41)
CENTERS = cells.bin_centers(EDGES)
SIZE = CodeSize(64, 0.2, 0.0)
NOISE = (0.01, 0.03, 0.06, 0.1)


def torus(spacing, **settings):
    return modular_code(EDGES, EDGES, cells.lattice_basis(spacing, 7)[None], SIZE, **settings).maps


@pytest.mark.parametrize("spacing", [0.45, 0.625, 0.9])
def test_range_of_one_torus_is_its_spacing_less_the_resolution(spacing):
    found = unique_range(torus(spacing), NOISE)
    assert not found.at_least.any()
    assert found.range_m[0] == pytest.approx(spacing, abs=0.075)
    assert np.all(np.abs(spacing - found.resolution_m - found.range_m) < 0.1)
    assert np.all(found.typical_range_m >= found.range_m)
    assert np.all(np.diff(found.range_m) <= 0)
    assert np.all(np.diff(found.resolution_m) >= 0)
    np.testing.assert_array_equal(found.unresolved_share, 0.0)


def test_range_of_place_cells_is_at_least_the_box():
    found = unique_range(place_code(EDGES, EDGES, CodeSize(64, 0.1, 0.0)).maps, NOISE)
    assert found.at_least.all()
    assert found.typical_at_least.all()
    np.testing.assert_allclose(found.range_m, 2.0)
    assert found.reach_m == pytest.approx(2.0)


def test_two_incommensurate_modules_reach_further_than_either():
    bases = np.array([cells.lattice_basis(0.5, 0), cells.lattice_basis(0.66, 0)])
    noise = (0.02, 0.04)
    both = unique_range(modular_code(EDGES, EDGES, bases, SIZE).maps, noise)
    singles = [unique_range(modular_code(EDGES, EDGES, basis[None], SIZE).maps, noise) for basis in bases]
    assert np.all(both.range_m > 2 * max(single.range_m.max() for single in singles))
    # 4 * 0.5 = 2.0 and 3 * 0.66 = 1.98: the first place at which both lattices come back along an axis.
    assert np.all((both.range_m > 1.0) & (both.range_m <= 2.0))


def test_ideal_code_is_its_own_ideal_and_a_larger_box_shows_more_of_it():
    bases = np.array([cells.lattice_basis(0.5, 0), cells.lattice_basis(0.66, 0)])
    measured = modular_code(EDGES, EDGES, bases, SIZE).maps
    same = compare_unique_range(measured, bases, (0.02, 0.06))
    np.testing.assert_allclose(same.ideal.range_m, same.measured.range_m, atol=0.051)
    assert same.largest_spacing_m == pytest.approx(0.66)
    wider = compare_unique_range(measured, bases, (0.02,), ideal_arena_m=3.0, references=100)
    assert wider.ideal.reach_m == pytest.approx(3.0)


def test_threshold_is_the_distance_at_which_the_allowed_confusion_is_reached():
    found = unique_range(torus(0.5), [0.1], confusion=0.01)
    np.testing.assert_allclose(found.threshold, [0.2 * 2.3263478740408408])
    generator = np.random.default_rng(0)
    crossed = (0.1 * generator.normal(size=200_000) > found.threshold[0] / 2).mean()
    assert crossed == pytest.approx(0.01, rel=0.1)


def test_an_alias_between_two_bins_is_found():
    """On a square lattice of 10.5 bins the aliases along the axes lie midway between centers."""
    basis = np.array([[0.525, 0.0], [0.0, 0.525]])
    maps = modular_code(EDGES, EDGES, basis[None], CodeSize(64, 0.3, 0.0)).maps
    states = maps.maps.reshape(64, -1).T
    apart, gap = (squareform(pdist(points)) for points in (CENTERS.reshape(-1, 2), states))
    between_centers = gap[(apart > 0.3) & (apart < 0.6)].min()
    found = unique_range(maps, [0.5 * between_centers / 4.65], references=1600)
    assert found.range_m[0] == pytest.approx(0.525, abs=0.03)


def test_distances_at_each_ring_are_those_of_the_closest_places():
    found = unique_range(torus(0.6), NOISE, references=1600)
    at = {round(r, 3): k for k, r in enumerate(found.distance_m)}
    assert found.closest[at[0.6]] < 0.1 < found.closest[at[0.3]]
    assert np.all(found.closest <= found.typical_closest)


@pytest.mark.parametrize("code", ["stripes", "constant"])
def test_a_code_that_does_not_resolve_its_places_has_no_range(code):
    states = cells.stripe_cells(CENTERS, 0.5, 0.0, np.arange(8) / 8) if code == "stripes" else np.ones((40, 40, 3))
    found = unique_range(RateMaps(np.moveaxis(states, -1, 0), np.ones((40, 40)), EDGES, EDGES), [0.01])
    assert np.isnan(found.range_m[0])
    assert np.isnan(found.typical_range_m[0])
    assert np.isnan(found.resolution_m[0])
    assert not found.at_least[0]
    assert found.unresolved_share[0] == 1.0


def test_noise_as_large_as_the_code_leaves_no_range():
    found = unique_range(torus(0.6), [0.02, 1.0])
    assert np.isfinite(found.range_m[0])
    assert np.isnan(found.range_m[1])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"noise": [0.0]}, "noise must be positive"),
        ({"noise": []}, "noise must be positive"),
        ({"noise": [np.nan]}, "noise must be positive"),
        ({"confusion": 0.5}, "confusion must be"),
        ({"references": 0}, "references must be"),
    ],
)
def test_impossible_arguments_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        unique_range(torus(0.6), **{"noise": NOISE, **setting})


def test_an_ideal_box_smaller_than_two_bins_is_refused():
    with pytest.raises(ValueError, match="ideal_arena_m must be"):
        compare_unique_range(torus(0.6), cells.lattice_basis(0.6)[None], ideal_arena_m=0.05)
