"""What tests of several rooms share: shapes checked at run time, and small batches as the method makes them."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from jaxtyping import config, install_import_hook

# Test workers share the cores, and there is one for each: a second thread in them only takes time from the others, and
# threads that wait by spinning take the most (a half more of all CPU time, and of small matrices twice as much). Read
# when OpenMP and OpenBLAS are loaded: here before torch and numba are, in workers and in processes that tests start,
# which inherit it, before numpy too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Shapes in signatures are checked here and nowhere else. Not in kernels: numba compiles those functions themselves.
CHECKED = ("trajectories", "model", "losses", "training", "evaluation")
install_import_hook([f"sicgrid.{room}" for room in CHECKED], "beartype.beartype")

# Rooms whose tests share runs that take long to make.
SHARE_RUNS = ("figures", "findings", "report")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of a file, or of rooms that share runs, go to one process, so that what they share is made once."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = Path(nodeid.split("::")[0])
            return "shared runs" if file.parent.name in SHARE_RUNS else str(file)

    config.option.loadscopereorder = False  # else files of many tests go first, and not those that take long
    return Together(config, log)


def pytest_collection_modifyitems(items):
    """Files and rooms that take long go first: whoever begins with them last is waited for."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.path.parent.name in SHARE_RUNS}
    items.sort(key=lambda item: item.path not in long)


class Points(NamedTuple):
    """A batch as the losses see it."""

    positions: object
    velocities: object
    states: object
    initial_state: object


@pytest.fixture
def unchecked(monkeypatch):
    """Shapes and types go unchecked, as for a user: for tests of what the package itself says to wrong ones."""
    monkeypatch.setattr(config, "jaxtyping_disable", True)


@pytest.fixture(scope="session")
def make_points():
    """Maker of random batches: B permutations of T velocities, and unit non-negative states, some units silent."""
    import torch

    def unit(z):
        rectified = z.relu() + 1e-3 * (z > 0).logical_not().all(dim=-1, keepdim=True)
        return rectified / rectified.norm(dim=-1, keepdim=True)

    def make(batch=4, time=6, units=7, dtype=torch.float64, seed=0, max_speed=0.05):
        generator = torch.Generator().manual_seed(seed)
        distinct = max_speed * (2 * torch.rand(time, 2, generator=generator, dtype=torch.float64) - 1)
        order = torch.rand(batch, time, generator=generator).argsort(dim=1)
        velocities = distinct[order].to(dtype)
        states = unit(torch.randn(batch, time, units, generator=generator, dtype=torch.float64))
        initial_state = unit(torch.randn(units, generator=generator, dtype=torch.float64))
        return Points(*(x.to(dtype) for x in (velocities.cumsum(dim=1), velocities, states, initial_state)))

    return make


@pytest.fixture(scope="session")
def analyzed(tmp_path_factory):
    """A run of two ideal modules that integrate paths, in three boxes, all parts computed, as a page reads it."""
    from two_modules import analyzed_run

    return analyzed_run(tmp_path_factory.mktemp("analyzed"))


@pytest.fixture(scope="session")
def module_run(tmp_path_factory):
    """A run trained here whose recordings hold one ideal module, all parts computed, and its summary, with claims."""
    from small_runs import one_module

    return one_module(tmp_path_factory.mktemp("module") / "run")


@pytest.fixture(scope="session")
def trained(module_run):
    """The run of `module_run` as a page reads it."""
    from sicgrid.findings import read_results

    return read_results(module_run[0].path)


@pytest.fixture(scope="session")
def units_run(tmp_path_factory):
    """A run of nine known units of every kind, their table computed; not to be written to."""
    from known_run import analyzed_units

    return analyzed_units(tmp_path_factory.mktemp("units") / "quick")


@pytest.fixture
def make_config():
    """Maker of settings small enough to be trained with in a test."""
    from small_runs import small_config

    return small_config
