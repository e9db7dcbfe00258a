import json

import numpy as np
import pytest
from pydantic import ValidationError

from sicgrid.analysis import (
    SPIKE_COLUMNS,
    UNIT_COLUMNS,
    AnalysisConfig,
    analyze_units,
    bin_spikes,
    lattice,
    spacing_peaks,
    summarize,
    synthetic_cells,
)

QUICK = AnalysisConfig(shuffles=20)
KINDS = ("near", "far", "square", "stripes", "place", "constant", "silent")


@pytest.fixture(scope="module")
def states(walk):
    """Two units of each of KINDS, in this order."""
    generator = np.random.default_rng(9)
    phases = generator.uniform(size=(2, 2))

    def grid(spacing, **basis):
        return synthetic_cells.grid_cells(walk, synthetic_cells.lattice_basis(spacing, **basis), phases, 0.18 * spacing)

    return np.concatenate(
        [
            grid(0.45, orientation_deg=12),
            grid(0.9, orientation_deg=40),
            grid(0.5, angle_deg=90, orientation_deg=20),
            synthetic_cells.stripe_cells(walk, 0.5, 25, [0.0, 0.6]),
            synthetic_cells.place_cells(walk, [[0.3, 0.3], [-0.4, 0.2]], 0.2),
            0.5 + 0.02 * generator.random((60, 300, 2)),
            np.full((60, 300, 2), 1e-3),
        ],
        axis=-1,
    ).astype(np.float32)


@pytest.fixture(scope="module")
def table(walk, states):
    return analyze_units(walk, states, 2.0, QUICK, seed=3)


def of(table, column, kind):
    return table[column][2 * KINDS.index(kind) : 2 * KINDS.index(kind) + 2]


def test_verdicts(table):
    for kind in KINDS:
        grid = kind in ("near", "far")
        assert of(table, "active", kind).all() == (kind != "silent")
        assert of(table, "constant", kind).all() == (kind == "constant")
        assert of(table, "is_grid", kind).tolist() == [grid, grid]
        if kind in ("near", "far", "square"):  # with few fields a shuffle says little
            assert of(table, "beats_field_shuffle", kind).tolist() == [grid, grid]
    above = table["grid_score"] > table["null_p99"]
    np.testing.assert_array_equal(table["is_grid"], above & ~table["constant"])
    np.testing.assert_array_equal(table["beats_field_shuffle"], table["grid_score"] > table["field_shuffle_p99"])


def test_lattices_and_information(table):
    assert of(table, "spacing_m", "near") == pytest.approx([0.45, 0.45], rel=0.01)
    assert of(table, "spacing_m", "far") == pytest.approx([0.9, 0.9], rel=0.01)
    assert of(table, "orientation_deg", "near") == pytest.approx([12, 12], abs=1)
    assert of(table, "orientation_deg", "far") == pytest.approx([40, 40], abs=1)
    assert of(table, "ellipticity", "square") == pytest.approx([np.sqrt(3)] * 2, rel=0.02)
    assert np.isnan(of(table, "spacing_m", "place")).all()
    assert of(table, "spatial_information", "place").min() > of(table, "spatial_information", "near").max()
    assert of(table, "spatial_information", "constant").max() < 0.01
    first = lattice(table.maps.maps[0])
    np.testing.assert_array_equal(table.basis_m[0], first.basis_m)
    np.testing.assert_array_equal([table["phase_x"][0], table["phase_y"][0]], first.phase)


def test_columns_are_whole_and_inactive_units_are_nan(table):
    assert tuple(table.columns) == UNIT_COLUMNS
    assert len(table) == 14
    assert all(column.shape == (14,) for column in table.columns.values())
    assert table.maps.maps.shape == (14, 40, 40)
    assert set(table["scorer"]) == {"langston"}
    for name in ("grid_score", "null_p99", "field_shuffle_p99", "spacing_m", "spatial_information", "phase_x"):
        assert np.isnan(of(table, name, "silent")).all()
    assert not of(table, "is_grid", "silent").any()
    assert np.isnan(table.basis_m[-2:]).all()


def test_summary(table):
    summary = summarize(table)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    grids = int(table["is_grid"].sum())
    assert (summary["units"], summary["active_units"], summary["constant_units"]) == (14, 12, 2)
    assert summary["grid_units"] == grids
    assert summary["fraction_grid"] == pytest.approx(grids / 12)
    assert summary["grid_score_median"] == pytest.approx(np.nanmedian(table["grid_score"][:12]))
    assert summary["scorer"] == "langston"
    assert any(spacing == pytest.approx(0.45, rel=0.01) for spacing in summary["spacing_m"])


def test_seed_fixes_the_table_and_progress_reaches_its_end(walk, states):
    calls = []
    config = AnalysisConfig(shuffles=2, bin_size=0.1, scorer="sargolini", smoothing_m=0.1)

    def run(seed):
        return analyze_units(walk, states[..., :5], 2.0, config, seed, lambda *step: calls.append(step))

    one, same, other = run(1), run(1), run(2)
    for name in UNIT_COLUMNS:
        np.testing.assert_array_equal(one[name], same[name])
    assert (one["null_p99"] != other["null_p99"]).any()
    assert calls[:9] == [(done, 9) for done in range(1, 10)]  # 2 shuffles of either null, 5 lattices
    assert set(one["scorer"]) == {"sargolini"}
    assert summarize(one)["scorer_parameters"]["ring"].endswith("sixth nearest peak + central radius")


def test_bins_follow_the_arena_where_the_bin_size_does_not_divide_it(walk, states):
    table = analyze_units(walk, states[..., :1], 2.0, AnalysisConfig(shuffles=2, bin_size=0.07))
    assert table.maps.maps.shape[1:] == (29, 29)
    assert table["spacing_m"][0] == pytest.approx(0.45, rel=0.01)


@pytest.mark.parametrize(
    ("spacings", "peaks"),
    [
        ([], []),
        ([np.nan, 0.5], [0.5]),
        ([0.5, 0.5, 0.51, 0.9, 0.91, 0.92, 1.3, 1.31], [0.5, 0.91, 1.305]),
        ([0.5] * 40 + [0.8], [0.5]),
    ],
)
def test_spacing_peaks(spacings, peaks):
    assert spacing_peaks(spacings) == pytest.approx(peaks)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"activity": np.full((2, 50, 3), -1.0)}, "not be negative"),
        ({"activity": np.zeros((2, 49, 3))}, "same leading axes"),
        ({"positions": np.full((2, 50, 2), np.nan)}, "NaN"),
        ({"positions": np.zeros(50)}, "1-D"),
        ({"positions": np.random.default_rng(0).uniform(0, 1, (2, 50, 2)), "arena": 1.0}, "lie outside .* one origin"),
        ({"spikes": True}, "spikes need seconds"),
        ({"names": ["a", "b"]}, "names must be one for each of the 3 units, got 2"),
        ({"arena": 0.3}, "10 bins"),
        ({"arena": -2.0}, "positive"),
        ({"arena": 100.0}, "2,000 bins; is it in centimeters"),
    ],
)
def test_bad_input_is_named(change, says):
    right = {"positions": np.zeros((2, 50, 2)), "activity": np.ones((2, 50, 3)), "arena": 2.0}
    with pytest.raises(ValueError, match=says):
        analyze_units(**{**right, **change})


@pytest.mark.parametrize(
    "field", [{"bin_size": 0}, {"shuffles": 1}, {"scorer": "best"}, {"min_shift": 0.5}, {"bins": 40}]
)
def test_settings_out_of_range_are_refused(field):
    with pytest.raises(ValidationError):
        AnalysisConfig(**field)


def test_smoothing_of_old_settings_is_in_bins():
    assert AnalysisConfig.model_validate({"smoothing": 1.5}).smoothing_m == 0.075
    assert AnalysisConfig.model_validate({"smoothing": 2, "bin_size": 0.025}).smoothing_m == 0.05
    assert AnalysisConfig.model_validate({"smoothing": 0}).smoothing_m == 0.0
    with pytest.raises(ValidationError, match="give smoothing_m alone"):
        AnalysisConfig.model_validate({"smoothing": 1.5, "smoothing_m": 0.05})


def test_a_silent_population_is_a_table_and_no_error(walk):
    table = analyze_units(walk, np.zeros((60, 300, 3)), 2.0, QUICK)
    assert tuple(table.columns) == UNIT_COLUMNS
    assert not table["active"].any()
    assert not table["is_grid"].any()
    assert np.isnan(table["grid_score"]).all()
    summary = summarize(table)
    assert (summary["active_units"], summary["grid_units"], summary["fraction_grid"]) == (0, 0, None)


def test_whether_a_unit_is_active_is_asked_once_of_the_smoothed_map(walk):
    """0.05 in one bin is above the threshold until it is smoothed: silent, in every column."""
    spots = np.where((np.abs(walk - 0.275) < 0.025).all(axis=-1, keepdims=True), 0.05, 0.0)
    table = analyze_units(walk, spots, 2.0, AnalysisConfig(shuffles=2, smoothing_m=0.15))
    assert np.nanmax(table.raw_maps.maps) > 0.02
    assert not table["active"].any()


def test_names_are_kept_as_they_are(walk, states):
    names = ["007", "1_12"]
    table = analyze_units(walk, states[..., :2], 2.0, AnalysisConfig(shuffles=2), names=names)
    assert table["name"].tolist() == names
    assert table["unit"].tolist() == [0, 1]


@pytest.fixture(scope="module")
def spiking():
    """Ten minutes in a 1 m box at 50 Hz: a path, and spikes of cells of 0.3 m and of a unit of 5 Hz anywhere."""
    generator = np.random.default_rng(6)
    times, place, velocity = np.arange(30_000) / 50, np.zeros(2), np.zeros(2)
    path = np.empty((30_000, 2))
    for sample in range(len(path)):
        velocity = 0.96 * velocity + 0.056 * generator.normal(size=2)
        place = place + 0.02 * velocity
        outside = np.abs(place) > 0.5
        place, velocity = np.where(outside, np.sign(place) - place, place), np.where(outside, -velocity, velocity)
        path[sample] = place
    basis = synthetic_cells.lattice_basis(0.3, 20)
    rates = 15 * synthetic_cells.grid_cells(path, basis, generator.random((8, 2)), 0.05)
    counts = generator.poisson(0.02 * np.concatenate([rates, np.full((30_000, 1), 5.0)], axis=1))
    sample, unit = np.nonzero(counts)
    spikes = np.repeat(times[sample], counts[sample, unit])
    return times, path, spikes + generator.uniform(-0.009, 0.009, len(spikes)), np.repeat(unit, counts[sample, unit])


def test_lattices_of_spikes_are_right_within_their_standard_errors(spiking):
    times, path, spikes, units = spiking
    binned = bin_spikes(times, spikes, units)
    config = AnalysisConfig(shuffles=20, smoothing_m=0.05)
    table = analyze_units(path, binned.activity, 1.0, config, seconds=binned.durations, spikes=True)
    assert tuple(table.columns) == UNIT_COLUMNS + SPIKE_COLUMNS
    assert table["is_grid"].tolist() == [True] * 8 + [False]
    spacing_z = (table["spacing_m"][:8] - 0.3) / table["spacing_se_m"][:8]
    orientation_z = (table["orientation_deg"][:8] - 20) / table["orientation_se_deg"][:8]
    assert np.abs(spacing_z).max() < 4
    assert np.abs(orientation_z).max() < 4
    assert table["spacing_m"][:8] == pytest.approx(0.3, rel=0.03)
    # 15 Hz in the middle of a field, averaged over a bin of 5 cm: 13.9.
    assert np.median(table["lattice_peak"][:8]) == pytest.approx(13.9, rel=0.15)
    assert table.maps.occupancy.sum() == pytest.approx(600, abs=0.1)


def test_a_camera_that_looks_less_often_for_half_the_time_changes_no_unit(spiking):
    times, path, spikes, units = spiking
    kept = (times < 300) | (np.arange(len(times)) % 3 == 0)
    tables = []
    for chosen in (np.ones(len(times), dtype=bool), kept):
        binned = bin_spikes(times[chosen], spikes, units)
        config = AnalysisConfig(shuffles=20, smoothing_m=0.05)
        tables.append(analyze_units(path[chosen], binned.activity, 1.0, config, seconds=binned.durations, spikes=True))
    even, uneven = tables
    np.testing.assert_allclose(uneven.maps.occupancy, even.maps.occupancy, atol=0.3)
    for name, atol in {"spacing_m": 0.004, "peak": 1.5, "spatial_information": 0.05, "grid_score": 0.12}.items():
        np.testing.assert_allclose(uneven[name][:8], even[name][:8], atol=atol)
    assert uneven["is_grid"].tolist() == even["is_grid"].tolist()
    # The unit that fires anywhere is no better than chance in both.
    assert uneven["null_p99"][8] == pytest.approx(even["null_p99"][8], abs=0.35)
