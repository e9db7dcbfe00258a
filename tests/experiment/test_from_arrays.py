"""What holds positions and activity is taken for what it is, or refused in one line."""

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from sicgrid.analysis import analyze_units, rate_maps
from sicgrid.analysis.synthetic_cells import grid_cells, lattice_basis
from sicgrid.bridges import path_dataset
from sicgrid.experiment import RunConfig, import_arrays, import_recording, load_run_config, load_run_recording
from sicgrid.storage import UserError

TIMES = 0.02 * np.arange(600)
PATH = np.stack([0.5 + 0.5 * np.sin(1.3 * TIMES), 0.4 + 0.4 * np.cos(2.1 * TIMES)], axis=1)
RATES = np.random.default_rng(0).random((600, 3))
BOX = (0.0, 1.0, 0.0, 1.0)


def positions_of(tmp_path, position, units=RATES):
    """As they are kept, moved back to the box's corner."""
    run = import_arrays(position, units, tmp_path / "run", RunConfig(), box=BOX).run
    return load_run_recording(run, 1.0).positions[0] + 0.5


@pytest.mark.parametrize(
    "held",
    [
        torch.tensor(PATH, requires_grad=True),
        torch.tensor(PATH).to(torch.complex64).conj().real,
        pd.DataFrame({"y": PATH[:, 1], "x": PATH[:, 0]}),
        pd.DataFrame({"likelihood": 1.0, "x": PATH[:, 0], "y": PATH[:, 1]}),
        xr.DataArray(PATH[:, ::-1].T, {"space": ["y", "x"]}, ("space", "time")),
        path_dataset(PATH, fps=50)["position"].squeeze(),
    ],
    ids=["gradient", "conjugate", "y and x", "likelihood", "turned", "movement"],
)
def test_positions_in_any_holder(tmp_path, held):
    np.testing.assert_allclose(positions_of(tmp_path, held), PATH, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.complex64])
def test_activity_of_torch_in_any_precision(tmp_path, dtype):
    rates = torch.tensor(RATES).to(dtype).requires_grad_()
    kept = import_arrays(PATH, rates, tmp_path / "run", RunConfig(), box=BOX).run
    activity = load_run_recording(kept, 1.0).activity[0][:, :3]
    np.testing.assert_allclose(activity, rates.detach().to(torch.complex64).real, rtol=1e-6)


@pytest.mark.parametrize(
    ("position", "units", "says"),
    [
        ([[1, 2], [3]], RATES, "position must be an array, .* of several lengths"),
        ([[[1, 2], [3]], [[1, 2]]], RATES, "position must be an array, .* of several lengths"),
        (PATH, [[1, 2], [3]], "units must be an array, .* of several lengths"),
        (PATH, "rates", "units must be an array, a DataArray or a TsdFrame, got str"),
        (PATH, np.float64(3), "units must be an array, a DataArray or a TsdFrame, got float64"),
        (PATH, RATES[:, 0], "units must be activity .time, n., a column for each unit, got an array of float64"),
        (PATH, {"a": [[1, 2], [3]]}, "the spikes of 'a' must be an array, .* of several lengths"),
        (path_dataset(PATH, fps=50), RATES, r"got a Dataset; give one of its variables \(position, confidence\)"),
        (
            path_dataset(PATH, fps=50)["position"],
            RATES,
            "position must have the dims .* got time, space, keypoint, ind",
        ),
    ],
)
def test_what_does_not_serve_is_refused_in_one_line(tmp_path, position, units, says):
    with pytest.raises(UserError, match=says):
        import_arrays(position, units, tmp_path / "run", RunConfig(), times=TIMES if isinstance(units, dict) else None)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("box", ["a", 3, (0, 1, 0), ("a", 1, 0, 1), (1, 0, 0, 1)])
def test_a_box_that_is_none_is_told_by_its_name(tmp_path, box):
    with pytest.raises(UserError, match=r"box must be \(x0, x1, y0, y1\) in meters, .* got "):
        import_arrays(PATH, RATES, tmp_path / "run", RunConfig(), box=box)


@pytest.mark.parametrize("lengths", [(150, 100, 120, 150), (149, 100, 120, 150)], ids=["divisible", "not divisible"])
def test_trials_with_lost_samples_are_joined_and_never_cut_elsewhere(tmp_path, lengths):
    """Trials of unequal length come as one array, the shorter ones filled up with NaN."""
    path, rates = PATH.reshape(4, 150, 2).copy(), RATES.reshape(4, 150, 3).copy()
    for trial, length in enumerate(lengths):
        path[trial, length:] = rates[trial, length:] = np.nan
    imported = import_arrays(path, rates, tmp_path / "run", RunConfig(), box=BOX)
    recording = load_run_recording(imported.run, 1.0)
    assert recording.shape == (1, sum(lengths), 3)
    joined = np.concatenate([trial[:length] for trial, length in zip(path, lengths, strict=True)])
    np.testing.assert_allclose(recording.positions[0] + 0.5, joined, atol=1e-6)
    assert any("4 trials were joined into one path, since samples were lost" in note for note in imported.notes)


def test_rare_events_make_no_unit_silent(tmp_path):
    """A sample of imaging's events is hundreds of times as large as what a map reaches; file and arrays agree."""
    generator = np.random.default_rng(0)
    times = np.arange(0, 600, 1 / 30)
    path = np.abs(np.stack([0.31 * times, 0.23 * times], axis=1) % 2 - 1)  # back and forth in a box of 1 m
    rates = grid_cells(path - 0.5, lattice_basis(0.42), generator.random((6, 2)), 0.08)
    events = generator.poisson(rates * 0.8 / 30) * generator.gamma(2.0, 1.0, rates.shape)
    assert events.max() > 50 * rate_maps(path, events, np.linspace(0, 1, 21)).maps.max() / 2
    np.savez(tmp_path / "events.npz", positions=path, times=times, activity=0.01 * events)
    config = RunConfig()
    kept = import_arrays(path, 0.01 * events, tmp_path / "arrays", config, times=times, box=BOX)
    of_file = import_recording(tmp_path / "events.npz", tmp_path / "file", config, box=BOX)
    settings = [load_run_config(run).analysis for run, _ in (kept, of_file)]
    assert settings[0] == settings[1]
    recording = load_run_recording(kept.run, 1.0)
    table = analyze_units(
        recording.positions,
        recording.activity,
        1.0,
        settings[0].model_copy(update={"shuffles": 2}),
        seconds=recording.seconds[None],
    )
    assert table.columns["active"].all()
    assert settings[0].active_threshold == pytest.approx(0.02 * np.percentile(table.columns["peak"], 90), rel=1e-2)
    asked = config.model_copy(update={"analysis": config.analysis.model_copy(update={"active_threshold": 0.5})})
    run, _ = import_recording(tmp_path / "events.npz", tmp_path / "asked", asked, box=BOX)
    assert load_run_config(run).analysis.active_threshold == 0.5


def test_it_is_said_where_a_given_box_lies(tmp_path):
    notes = import_arrays(PATH, RATES, tmp_path / "run", RunConfig(), box=(0.0, 1.2, -0.1, 0.9)).notes
    assert any("a square of 1.2 m; its center, (0.6, 0.4) m of the recording, is the origin" in note for note in notes)
