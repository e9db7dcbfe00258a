"""A small run of known units: three grid cells of each of two lattices, stripes, one always on, one silent."""

import contextlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
from markupsafe import Markup

from sicgrid.analysis import synthetic_cells
from sicgrid.findings import analyze_run, read_results
from sicgrid.report import render_page
from sicgrid.storage import RunDirectory
from small_runs import ideal_run, quiet

ODD = "<img src=x onerror=alert(1)>&\"'"
BASES = np.stack([synthetic_cells.lattice_basis(0.5, 10), synthetic_cells.lattice_basis(0.8, 40)])
PHASES = np.random.default_rng(0).random((3, 2))
"""Where the three units of each lattice fire, in its coordinates."""


def known_states(positions):
    """Activity of the nine units."""
    near = synthetic_cells.grid_cells(positions, BASES[0], PHASES, 0.08)
    far = synthetic_cells.grid_cells(positions, BASES[1], PHASES, 0.12)
    stripes = synthetic_cells.stripe_cells(positions, 0.6, 30, [0.0])
    always = np.full_like(stripes, 0.5)
    return np.concatenate([near, far, stripes, always, 0 * always], axis=-1)


def analyzed_units(path):
    """A run trained for 30 steps, these units in its recording; of its parts only the table of units is computed."""
    over = {"seed": 3, "training__steps": 30, "loss__conformal_isometry": 1.0, "analysis__shuffles": 20}
    run, config = ideal_run(path, known_states, 9, **over)
    analyze_run(run, config, quiet, quiet, ("units",))
    return run


@pytest.fixture(scope="session")
def results(units_run):
    """The run as the page sees it, its name one that would break a page which does not escape, a stage unfinished."""
    stored = read_results(units_run.path)
    unfinished = {"stage": "train", "started": "2026-01-01T00:00:00+00:00", "seconds": 1.5, "ended": None}
    changed = {"kernels": {"name": "reference", "reason": ODD}, "sessions": [unfinished]}
    return replace(stored, name=ODD, provenance={**stored.provenance, **changed})


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
def run(units_run, tmp_path):
    """A copy of it, to be written to."""
    return RunDirectory(shutil.copytree(units_run.path, tmp_path / "quick"))
