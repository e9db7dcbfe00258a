"""Two populations of one network: the lattice of each, and what the two are to each other."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from sicgrid.analysis import Module, RateMaps, find_modules
from trained import ACTIVE

FEWEST = 8  # units of a population that make a module of its own


class Population(NamedTuple):
    """Units with a norm of their own, and the lattice of most of them, if any."""

    units: np.ndarray
    lattice: Module | None


class Pair(NamedTuple):
    """Two populations of one network, the smaller spacing first."""

    ratio: float
    angle: float  # degrees, 0 to 30
    outcome: str
    indices: tuple[int, int]


def population_of(maps: RateMaps, bases: np.ndarray, units: np.ndarray) -> Population:
    """A population with its lattice, as its units alone have it."""
    modules = find_modules(maps._replace(maps=maps.maps[units]), bases_m=bases[units], active_threshold=ACTIVE)
    large = [module for module in modules.modules if len(module) >= FEWEST]
    return Population(units, max(large, key=len, default=None))


def pair_of(a: Population, b: Population, modules: tuple[Module, ...]) -> Pair:
    """What two populations are to each other, by their own lattices and the modules of all units."""
    homes = home(modules, a.units), home(modules, b.units)
    if a.lattice is None or b.lattice is None or None in homes:
        return Pair(np.nan, np.nan, "no lattice", (0, 0))
    if a.lattice.spacing_m > b.lattice.spacing_m:
        return pair_of(b, a, modules)
    ratio, angle = relation(a.lattice, b.lattice)
    if homes[0] is not homes[1]:
        return Pair(ratio, angle, "independent", (1, 1))
    indices = index_of(homes[0], a.units), index_of(homes[0], b.units)
    return Pair(ratio, angle, "merged" if indices == (1, 1) else "locked", indices)


def relation(a: Module, b: Module) -> tuple[float, float]:
    """Ratio of the larger spacing to the smaller, and smallest angle between axes in degrees."""
    small, large = sorted((a.spacing_m, b.spacing_m))
    turned = abs(a.orientation_deg - b.orientation_deg) % 60
    return large / small, min(turned, 60 - turned)


def home(modules: tuple[Module, ...], units: np.ndarray) -> Module | None:
    """The module of all units that holds most of these, eight at least."""
    shared = [int(np.isin(module.members, units).sum()) for module in modules]
    most = max(shared, default=0)
    return modules[shared.index(most)] if most >= FEWEST else None


def index_of(module: Module | None, units: np.ndarray) -> int:
    """How many times finer than the module's most of these units' lattices are; -1 where none has one of these."""
    assert module is not None
    per_cell = module.phases_per_cell[np.isin(module.members, units)]
    return Counter(per_cell[per_cell > 0].tolist()).most_common(1)[0][0] if (per_cell > 0).any() else -1
