"""Known runs, for the tests of this room."""

import numpy as np
import pytest

from known_run import analyzed, results, run  # noqa: F401
from sicgrid.findings import analyze_run
from small_runs import grid_module, ideal_run, quiet


@pytest.fixture(scope="session")
def module_run(tmp_path_factory):
    """A run of one ideal module of 24 units in two boxes, really analyzed, and its summary."""

    def states(positions):
        cells = grid_module(positions, 0.5, 24)
        return cells / np.linalg.norm(cells, axis=-1, keepdims=True)

    made, config = ideal_run(tmp_path_factory.mktemp("module") / "run", states, arenas=(2.0, 3.0))
    return made, analyze_run(made, config, quiet, quiet)
