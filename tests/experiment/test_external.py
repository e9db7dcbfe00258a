"""Somebody's recording as a run: cells drawn along a real rat's path are found again; faults leave nothing behind."""

import hashlib
import json
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import ACTIVITY, POSITIONS, TIMES, write_npz, write_nwb
from sicgrid.analysis import synthetic_cells
from sicgrid.experiment import (
    RunConfig,
    analyze_run,
    checked_config,
    evaluate_run,
    import_recording,
    load_run_config,
    load_run_recording,
    train_run,
)
from sicgrid.report import read_results, render_page
from sicgrid.storage import UserError, read_rat_path, read_units

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pynwb's own
SPACING, GRIDS = 0.35, 6


def quiet(*_):
    pass


@pytest.fixture(scope="module")
def rat_spikes():
    """Poisson spikes of six grid cells (20 Hz at the peak) and two units of 5 Hz anywhere, along a real rat's path."""
    if find_spec("ratinabox") is None:
        pytest.skip("ratinabox, which ships the rat's path, is not installed (sicgrid[rat])")
    rat = read_rat_path()
    generator = np.random.default_rng(0)
    basis = synthetic_cells.lattice_basis(SPACING, 12)
    grids = 20 * synthetic_cells.grid_cells(rat.positions - 0.5, basis, generator.random((GRIDS, 2)), 0.06)
    rates = np.concatenate([grids, np.full((len(rat.times), 2), 5.0)], axis=1)
    counts = generator.poisson(0.02 * rates)
    sample, unit = np.nonzero(counts)
    repeats = counts[sample, unit]
    times = np.repeat(rat.times[sample], repeats) + generator.uniform(-0.01, 0.01, repeats.sum())
    return rat, times, np.repeat(unit, repeats), rates


@pytest.mark.parametrize("kind", ["npz", "nwb"])
def test_cells_drawn_along_a_real_path_are_found(tmp_path, rat_spikes, kind):
    """Grid cells are above their null and unmodulated units are not; spacing is right within 10 %, less than a bin."""
    rat, times, units, rates = rat_spikes
    path = tmp_path / f"rat.{kind}"
    if kind == "nwb":
        if find_spec("pynwb") is None:
            pytest.skip("pynwb is not installed (sicgrid[nwb])")
        write_nwb(path, rat.positions, rat.times, times, units)
    else:
        write_npz(path, positions=rat.positions, times=rat.times, spike_times=times, spike_units=units)
    run, notes = import_recording(path, tmp_path / "run", checked_config({"analysis": {"shuffles": 50}}))
    assert any("smoothed by 1.5 bins" in note for note in notes)
    summary = analyze_run(run, load_run_config(run), quiet, quiet)
    table = read_units(run.units())
    assert table["is_grid"].tolist() == [True] * GRIDS + [False] * 2
    assert (table["grid_score"] > table["null_p99"])[:GRIDS].all()
    np.testing.assert_allclose(table["spacing_m"][:GRIDS], SPACING, rtol=0.1)
    assert summary["arena_m"] == 1.0
    # In Hz: the mean rate over the box is that of the cells, within the noise of some 2,500 spikes.
    recording = load_run_recording(run, 1.0)
    np.testing.assert_allclose(recording.states[0].mean(axis=0), rates.mean(axis=0), rtol=0.1)


def test_the_run_names_the_file_and_not_its_folder(tmp_path):
    path = write_npz(tmp_path / "a.npz")
    run, _ = import_recording(path, tmp_path / "run", RunConfig())
    source = json.loads(run.provenance.read_text())["recording"]
    assert source["files"] == [{"name": "a.npz", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert source["units"] == ["4", "9", "10"]
    written = run.provenance.read_text() + run.config.read_text()
    assert str(tmp_path) not in written
    config = load_run_config(run)
    assert config.analysis.smoothing == 1.5
    assert config.evaluation.arenas == (0.8,)


def test_activity_keeps_its_values_and_the_settings_their_smoothing(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, spike_times=None, spike_units=None)
    run, notes = import_recording(path, tmp_path / "run", RunConfig(), arena=1.0)
    assert notes == []
    assert load_run_config(run).analysis.smoothing == 0.0
    recording = load_run_recording(run, 1.0)
    np.testing.assert_allclose(recording.states[0], ACTIVITY, rtol=1e-6)
    np.testing.assert_allclose(np.diff(recording.positions[0], axis=0), np.diff(POSITIONS, axis=0), atol=1e-6)
    asked = checked_config({"analysis": {"smoothing": 0.0}})
    spiking, _ = import_recording(write_npz(tmp_path / "b.npz"), tmp_path / "spiking", asked)
    assert load_run_config(spiking).analysis.smoothing == 0.0


@pytest.mark.parametrize(
    ("over", "options", "says"),
    [
        ({"spike_times": np.zeros(5)}, {}, "none of the 5 spikes .* falls into the path .*one clock, in seconds"),
        ({}, {"arena": 0.5}, "spans 0.8 m; got 0.5"),
        ({"positions": POSITIONS / 10}, {}, "fewer than the 10 bins"),
        ({"positions": 0 * POSITIONS}, {}, "no extent"),
    ],
)
def test_faults_leave_nothing_behind(tmp_path, over, options, says):
    with pytest.raises(UserError, match=says):
        import_recording(write_npz(tmp_path / "a.npz", **over), tmp_path / "run", RunConfig(), **options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arena", "bin_size"), [(1.41421356, 0.05), (1.2345678, 0.05), (None, 0.03333333), (1.41421356, 0.03333333)]
)
def test_a_box_of_many_digits_is_analyzed_and_shown(tmp_path, arena, bin_size):
    config = checked_config({"analysis": {"bin_size": bin_size, "shuffles": 2}})
    run, _ = import_recording(write_npz(tmp_path / "a.npz"), tmp_path / "run", config, arena=arena)
    summary = analyze_run(run, load_run_config(run), quiet, quiet, ["units"])
    side = summary["arena_m"]
    assert side == arena or arena is None
    assert list(summary["arenas"]) == [repr(side)]
    results = read_results(run.path)
    assert list(results.boxes) == [side]
    assert results.maps.maps.shape[1] == len(results.boxes[side].x_edges) - 1 == round(side / bin_size)
    assert f"in a {side!r} m box" in render_page(results)


def test_spikes_outside_the_path_are_counted(tmp_path):
    path = write_npz(tmp_path / "a.npz", spike_times=np.array([5.0, 12, 13, 14, TIMES[-1] + 1]))
    _, notes = import_recording(path, tmp_path / "run", RunConfig())
    assert "2 of 5 spikes fell outside the tracked path and were left out" in notes


def test_it_is_not_trained_and_not_evaluated(tmp_path, make_config):
    run, _ = import_recording(write_npz(tmp_path / "a.npz"), tmp_path / "run", RunConfig())
    with pytest.raises(UserError, match=r"holds a recording \(a.npz\) and no network"):
        train_run(run, make_config(), quiet, quiet)
    with pytest.raises(UserError, match="analyze and report apply to it"):
        evaluate_run(run, make_config(), [1.0], quiet)
