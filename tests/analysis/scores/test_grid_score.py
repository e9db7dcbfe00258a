import numpy as np
import pytest

from analysis import by_loops
from sicgrid.analysis import (
    AnalysisConfig,
    analyze_units,
    autocorrelogram,
    grid_score,
    grid_scores,
    lattice_shape,
    rate_maps,
    synthetic_cells,
)
from sicgrid.analysis.maps._annuli import central_radius, half_disc, ring_correlations, ring_correlations_by_products
from sicgrid.analysis.maps._autocorrelogram import half_autocorrelogram


@pytest.fixture(scope="module")
def small():
    """Small maps for the loops: a grid with noise, noise, one field, and a grid with unvisited bins."""
    generator = np.random.default_rng(0)
    centers = synthetic_cells.bin_centers(np.linspace(-0.4, 0.4, 17))
    grid = synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(0.3, 17), [[0.2, 0.6]], 0.06)[..., 0]
    grid += 0.2 * generator.normal(size=grid.shape)
    place = np.zeros((16, 16))
    place[3:6, 8:12] = generator.random((3, 4))
    holes = grid.copy()
    holes.flat[generator.choice(256, 12, replace=False)] = np.nan
    return {"grid": grid, "noise": generator.random((16, 16)), "place": place, "holes": holes}


@pytest.mark.parametrize("name", ["grid", "noise", "place", "holes"])
def test_langston_equals_the_loops(small, name):
    correlogram = autocorrelogram(small[name]).tolist()
    found = grid_score(small[name])
    assert found.inner_radius == by_loops.central_radius(correlogram, 14)
    assert found.score == pytest.approx(by_loops.langston(correlogram, 16), abs=1e-4)
    for angle, r in found.correlations.items():
        ring = by_loops.ring_correlation(correlogram, found.inner_radius, found.outer_radius, angle)
        assert r == pytest.approx(ring, abs=1e-4)


def test_sargolini_equals_the_loops_in_a_ring_around_six_peaks(small):
    found = grid_score(small["grid"], "sargolini")
    correlogram = autocorrelogram(small["grid"]).tolist()
    assert found.score == pytest.approx(
        by_loops.min_max_score(correlogram, found.inner_radius, found.outer_radius), abs=1e-4
    )
    assert 0.3 / 0.05 + found.inner_radius <= found.outer_radius <= 0.3 / 0.05 + found.inner_radius + 2


@pytest.mark.parametrize("method", ["langston", "sargolini", "banino"])
def test_known_verdicts(known, method):
    scores = {name: grid_scores(maps, method).score for name, maps in known.items()}
    assert scores["hexagonal"].min() > 1.0
    assert scores["square"].max() < 0
    assert scores["hexagonal"].min() > np.nan_to_num(scores["noise"], nan=-2).max()
    for name in ("stripes", "place"):
        assert np.nan_to_num(scores[name], nan=-2).max() < 0.5
    assert scores["hexagonal"][4:8].min() > scores["sheared"].max() > 0.5  # of the same spacing


@pytest.mark.parametrize("method", ["langston", "sargolini", "banino"])
def test_scale_offset_and_reflection_do_not_matter(known, method):
    rates = known["sheared"][0] + 0.1 * known["noise"][0]
    score = grid_score(rates, method).score
    assert grid_score(40 * rates + 7, method).score == pytest.approx(score, abs=1e-3)
    assert grid_score(rates[::-1], method).score == pytest.approx(score, abs=1e-3)
    assert grid_score(rates.T, method).score == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize("method", ["langston", "sargolini", "banino"])
def test_many_maps_at_once_equal_one_by_one(known, method):
    maps = np.concatenate([known["noise"], known["hexagonal"], known["place"]]).reshape(2, 18, 40, 40)
    together = grid_scores(maps, method)
    assert together.score.shape == (2, 18)
    assert together.correlations.shape == (2, 18, 5)
    for index in [(0, 0), (1, 4), (1, 17)]:
        np.testing.assert_allclose(together.score[index], grid_score(maps[index], method).score, atol=1e-6)
    assert grid_scores(maps[:, :0], method).score.shape == (2, 0)


def test_a_score_carries_its_scorer_and_parameters(known):
    found = grid_score(known["hexagonal"][0], "banino")
    assert found.method == "banino"
    assert "mean" not in found.parameters["formula"]
    assert len(found.parameters["rings"]) == 10
    langston = grid_score(known["hexagonal"][0], min_overlap=30)
    assert langston.parameters["min_overlap"] == 30
    r = langston.correlations
    assert langston.score == pytest.approx(min(r[60], r[120]) - max(r[30], r[90], r[150]))


@pytest.mark.parametrize("method", ["langston", "sargolini", "banino"])
def test_constant_map_has_no_score(method):
    found = grid_score(np.full((20, 20), 0.3), method)
    assert np.isnan(found.score)


def test_central_radius_follows_the_field(centers):
    radii = []
    for width in (0.06, 0.12, 0.18):
        maps = synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(1.0), [[0.5, 0.5]], width)[
            None, ..., 0
        ]
        radii.append(int(central_radius(half_autocorrelogram(maps), half_disc(40, 40, 36))[0]))
    assert radii == sorted(radii)
    assert radii[0] < radii[2]


def test_rings_reach_from_a_tenth_of_the_side_wide_to_nine_tenths_of_the_side(known):
    """Langston's 10 cm beyond the central peak to 90 cm, in a 1 m box; among noise maps both ends win some time."""
    maps = np.random.default_rng(0).random((200, 20, 20))
    found = grid_scores(maps)
    assert (found.outer_radius - found.inner_radius).min() == 2
    assert found.outer_radius.max() == 18


def test_more_shear_is_a_lower_score(centers):
    scores = []
    for shear in (0.0, 0.1, 0.2, 0.4):
        basis = synthetic_cells.lattice_basis(0.6, 8, shear)
        scores.append(grid_score(synthetic_cells.grid_cells(centers, basis, [[0.1, 0.7]], 0.1)[..., 0]).score)
    assert scores == sorted(scores, reverse=True)
    assert lattice_shape(synthetic_cells.lattice_basis(0.6, 8, 0.4)).ellipticity > 1.4


@pytest.mark.parametrize(
    ("rates", "method", "says"),
    [
        (np.zeros((2, 20, 20)), "langston", "grid_scores"),
        (np.zeros((20, 20)), "langstone", "did you mean 'langston'"),
        (np.zeros((20, 20)), "zzz", "one of langston, sargolini, banino"),
        (np.zeros((20, 9)), "langston", "10 bins"),
        (np.zeros((20, 19)), "banino", "square"),
    ],
)
def test_bad_input_is_named(rates, method, says):
    with pytest.raises(ValueError, match=says):
        grid_score(rates, method)


@pytest.mark.parametrize(
    ("profile", "radius"),
    [
        ([0.9, 0.6, 0.5, 0.7, 0.1], 3),  # first local minimum
        ([0.9, 0.6, 0.19, 0.1, 0.7], 3),  # first below 0.2, though it falls on
        ([0.1, 0.6, 0.5, 0.7, 0.1], 1),
        ([0.9, 0.8, 0.7, 0.6, 0.5], 5),  # neither
    ],
)
def test_central_radius_of_radial_profiles(profile, radius):
    dx, dy = np.meshgrid(np.arange(10), np.arange(-9, 10), indexing="ij")
    shell = np.clip(np.rint(np.hypot(dx, dy)).astype(int), 1, 5)
    half = np.array(profile)[shell - 1][None]
    assert central_radius(half, half_disc(10, 10, 5)).tolist() == [radius]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(20, 20), (13, 18)])
def test_rings_in_one_pass_are_those_of_the_products(kind, shape):
    """To the last bit, whether a map is whole, has flat parts whose lags are NaN, or is NaN all over."""
    generator = np.random.default_rng(3)
    maps = generator.random((9, *shape)).astype(kind)
    maps[1:4] = np.where(generator.random((3, *shape)) < 0.9, 0, maps[1:4])
    maps[4, :10] = 0.3
    maps[5] = np.nan
    half = half_autocorrelogram(maps)
    disc = half_disc(*shape, int(0.9 * min(shape)))
    lags = half[:, :, : shape[1]]
    assert np.isnan(lags[4]).any()
    assert np.isnan(half[5]).all()
    inner = central_radius(half, disc)
    found = ring_correlations(half, inner, disc)
    assert np.isfinite(found).any(axis=(0, 1)).tolist() == [True] * 5 + [False] + [True] * 3
    np.testing.assert_array_equal(found, ring_correlations_by_products(half, inner, disc))


@pytest.mark.parametrize("scores", [grid_scores, grid_score, analyze_units])
def test_banino_on_a_rectangle_padded_to_a_square_is_refused(scores):
    """Its rings are shares of the side: with half of the map empty they measure something else, and gave 0.9."""
    generator = np.random.default_rng(0)
    path = generator.uniform([-1.0, -0.5], [1.0, 0.5], (20_000, 2))
    activity = synthetic_cells.grid_cells(path, synthetic_cells.lattice_basis(0.4), [[0.1, 0.3]], 0.07)
    maps = rate_maps(path, activity, np.linspace(-1, 1, 41)).maps
    ask = {
        grid_scores: lambda method: grid_scores(maps, method),
        grid_score: lambda method: grid_score(maps[0], method),
        analyze_units: lambda method: analyze_units(path, activity, 2.0, AnalysisConfig(shuffles=2, scorer=method)),
    }[scores]
    with pytest.raises(ValueError, match=r"'banino' is defined for square boxes only.*of 40 x 40 bins only 40 x 20"):
        ask("banino")
    ask("langston")


def test_banino_takes_a_square_with_unvisited_corners(known):
    maps = known["hexagonal"].copy()
    maps[:, :3, :3] = maps[:, -1] = np.nan
    assert np.isfinite(grid_scores(maps, "banino").score).all()
    assert np.isnan(grid_scores(np.full((2, 40, 40), np.nan), "banino").score).all()
