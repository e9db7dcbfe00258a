"""Recordings as pynapple's objects and back, and rate maps as its tuning curves."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import xarray as xr

from made_recordings import spiking, walks
from sicgrid.analysis import rate_maps
from sicgrid.bridges import from_pynapple, to_pynapple, tuning_curves
from sicgrid.experiment import RunConfig, import_recording, load_run_recording
from sicgrid.storage import UserError, read_external_recording

if find_spec("pynapple") is None:
    pytest.skip("pynapple is not installed (sicgrid[pynapple])", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # pynapple's own
EDGES = np.linspace(-1, 1, 7)


def test_walks_are_epochs_and_do_not_interleave():
    recording = walks()
    made = to_pynapple(recording, step_s=0.5)
    np.testing.assert_array_equal(made.epochs.values, [[0, 9.5], [15, 24.5], [30, 39.5]])
    for walk, epoch in enumerate(made.epochs):
        np.testing.assert_array_equal(made.position.restrict(epoch).values, recording.positions[walk])
        np.testing.assert_array_equal(made.activity.restrict(epoch).values, recording.states[walk])
    assert list(made.position.columns) == ["x", "y"]
    for frame in (made.position, made.activity):
        np.testing.assert_array_equal(frame.time_support.values, made.epochs.values)


def test_tuning_curves_are_pynapples():
    import pynapple as nap

    recording = walks()
    made = to_pynapple(recording, step_s=0.5, units=[4, 7, 8, 9])
    theirs = nap.compute_tuning_curves(made.activity, made.position, bins=[EDGES, EDGES])
    maps = rate_maps(recording.positions, recording.states, EDGES)
    ours = tuning_curves(maps, units=[4, 7, 8, 9], fs=2.0)
    xr.testing.assert_allclose(ours, theirs)
    assert list(ours.attrs) == list(theirs.attrs)
    for name in ours.attrs:
        np.testing.assert_allclose(ours.attrs[name], theirs.attrs[name])


def test_of_spikes_too():
    import pynapple as nap

    recording = spiking()
    made = to_pynapple(recording)
    assert {unit: made.activity[unit].t.round(6).tolist() for unit in made.activity} == {
        0: [0.07, 0.07, 0.21],
        1: [0.59],
    }
    edges = np.linspace(-0.5, 0.5, 5)
    theirs = nap.compute_tuning_curves(made.activity, made.position, bins=[edges, edges])
    counted = rate_maps(recording.positions, recording.states, edges)  # occupancy in samples, as pynapple's
    ours = tuning_curves(counted, fs=50.0, rates=made.activity.rates)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-5)
    np.testing.assert_array_equal(ours.attrs["occupancy"], theirs.attrs["occupancy"])
    assert list(ours.attrs) == list(theirs.attrs)


def test_tuning_curves_are_written_and_read(tmp_path):
    recording = walks()
    ours = tuning_curves(rate_maps(recording.positions, recording.states, EDGES), fs=2.0)
    ours.to_netcdf(tmp_path / "maps.nc")
    read = xr.load_dataarray(tmp_path / "maps.nc")
    xr.testing.assert_equal(ours, read)
    for name in ours.attrs:
        np.testing.assert_array_equal(ours.attrs[name], read.attrs[name])


def test_a_group_becomes_a_run(tmp_path):
    import pynapple as nap

    times = np.arange(0.0, 60.0, 0.05)
    place = np.stack([0.5 + 0.45 * np.sin(times), 0.5 + 0.45 * np.cos(0.7 * times)], axis=1)
    place[100:103] = np.nan
    position = nap.TsdFrame(t=times, d=place, columns=["x", "y"])
    group = nap.TsGroup({7: nap.Ts(np.array([1.01, 3.0, 80.0])), 9: nap.Ts(np.array([2.0]))})
    np.savez(tmp_path / "a.npz", **from_pynapple(group, position))
    read = read_external_recording(tmp_path / "a.npz")
    assert read.labels == ["7", "9"]
    assert read.spike_times.tolist() == [1.01, 2.0, 3.0]  # 80 s is outside of the position's time support
    assert [read.labels[unit] for unit in read.spike_units] == ["7", "9", "7"]
    run = import_recording(tmp_path / "a.npz", tmp_path / "run", RunConfig(), box=(0, 1, 0, 1)).run
    assert load_run_recording(run, 1.0).shape == (1, 1197, 2)


def test_activities_keep_their_own_clock(tmp_path):
    import pynapple as nap

    recording = walks()
    made = to_pynapple(recording, step_s=0.5)
    frames = nap.TsdFrame(t=made.activity.t[::2], d=made.activity.values[::2], columns=["a", "b", "c", "d"])
    np.savez(tmp_path / "a.npz", **from_pynapple(frames, made.position))
    read = read_external_recording(tmp_path / "a.npz")
    np.testing.assert_allclose(read.positions, made.position.values[::2])
    np.testing.assert_array_equal(read.activity, recording.states.reshape(60, 4)[::2])
    assert read.labels == ["a", "b", "c", "d"]
    alone = from_pynapple(frames["a"], made.position)
    assert alone["activity"].shape == (30, 1)


def test_what_it_refuses():
    import pynapple as nap

    place = nap.TsdFrame(t=np.arange(5.0), d=np.zeros((5, 2)))
    late = nap.TsGroup({0: nap.Ts(np.array([9.0, 9.5]))})
    for units, position, message in (
        (late, place[:, 0], "position must be a TsdFrame of two columns.* got Tsd"),
        (late, nap.TsdFrame(t=np.arange(5.0), d=np.zeros((5, 3))), "got one of 3 columns"),
        (np.zeros(5), place, "units must be a TsGroup, .* got ndarray"),
        (late, place, "no spike lies within the time support"),
        (nap.Tsd(t=np.arange(7.0, 9.0), d=np.zeros(2)), place, "no activity lies within"),
    ):
        with pytest.raises(UserError, match=message):
            from_pynapple(units, position)
    with pytest.raises(UserError, match="units must be 4 different names, a unit each, got 3"):
        to_pynapple(walks(), units=[1, 2, 3])
    with pytest.raises(UserError, match="TsGroup numbers its units"):
        to_pynapple(spiking(), units=["a", "b"])
    maps = rate_maps(walks().positions, walks().states, EDGES)
    with pytest.raises(UserError, match="rates must be one for each of 4 units"):
        tuning_curves(maps, rates=[1.0])
    with pytest.raises(UserError, match="fs must be a positive"):
        tuning_curves(maps, fs=0)


def test_without_pynapple_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynapple", None)
    with pytest.raises(
        UserError, match=r"this needs pynapple; install it with `.* -m pip install 'sicgrid\[pynapple\]'`"
    ):
        to_pynapple(walks())


def test_columns_called_y_and_x_are_taken_by_their_names():
    import pynapple as nap

    path = np.random.default_rng(0).random((20, 2))
    turned = nap.TsdFrame(t=np.arange(20.0), d=path[:, ::-1], columns=["y", "x"])
    activity = nap.TsdFrame(t=np.arange(20.0), d=np.ones((20, 3)))
    np.testing.assert_array_equal(from_pynapple(activity, turned)["positions"], path)
