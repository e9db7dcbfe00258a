"""Sweeps on disk whose every number is known: no network is trained."""

import json

import numpy as np

from sicgrid.analysis import synthetic_cells
from sicgrid.experiment import yaml_text
from sicgrid.storage import RateMaps, RunDirectory, create_run, write_json, write_maps, write_units
from sicgrid.sweeps import METRICS, load_plan, trials_of
from sicgrid.sweeps._directory import add_trials, open_sweep

EDGES = np.linspace(-1, 1, 21)
ODD = "<img src=x onerror=alert(1)>"


def make_sweep(folder, fields, outcome):
    """A sweep of a plan in which each trial ended as `outcome(trial)` says: metrics, or a status, or None (waiting).

    Metrics may hold spacings_m (a list), torus (Betti numbers by module) and information (of every unit) beside
    those of `METRICS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "plan.yaml").write_text(yaml_text({"preset": "smoke", **fields}))
    plan = load_plan(folder.parent / "plan.yaml")
    place = open_sweep(folder, plan)
    trials = trials_of(plan)
    add_trials(place, trials)
    for trial in trials:
        ended = outcome(trial)
        if ended is None:
            continue
        run = create_run(place.runs / trial.name, trial.config.to_yaml(), {"run": trial.name, "sessions": []})
        if isinstance(ended, dict):
            finish(run, ended)
            status, message, known = "finished", "", ended
        else:
            status, message, known = ended, f"stopped {ODD}", {}
        if status == "unfinished":
            continue
        record = {"name": trial.name, "variant": trial.variant, "point": dict(trial.point), "seed": trial.seed}
        record |= {"status": status, "message": message, "seconds": 61.5}
        record["metrics"] = {name: known.get(name) for name in METRICS}
        (place.runs / trial.name / "trial.json").write_text(json.dumps(record))
    return place


def finish(run: RunDirectory, metrics):
    """The files of a finished run: two grid cells, one poor one, one always on, one silent."""
    places = synthetic_cells.bin_centers(EDGES)
    cells = synthetic_cells.grid_cells(places, synthetic_cells.lattice_basis(0.6, 10), np.zeros((2, 2)), 0.1)
    maps = np.moveaxis(np.concatenate([cells, cells[..., :1] ** 0.1], axis=-1), -1, 0)
    maps = np.concatenate([maps, np.full((1, 20, 20), 0.5), np.zeros((1, 20, 20))])
    write_maps(run.maps(), RateMaps(maps, np.ones((20, 20)), EDGES, EDGES))
    write_units(
        run.units(),
        {
            "unit": np.arange(5),
            "active": np.array([True] * 4 + [False]),
            "constant": np.array([False] * 3 + [True, False]),
            "grid_score": np.array([0.5, 1.5, -0.2, np.nan, np.nan]),
            "spatial_information": np.array([metrics.get("information", 1.0)] * 4 + [np.nan]),
        },
    )
    modules = [{"spacing_m": value} for value in metrics.get("spacings_m", [])]
    torus = [{"betti": betti} for betti in metrics.get("torus", [])]
    parts = {name: {} for name in ("units", "modules", "topology")}
    write_json(run.summary, {"modules": modules, "torus": torus, "parts": parts})
