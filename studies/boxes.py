"""The modules of a finished run in each box that it walked, and when they count."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sicgrid.analysis import Module, Modules, RateMaps, find_modules
from sicgrid.experiment import load_run_config
from sicgrid.storage import RunDirectory, read_maps, read_units

MODULES, UNITS, SHARE = 3, 8, 0.7


def count(modules: Sequence[Module], active: int) -> bool:
    """Whether a box holds at least 3 independent modules of at least 8 units, and 70 % of its active units in one."""
    large = sum(len(module) >= UNITS for module in modules)
    return large >= MODULES and share_in_modules(modules, active) >= SHARE


def share_in_modules(modules: Sequence[Module], active: int) -> float:
    """Of the active units."""
    return sum(map(len, modules)) / max(active, 1)


class Box(NamedTuple):
    """A box with its rate maps, the modules in them, and the number of active units."""

    side: float
    modules: Modules
    maps: RateMaps
    active: int

    @property
    def share(self) -> float:
        """Active units that are in a module."""
        return share_in_modules(self.modules.modules, self.active)

    @property
    def counts(self) -> bool:
        """See `count`."""
        return count(self.modules.modules, self.active)


def walked(run: RunDirectory) -> list[Box]:
    """Every box of a run, the main one first."""
    return [_box(run, side, main=not index) for index, side in enumerate(load_run_config(run).evaluation.arenas)]


def largest_box(run: RunDirectory) -> Box:
    """Where a common cell of two modules shows, if anywhere."""
    arenas = load_run_config(run).evaluation.arenas
    return _box(run, max(arenas), main=max(arenas) == arenas[0])


def _box(run: RunDirectory, side: float, main: bool) -> Box:
    label = None if main else side
    maps, units, settings = read_maps(run.maps(label)), read_units(run.units(label)), load_run_config(run).analysis
    # Of active units, as in the run's own results: a silent unit may have a lattice too.
    modules = find_modules(maps, active_threshold=settings.active_threshold, constant_below=settings.constant_below)
    return Box(side, modules, maps, int(np.sum(units["active"])))
