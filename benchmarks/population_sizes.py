"""Does the number of its units set a population's spacing? Networks of unequal populations, beside the theory.

.venv/bin/sicgrid sweep population_sizes --out sweeps/sizes
.venv/bin/python benchmarks/population_sizes.py sweeps/sizes --picture docs/pictures/population-sizes.png

Modules are looked for in the largest box of each network. A module is a population's own when nine tenths of its units
are of that one; other modules join populations, which then have a common cell. The theory is the spacing of the best
lattice of one population by itself (`sicgrid.analysis.best_code`), no fitted number.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from modules import Box, walked
from populations import spread
from sicgrid.analysis import CodeSetting, best_code
from sicgrid.experiment import RunConfig, load_run_config
from sicgrid.storage import open_run
from sicgrid.sweeps import collect

OWN = 0.9  # of a module's units
RESTARTS = 8


class Found(NamedTuple):
    """What one population became."""

    variant: str
    seed: int
    units: int
    spacing_m: float | None
    """Of a module that is the population's own, if it has one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    found: list[Found] = []
    print("| populations | seed | spacing of each one's own module (m) | modules that join populations (m) | box (m) |")
    print("|---|---|---|---|---|")
    for row in collect(given.sweep):
        if row["status"] != "finished":
            continue
        run = open_run(given.sweep / "runs" / row["name"])
        config = load_run_config(run)
        box = max(walked(run), key=lambda one: one.side)
        own, joint = sorted_out(box, config.model.population_units)
        sizes = ", ".join(map(str, config.model.population_units))
        said = ", ".join("none" if one is None else f"{one:.2f}" for one in own)
        print(
            f"| {sizes} | {config.seed} | {said} | {', '.join(f'{one:.2f}' for one in joint) or 'none'} "
            f"| {box.side:g} |",
            flush=True,
        )
        found += [
            Found(row["variant"], config.seed, units, one)
            for units, one in zip(config.model.population_units, own, strict=True)
        ]
    expected = {units: theory(units, config) for units in range(8, 2 + max(one.units for one in found), 4)}
    summary(found, config)
    if given.picture:
        draw(found, expected).savefig(given.picture, dpi=110)


def sorted_out(box: Box, sizes: Sequence[int]) -> tuple[list[float | None], list[float]]:
    """Spacing of each population's own module, None without one, and spacings of the modules that join populations."""
    population = np.repeat(np.arange(len(sizes)), sizes)
    own: list[float | None] = [None] * len(sizes)
    joint = []
    for module in box.found.modules:
        counts = np.bincount(population[module.members], minlength=len(sizes))
        largest = int(counts.argmax())
        if counts[largest] < OWN * len(module):
            joint.append(module.spacing_m)
        elif own[largest] is None:
            own[largest] = module.spacing_m
    return own, joint


def theory(units: int, config: RunConfig) -> float:
    """Spacing of the best lattice of so many units alone."""
    setting = CodeSetting(units=units, length=config.trajectories.length, batch_size=config.trajectories.batch_size)
    return float(best_code(setting, 1, restarts=RESTARTS, least_units=3.0).code.spacings_m[0])


def summary(found: Sequence[Found], config: RunConfig) -> None:
    print("\n| units of a population | with a module of its own | spacing (m) | theory (m) |\n|---|---|---|---|")
    for units in sorted({one.units for one in found}):
        same = [one for one in found if one.units == units]
        having = sum(one.spacing_m is not None for one in same)
        spacings = spread((one.spacing_m for one in same), ".2f")
        print(f"| {units} | {having} of {len(same)} | {spacings} | {theory(units, config):.2f} |")


def draw(found: Sequence[Found], expected: Mapping[int, float]) -> Figure:
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(list(expected), list(expected.values()), color="black", linewidth=1.5, label="theory, no fitted number")
    variants = dict.fromkeys(one.variant for one in found)
    for index, variant in enumerate(variants):
        own = [one for one in found if one.variant == variant and one.spacing_m is not None]
        label = ", ".join(map(str, sorted({one.units for one in found if one.variant == variant}, reverse=True)))
        axes.plot([one.units for one in own], [one.spacing_m for one in own], "o", color=f"C{index}", ms=5, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [8, 12, 20, 28, 43, 64, 96]
    axes.set_xticks(ticks, [str(one) for one in ticks])
    spacings = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2]
    axes.set_yticks(spacings, [f"{one:g}" for one in spacings])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("units of the population")
    axes.set_ylabel("spacing (m)")
    axes.set_title("Spacing of a population's own module", loc="left", fontsize=10)
    axes.legend(fontsize=8, frameon=False, title="populations", title_fontsize=8)
    return figure


if __name__ == "__main__":
    main()
