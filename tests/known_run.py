"""A small run of known units: three grid cells of each of two lattices, stripes, one always on, one silent."""

import contextlib

import numpy as np
import pytest
from markupsafe import Markup

from sicgrid.analysis import synthetic_cells
from sicgrid.experiment import RunConfig
from sicgrid.findings import RunResults
from sicgrid.report import render_page
from sicgrid.storage import MetricsLog, RateMaps, create_run, write_json, write_maps, write_units

EDGES = np.linspace(-1, 1, 21)
ODD = "<img src=x onerror=alert(1)>&\"'"


def known_maps():
    centers = synthetic_cells.bin_centers(EDGES)
    phases = np.random.default_rng(0).random((3, 2))
    near = synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(0.5, 10), phases, 0.08)
    far = synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(0.8, 40), phases, 0.12)
    stripes = synthetic_cells.stripe_cells(centers, 0.6, 30, [0.0])
    always = np.full((20, 20, 1), 0.5)
    maps = np.moveaxis(np.concatenate([near, far, stripes, always, 0 * always], axis=-1), -1, 0)
    maps[:, 0, 0] = np.nan
    occupancy = np.where(np.isnan(maps[0]), 0.0, 10.0)
    return RateMaps(maps, occupancy, EDGES, EDGES)


def known_units():
    nan = np.nan
    return {
        "unit": np.arange(9),
        "active": np.array([True] * 8 + [False]),
        "constant": np.array([False] * 7 + [True, False]),
        "grid_score": np.array([1.1, 1.2, 1.3, 0.9, 1.4, 1.0, -0.5, nan, nan]),
        "scorer": np.full(9, "langston"),
        "null_p99": np.array([0.4] * 7 + [nan, nan]),
        "is_grid": np.array([True] * 6 + [False] * 3),
        "spacing_m": np.array([0.5, 0.5, 0.5, 0.8, 0.8, 0.8, nan, nan, nan]),
        "orientation_deg": np.array([10.0, 11.0, 9.0, 40.0, 41.0, 39.0, nan, nan, nan]),
        "ellipticity": np.array([1.0] * 6 + [nan] * 3),
        "spatial_information": np.array([0.7, 0.9, 0.8, 0.5, 0.6, 0.4, 0.3, 0.0, nan]),
    }


def known_metrics():
    step = np.arange(1, 31)
    names = ("total", "separation", "invariance", "capacity", "conformal_isometry", "learning_rate")
    return {"step": step} | dict.fromkeys(names, 1.0 / step)


def known_evaluation():
    paths = {
        "path_integration_error": 0.12,
        "same_place": 0.1,
        "far_place": 0.8,
        "window_end": [50, 100],
        "error_by_window": [0.1, None],
        "decoding_error": 0.07,
        "decoding_error_by_window": [0.05, 0.09],
        "decoding_chance": 0.9,
    }
    return {"checkpoint": "c0ffee", "arenas": {"2": paths}, "held_out": {"total": -0.2, "capacity": -0.5}}


def known_summary():
    return {
        "units": 9,
        "active_units": 8,
        "grid_score_median": 1.05,
        "fraction_grid": 0.75,
        "fraction_beats_field_shuffle": 0.5,
        "spacing_m": [0.5, 0.8],
        "path_integration_error": 0.12,
        "scorer": "langston",
        "scorer_parameters": {"formula": "min - max"},
        "checkpoint": "c0ffee",
        "arena_m": 2.0,
    }


def known_provenance():
    return {
        "run": "0123",
        "seed": 3,
        "kernels": {"name": "reference", "reason": ODD},
        "versions": {"sicgrid": "0.1.0"},
        "git": None,
        "sessions": [{"stage": "train", "started": "2026-01-01T00:00:00+00:00", "seconds": 1.5, "ended": None}],
    }


@pytest.fixture(scope="session")
def results():
    """The run as the page sees it, with a name that would break a page which does not escape."""
    return RunResults(
        name=ODD,
        config=RunConfig(preset="quick", seed=3),
        provenance=known_provenance(),
        metrics=known_metrics(),
        evaluation=known_evaluation(),
        summary=known_summary(),
        units=known_units(),
        maps=known_maps(),
    )


@contextlib.contextmanager
def not_drawn():
    """Pages whose figures are made but not drawn, which takes most of the time: for what stands beside them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sicgrid.report._panels.inline_svg", lambda figure, name, label: Markup("<svg></svg>"))
        yield


@pytest.fixture(scope="session")
def rendered(results):
    """Its page."""
    return render_page(results)


@pytest.fixture
def run(tmp_path):
    """The same run on disk."""
    run = create_run(tmp_path / "quick", RunConfig(preset="quick", seed=3).to_yaml(), known_provenance())
    metrics = known_metrics()
    with MetricsLog(run.metrics) as log:
        for row in range(len(metrics["step"])):
            log.append({name: column[row].item() for name, column in metrics.items()})
    write_json(run.evaluation, known_evaluation())
    write_units(run.units(), known_units())
    write_maps(run.maps(), known_maps())
    write_json(run.summary, known_summary())
    return run
