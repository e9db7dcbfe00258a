"""Runs small enough to be made in a test, and ideal activity to put into them."""

import numpy as np

from sicgrid.analysis import synthetic_cells
from sicgrid.experiment import (
    checked_config,
    evaluate_run,
    load_config,
    load_run_recording,
    start_run,
    train_run,
)
from sicgrid.findings import analyze_run
from sicgrid.storage import read_provenance, recording_description, save_recording


def quiet(*_):
    pass


def small_config(**over):
    """Settings of 40 steps of well under a millisecond's worth of arithmetic, a checkpoint every 10."""
    settings = load_config("smoke").settings()
    settings |= {"preset": "", "kernels": "reference", "threads": 1}  # no preset's: what is measured is judged
    settings["evaluation"]["walk"] |= {"animals": 30, "steps": 150}
    for name, value in over.items():
        group, _, field = name.rpartition("__")
        (settings[group] if group else settings)[field] = value
    return checked_config(settings)


def grid_module(positions, spacing, count, seed=0):
    """Grid cells of one lattice, their phases more even than random ones (Roberts' sequence)."""
    start = np.random.default_rng(seed).random(2)
    phases = (start + np.arange(count)[:, None] * [0.7548776662466927, 0.5698402909980532]) % 1
    return synthetic_cells.grid_cells(positions, synthetic_cells.lattice_basis(spacing, 11), phases, 0.16 * spacing)


def ideal_run(path, make_states, units=24, arenas=(2.0,), **over):
    """An evaluated run of so many units whose recordings hold ideal activity, and its settings."""
    config = small_config(**{"training__steps": 2, "analysis__shuffles": 2, "model__units": units} | over)
    run = start_run(config, path)
    train_run(run, config, quiet, quiet)
    evaluate_run(run, config, arenas, quiet)
    fill(run, make_states)
    return run, config


def one_module(path):
    """A run of one ideal module of 24 units in two boxes, all parts computed, and its summary."""

    def states(positions):
        cells = grid_module(positions, 0.5, 24)
        return cells / np.linalg.norm(cells, axis=-1, keepdims=True)

    run, config = ideal_run(path, states, arenas=(2.0, 3.0))
    return run, analyze_run(run, config, quiet, quiet)


def fill(run, make_states):
    """Put ideal activity in place of what the network did on each recorded walk."""
    run_id = read_provenance(run)["run"]
    for path in run.recordings.glob("*.safetensors"):
        arena = float(path.stem.removeprefix("arena-"))
        recording = load_run_recording(run, arena)
        states = np.asarray(make_states(recording.positions), dtype=np.float32)
        arrays = {
            "positions": recording.positions,
            "velocities": recording.velocities,
            "activity": states,
            "initial_state": states.mean(axis=(0, 1)),
        }
        described = recording_description(run, run_id, arena)
        save_recording(run, run_id, arena, arrays, described["checkpoint"], {})
