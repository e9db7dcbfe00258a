"""An external recording as a run: cells drawn along a real rat's path are found again; faults leave nothing behind."""

import hashlib
import json
import tracemalloc
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import ACTIVITY, POSITIONS, TIMES, write_npz, write_nwb
from known_run import not_drawn
from sicgrid.analysis import AnalysisConfig, analyze_units, synthetic_cells
from sicgrid.experiment import (
    RunConfig,
    analyze_run,
    checked_config,
    evaluate_run,
    import_arrays,
    import_recording,
    load_config,
    load_run_config,
    load_run_recording,
    train_run,
)
from sicgrid.report import read_results, render_page
from sicgrid.storage import (
    UserError,
    load_recording,
    read_dataset,
    read_maps,
    read_rat_path,
    read_units,
    save_recording,
)

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


def test_cells_drawn_along_a_real_path_are_found(tmp_path, rat_spikes):
    """Grid cells are above their null and unmodulated units are not; spacing is right within 2 %."""
    rat, times, units, rates = rat_spikes
    path = write_npz(
        tmp_path / "rat.npz", positions=rat.positions, times=rat.times, spike_times=times, spike_units=units
    )
    # All parts, the slow ones as small as the preset smoke has them; the nulls of the scores are what is tested.
    smoke = load_config("smoke").settings()["analysis"]
    analysis = {"shuffles": 50, "topology": smoke["topology"], "error_correction": smoke["error_correction"]}
    run, notes = import_recording(path, tmp_path / "run", checked_config({"analysis": analysis}))
    assert any("smoothed by 0.05 m" in note for note in notes)
    summary = analyze_run(run, load_run_config(run), quiet, quiet)
    table = read_units(run.units())
    assert table["is_grid"].tolist() == [True] * GRIDS + [False] * 2
    assert (table["grid_score"] > table["null_p99"])[:GRIDS].all()
    np.testing.assert_allclose(table["spacing_m"][:GRIDS], SPACING, rtol=0.02)
    assert summary["arena_m"] == 1.0
    # In Hz: the mean rate over the box is that of the cells, within the noise of some 2,500 spikes.
    recording = load_run_recording(run, 1.0)
    assert recording.spikes
    np.testing.assert_allclose(recording.activity.mean(axis=0), rates.mean(axis=0), rtol=0.1)
    np.testing.assert_allclose(recording.seconds.sum(), rat.times[-1] - rat.times[0], rtol=0.01)


def test_an_nwb_file_of_the_same_cells_gives_the_same_recording(tmp_path, rat_spikes):
    """So whatever is computed from it is the same too."""
    if find_spec("pynwb") is None:
        pytest.skip("pynwb is not installed (sicgrid[nwb])")
    rat, times, units, _ = rat_spikes
    arrays = {"positions": rat.positions, "times": rat.times, "spike_times": times, "spike_units": units}
    write_npz(tmp_path / "rat.npz", **arrays)
    write_nwb(tmp_path / "rat.nwb", rat.positions, rat.times, times, units)
    found = []
    for kind in ("npz", "nwb"):
        run, notes = import_recording(tmp_path / f"rat.{kind}", tmp_path / kind, RunConfig())
        found.append((load_run_recording(run, 1.0), [note for note in notes if "rat." not in note]))
    (from_npz, notes), (from_nwb, same_notes) = found
    assert notes == same_notes
    for name in ("positions", "velocities", "seconds", "initial_state"):
        np.testing.assert_allclose(getattr(from_nwb, name), getattr(from_npz, name), atol=1e-6)
    assert (from_nwb.states != from_npz.states).nnz == 0


def test_the_run_names_the_file_and_not_its_folder(tmp_path):
    path = write_npz(tmp_path / "a.npz")
    run, _ = import_recording(path, tmp_path / "run", RunConfig())
    source = json.loads(run.provenance.read_text())["recording"]
    assert source["files"] == [{"name": "a.npz", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert source["units"] == ["4", "9", "10"]
    written = run.provenance.read_text() + run.config.read_text()
    assert str(tmp_path) not in written
    config = load_run_config(run)
    assert config.analysis.smoothing_m == 0.05
    assert config.evaluation.arenas == (0.8,)


def test_activity_keeps_its_values_and_the_settings_their_smoothing(tmp_path):
    path = write_npz(tmp_path / "a.npz", activity=ACTIVITY, spike_times=None, spike_units=None)
    run, notes = import_recording(path, tmp_path / "run", RunConfig(), arena=1.0)
    assert notes[0] == "the box of 1 m was put with the path's extent in its middle: its center is (0.5, 0) m"
    assert [note.partition(" exceeds ")[0] for note in notes[1:]] == ["a unit counts as active if its rate map"]
    assert load_run_config(run).analysis.smoothing_m == 0.0
    recording = load_run_recording(run, 1.0)
    np.testing.assert_allclose(recording.activity[0], ACTIVITY, rtol=1e-6)
    np.testing.assert_allclose(np.diff(recording.positions[0], axis=0), np.diff(POSITIONS, axis=0), atol=1e-6)
    for name, asked, smoothing_m in [("old", {"smoothing": 0.0}, 0.0), ("new", {"smoothing_m": 0.03}, 0.03)]:
        settings = checked_config({"analysis": asked})
        spiking, _ = import_recording(write_npz(tmp_path / "b.npz"), tmp_path / name, settings)
        assert load_run_config(spiking).analysis.smoothing_m == smoothing_m


@pytest.mark.parametrize(
    ("over", "options", "says"),
    [
        ({"spike_times": np.zeros(5)}, {}, "none of the 5 spikes .* falls into the path .*one clock, in seconds"),
        ({}, {"arena": 0.5}, "lie outside the box of 0.5 m .* spans x 0.1 to 0.9 m"),
        ({}, {"box": (0, 1, 0, 1)}, "lie outside the box of 1 m"),
        ({}, {"box": (0, 1, 1, 0)}, "x0 < x1 and y0 < y1"),
        ({}, {"center": (0, 0)}, "center goes with arena"),
        ({}, {"box": (-15, 15, -15, 15)}, "a box of 30 m is above the 20 m allowed"),
        ({}, {"arena": 30}, "a box of 30 m is above the 20 m allowed"),
        ({"positions": POSITIONS / 10}, {}, "fewer than the 10 bins"),
        ({"positions": 0 * POSITIONS}, {}, "no extent"),
    ],
)
def test_faults_leave_nothing_behind(tmp_path, over, options, says):
    with pytest.raises(UserError, match=says):
        import_recording(write_npz(tmp_path / "a.npz", **over), tmp_path / "run", RunConfig(), **options)
    assert not (tmp_path / "run").exists()


def test_arrays_in_a_box_above_the_largest_leave_nothing_behind(tmp_path):
    with pytest.raises(UserError, match="recording: a box of 30 m is above the 20 m allowed"):
        import_arrays(POSITIONS, ACTIVITY, tmp_path / "run", RunConfig(), box=(-15, 15, -15, 15))
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
    with not_drawn():
        assert f"in a {side!r} m box" in render_page(results)


def test_spikes_outside_the_path_are_counted(tmp_path):
    path = write_npz(tmp_path / "a.npz", spike_times=np.array([5.0, 12, 13, 14, TIMES[-1] + 1]))
    _, notes = import_recording(path, tmp_path / "run", RunConfig())
    said = "before or after it, or where two samples lie more than 0.5 s apart"
    assert f"2 of 5 spikes fell outside the tracked path and were left out ({said})" in notes


def test_it_is_not_trained_and_not_evaluated(tmp_path, make_config):
    run, _ = import_recording(write_npz(tmp_path / "a.npz"), tmp_path / "run", RunConfig())
    with pytest.raises(UserError, match=r"holds a recording \(a.npz\) and no network"):
        train_run(run, make_config(), quiet, quiet)
    with pytest.raises(UserError, match="analyze and report apply to it"):
        evaluate_run(run, make_config(), [1.0], quiet)


def sessions(folder, name, path, times=None, **over):
    clock = 0.02 * np.arange(len(path)) if times is None else times
    spikes = np.sort(np.random.default_rng(0).uniform(clock[0], clock[-1], 200))
    arrays = {"positions": path, "times": clock, "spike_times": spikes, "spike_units": np.arange(200) % 2} | over
    return write_npz(folder / name, **arrays)


def stroll(seconds=120.0, low=(0.0, 0.0), high=(1.0, 1.0)):
    """Back and forth through a rectangle at some 0.3 m/s, along both axes."""
    clock = np.arange(0, seconds, 0.02)
    turns = np.abs((np.stack([0.1 + 0.25 * clock, 0.4 + 0.21 * clock], axis=1)) % 2 - 1)
    return np.array(low) + turns * (np.array(high) - low)


def test_two_sessions_in_one_box_share_one_frame(tmp_path):
    """The second animal shuns a wall: with the box given, its places are those of the first."""
    whole, shy = stroll(), stroll(low=(0.2, 0.0))
    for number, options in enumerate(({"box": (0, 1, 0, 1)}, {"arena": 1.0}, {"arena": 1.0, "center": (0.5, 0.5)})):
        for name, path in (("whole", whole), ("shy", shy)):
            file = sessions(tmp_path, f"{name}.npz", path)
            run, _ = import_recording(file, tmp_path / f"{name}-{number}", RunConfig(), **options)
            np.testing.assert_allclose(load_run_recording(run, 1.0).positions[0], path - 0.5, atol=1e-6)


def test_glitches_and_samples_outside_are_dropped_and_counted(tmp_path):
    path = stroll()
    path[[500, 2000, 4000]] = [[5.0, 0.0], [0.5, -3.0], [2.0, 2.0]]
    path[3000:3060, 0] = 1.1  # leaning over the wall
    run, notes = import_recording(sessions(tmp_path, "a.npz", path), tmp_path / "run", RunConfig(), box=(0, 1, 0, 1))
    assert any(note.startswith("3 of 6,000 samples were dropped: no animal gets there") for note in notes)
    assert "60 of 5,997 samples outside the box were dropped" in notes
    assert load_run_recording(run, 1.0).shape[1] == 5937
    assert json.loads(run.provenance.read_text())["recording"]["notes"] == notes


def test_lost_tracking_written_as_one_point_is_no_place(tmp_path):
    path = stroll(low=(0.5, 0.5), high=(1.5, 1.5))
    path[1000:1200] = path[4000:4150] = 0.0
    run, notes = import_recording(sessions(tmp_path, "a.npz", path), tmp_path / "run", RunConfig())
    assert any(note.startswith("350 of 6,000 samples were dropped") for note in notes)
    assert load_run_config(run).evaluation.arenas == (1.0,)


def test_no_dense_array_of_samples_by_units_is_ever_made(tmp_path):
    """Half an hour at 50 Hz with 300 units would be 108 MB in float32, and as much again for each copy."""
    generator = np.random.default_rng(0)
    path = stroll(1800.0)
    spikes = np.sort(generator.uniform(0, 1799, 60_000))
    file = sessions(tmp_path, "a.npz", path, spike_times=spikes, spike_units=generator.integers(0, 300, 60_000))
    config = checked_config({"analysis": {"shuffles": 2, "bin_size": 0.1}})
    tracemalloc.start()
    run, _ = import_recording(file, tmp_path / "run", config)
    recording = load_run_recording(run, 1.0)
    analyze_units(
        recording.positions[0], recording.activity, 1.0, AnalysisConfig(shuffles=2, bin_size=0.1, active_threshold=8.0),
        seconds=recording.seconds, spikes=True,
    )  # fmt: skip
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert recording.shape == (1, 90_000, 300)
    assert peak < 60e6
    assert run.recording(1.0).stat().st_size < 4e6


def test_recordings_of_spikes_that_were_written_dense_still_open(tmp_path):
    """Version 0.1 wrote the rates of all units at all samples, and their smoothing in bins."""
    run, _ = import_recording(sessions(tmp_path, "a.npz", stroll()), tmp_path / "run", RunConfig())
    new = load_run_recording(run, 1.0)
    arrays = {name: getattr(new, name) for name in ("positions", "velocities", "initial_state")}
    arrays["states"] = new.activity.toarray().astype(np.float32)[None]
    origin = json.loads(run.provenance.read_text())
    about = {"files": origin["recording"]["files"], "activity": "Hz"}
    save_recording(run, origin["run"], 1.0, arrays, origin["recording"]["sha256"], about)
    text = run.config.read_text()
    assert "smoothing_m: 0.05" in text
    run.config.write_text(text.replace("smoothing_m: 0.05", "smoothing: 1.5"))
    config = load_run_config(run)
    assert config.analysis.smoothing_m == 0.075
    old = load_run_recording(run, 1.0)
    np.testing.assert_allclose(old.rows(np.arange(50)), new.rows(np.arange(50)), rtol=1e-6)
    analyze_run(run, config, quiet, quiet, ["units"])
    assert len(read_units(run.units())["unit"]) == 2


@pytest.mark.parametrize(("name", "number"), [("spike_samples", 10**9), ("spike_samples", -1), ("spike_units", 2)])
def test_a_recording_with_a_spike_of_nowhere_is_damaged(tmp_path, name, number):
    run, _ = import_recording(sessions(tmp_path, "a.npz", stroll()), tmp_path / "run", RunConfig())
    origin = json.loads(run.provenance.read_text())
    about = origin["run"], 1.0, origin["recording"]["sha256"]
    arrays, described = load_recording(run, *about)
    arrays[name][-1] = number
    save_recording(run, *about[:2], arrays, about[2], described)
    with pytest.raises(UserError, match=f"arena-1.safetensors is damaged .* found .*{number}"):
        load_run_recording(run, 1.0)


def test_names_of_units_travel_to_every_table_map_and_dataset(tmp_path):
    """Names that look like numbers, and like one another's, stay the text that they are."""
    names = ["007", "7", "1_12", "11_2", "1e3"]
    units = np.array(names)[np.arange(200) % 5]
    file = sessions(tmp_path, "a.npz", stroll(), spike_units=units)
    run, _ = import_recording(file, tmp_path / "run", checked_config({"analysis": {"shuffles": 2}}))
    analyze_run(run, load_run_config(run), quiet, quiet, ["units", "modules", "fields"])
    table = read_units(run.units())
    assert sorted(table["name"].tolist()) == sorted(names)
    assert table["name"].tolist() == read_maps(run.maps()).names.tolist()
    for dataset in run.results.glob("*.nc"):
        found = read_dataset(dataset)
        if "unit" in found.dims:
            assert [str(name) for name in found["name"].values] == table["name"].tolist()
    page = render_page(read_results(run.path))
    for name in names:
        assert f"Rate map of unit {name}," in page


def test_a_silent_population_is_analyzed_and_shown(tmp_path):
    config = checked_config({"analysis": {"active_threshold": 1000.0, "shuffles": 2}})
    run, _ = import_recording(sessions(tmp_path, "a.npz", stroll()), tmp_path / "run", config)
    summary = analyze_run(run, load_run_config(run), quiet, quiet)
    assert (summary["units"], summary["active_units"]) == (2, 0)
    assert not read_units(run.units())["active"].any()
    assert "No unit is active" in render_page(read_results(run.path))


@pytest.mark.parametrize(
    ("over", "says", "option"),
    [
        ({"times": np.arange(6000)}, "as frame numbers do", {"time_scale": 0.02}),
        ({"times": 20.0 * np.arange(6000)}, "look like milliseconds", {"time_scale": 1e-3}),
        ({"spike_times": 1000 * np.linspace(1, 119, 200)}, "spikes look like milliseconds", {"spike_time_scale": 1e-3}),
        ({"spike_times": 30_000 * np.linspace(1, 119, 200)}, "another unit", {"spike_time_scale": 1 / 3e4}),
        ({"times": np.arange(6000) / 3000}, r"path look like minutes; --time-scale 60 ", {"time_scale": 60}),
        (
            {"times": np.arange(6000) / 3000, "spike_times": np.linspace(0.02, 1.98, 200)},
            "times look like minutes; --time-scale 60",
            {"time_scale": 60, "spike_time_scale": 60},
        ),
        (
            {"times": 20.0 * np.arange(6000), "spike_times": 1000 * np.linspace(1, 119, 200)},
            "look like milliseconds; --time-scale 0.001",
            {"time_scale": 1e-3, "spike_time_scale": 1e-3},
        ),
    ],
)  # fmt: skip
def test_times_that_are_not_seconds_are_refused_with_the_option_that_helps(tmp_path, over, says, option):
    spikes = {"spike_times": np.linspace(1, 119, 200)} | over
    file = sessions(tmp_path, "a.npz", stroll(), **spikes)
    with pytest.raises(UserError, match=says):
        import_recording(file, tmp_path / "run", RunConfig())
    assert not (tmp_path / "run").exists()
    run, notes = import_recording(file, tmp_path / "run", RunConfig(), **option)
    assert not any(note.startswith("CHECK") for note in notes)
    assert load_run_recording(run, 1.0).seconds.sum() == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize(
    ("over", "says", "option"),
    [
        ({"activity_times": np.arange(1190.0)}, "activity look like frame numbers", {"spike_time_scale": 0.1}),
        ({"activity_times": np.arange(1190) / 600}, "activity look like minutes", {"spike_time_scale": 60}),
        ({"activity_times": np.arange(1190) * 1e8}, "another unit than sec|nanosec", {"spike_time_scale": 1e-9}),
        ({"times": np.arange(6000.0)}, "path count 1, 2, 3, ..., as frame numbers do", {"time_scale": 0.02}),
    ],
)
def test_an_imaging_clock_in_another_unit_is_refused_too(tmp_path, over, says, option):
    clocks = {"times": 0.02 * np.arange(6000), "activity_times": 0.1 * np.arange(1190)} | over
    activity = np.random.default_rng(0).random((1190, 3))
    file = write_npz(
        tmp_path / "a.npz", positions=stroll(), activity=activity, spike_times=None, spike_units=None, **clocks
    )
    with pytest.raises(UserError, match=says):
        import_recording(file, tmp_path / "run", RunConfig())
    assert not (tmp_path / "run").exists()
    run, notes = import_recording(file, tmp_path / "run", RunConfig(), **option)
    assert not any(note.startswith("CHECK") for note in notes)
    assert load_run_recording(run, 1.0).shape[1] == 1190


def test_an_imaging_clock_of_arrays_at_hand_is_a_warning(tmp_path):
    xarray = pytest.importorskip("xarray")
    clock = 0.02 * np.arange(6000)
    units = xarray.DataArray(np.ones((1190, 2)), dims=("time", "unit"), coords={"time": np.arange(1190) / 600})
    with pytest.warns(UserWarning, match="the times of the activity look like minutes; multiplied by 60 they are"):
        import_arrays(stroll(), units, tmp_path / "run", RunConfig(), times=clock)


def test_spikes_of_sleep_beside_a_short_path_are_a_loud_note(tmp_path):
    file = sessions(tmp_path, "a.npz", stroll(), spike_times=np.linspace(1, 1500, 200))
    _, notes = import_recording(file, tmp_path / "run", RunConfig())
    assert any(note.startswith("CHECK THE TIMES: the path spans 119.98 s and the spikes 1,499 s") for note in notes)
    assert any("spikes fell outside the tracked path" in note for note in notes)


def test_times_are_taken_as_they_are_where_the_user_says_so(tmp_path):
    slow = 0.5 + 0.01 * stroll()  # hardly moves
    file = sessions(tmp_path, "a.npz", 100 * slow, np.arange(6000.0), spike_times=np.linspace(1, 5999, 200))
    with pytest.raises(UserError, match="say --time-scale 1"):
        import_recording(file, tmp_path / "run", RunConfig())
    _, notes = import_recording(file, tmp_path / "run", RunConfig(), time_scale=1.0)
    assert any(note.startswith("CHECK THE TIMES") for note in notes)
