"""What a trained network's largest module shows of nested lattices: units by index, units in no order, periods."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sicgrid.analysis import IndexSpectrum, Modules, index_spectrum, periods
from trained import Trained

PERIODS, LARGEST, THIRD = 3, 8, 3  # how many, units on each of the two most frequent ones, and on the third


def reaches_the_bar(units: Iterable[int]) -> bool:
    """Whether periods of so many units are what the presets of nested lattices are held to."""
    most = sorted(units, reverse=True)
    return len(most) >= PERIODS and most[1] >= LARGEST and most[2] >= THIRD


class Shown(NamedTuple):
    """Of the largest module in a box; words for a table, but for `counts` and `unordered`."""

    counts: dict[int, int]  # units by index, of those in order
    unordered: int  # units with several fields in no order
    module: str
    by_index: str
    periods: str


def looked_at(network: Trained, side: float) -> tuple[Modules, IndexSpectrum]:
    """The modules in a box and the index of each unit."""
    modules = network.modules(side)
    return modules, index_spectrum(network.maps(side).maps, modules)


def said_of(network: Trained, side: float) -> Shown:
    """The largest module in a box, and the periods of all units as the field counts them."""
    modules, spectrum = looked_at(network, side)
    sizes = [len(module) for module in modules.modules]
    largest = int(np.argmax(sizes)) if sizes else -1
    counts = spectrum.counts(largest) if sizes else {}
    said = "none"
    if sizes:
        module = modules.modules[largest]
        said = f"{len(module)} at {module.spacing_m:.2f} m, {module.orientation_deg:.0f}°, {module.ellipticity:.2f}"
        said += f" (of {len(sizes)} modules)" if len(sizes) > 1 else ""
    by_period = (f"{period.spacing_m:.2f} m ({len(period.members)})" for period in periods(network.bases(side)))
    return Shown(
        counts,
        int((spectrum.unordered & (spectrum.module == largest)).sum()),
        said,
        ", ".join(f"{index}: {count}" for index, count in counts.items()),
        ", ".join(by_period),
    )
