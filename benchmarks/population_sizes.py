"""Does the number of its units set a population's spacing? Networks of unequal populations, beside the theory.

.venv/bin/sicgrid sweep population_sizes --out sweeps/sizes
.venv/bin/python benchmarks/population_sizes.py sweeps/sizes --picture docs/pictures/population-sizes.png

Modules are looked for in the largest box of each network. A module is a population's own when nine tenths of its units
are of that one; other modules join populations, which then have a common cell. The theory is the spacing of the best
lattice of one population by itself (`sicgrid.analysis.best_code`), no fitted number.
"""

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from modules import Box, walked
from populations import spread
from sicgrid.analysis import CodeSetting, Module, best_code
from sicgrid.experiment import RunConfig, load_run_config
from sicgrid.storage import open_run
from sicgrid.sweeps import collect

DRAWS = 9999
OWN = 0.9  # of a module's units
RESTARTS = 8


class Found(NamedTuple):
    """What one population became."""

    network: tuple[int, ...]
    """Units of all populations of its network."""
    units: int
    spacing_m: float | None
    """Of a module that is the population's own, if it has one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    found: list[Found] = []
    networks: list[tuple[Sequence[int], list[float]]] = []
    print("| populations | seed | own module of each: m (units) | modules that join populations (m) | box (m) |")
    print("|---|---|---|---|---|")
    for row in collect(given.sweep):
        if row["status"] != "finished":
            continue
        run = open_run(given.sweep / "runs" / row["name"])
        config = load_run_config(run)
        box = max(walked(run), key=lambda one: one.side)
        own, joint = sorted_out(box, config.model.population_units)
        sizes = ", ".join(map(str, config.model.population_units))
        said = ", ".join("none" if one is None else f"{one.spacing_m:.2f} ({len(one)})" for one in own)
        print(
            f"| {sizes} | {config.seed} | {said} | {', '.join(f'{one:.2f}' for one in joint) or 'none'} "
            f"| {box.side:g} |",
            flush=True,
        )
        found += [
            Found(config.model.population_units, units, one and one.spacing_m)
            for units, one in zip(config.model.population_units, own, strict=True)
        ]
        if None not in own:
            networks.append((config.model.population_units, [one.spacing_m for one in own if one]))
    expected = {units: theory(units, config) for units in range(8, 2 + max(one.units for one in found), 4)}
    summary(found, config)
    say_ratios(networks)
    say_order(networks)
    if given.picture:
        draw(found, expected).savefig(given.picture, dpi=110)


def sorted_out(box: Box, sizes: Sequence[int]) -> tuple[list[Module | None], list[float]]:
    """Each population's own module, None without one, and spacings of the modules that join populations."""
    population = np.repeat(np.arange(len(sizes)), sizes)
    own: list[Module | None] = [None] * len(sizes)
    joint = []
    for module in box.found.modules:
        counts = np.bincount(population[module.members], minlength=len(sizes))
        largest = int(counts.argmax())
        if counts[largest] < OWN * len(module):
            joint.append(module.spacing_m)
        elif own[largest] is None:
            own[largest] = module
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


def say_ratios(networks: Sequence[tuple[Sequence[int], list[float]]]) -> None:
    """Of each spacing to the next smaller one of its network."""
    ratios: dict[tuple[int, ...], list[float]] = {}
    for units, spacings in networks:
        falling = sorted(spacings, reverse=True)
        ratios.setdefault(tuple(units), []).extend(a / b for a, b in pairwise(falling))
    print("\n| populations | ratio of neighboring spacings |\n|---|---|")
    for units, found in ratios.items():
        print(f"| {', '.join(map(str, units))} | {spread(found, '.2f')} |")


def say_order(networks: Sequence[tuple[Sequence[int], list[float]]]) -> None:
    """Of all pairs of unequal populations of one network, and the chance of it if spacings were dealt at random."""
    generator = np.random.default_rng(0)
    larger = sum(in_order(*network)[0] for network in networks)
    pairs = sum(in_order(*network)[1] for network in networks)
    drawn = [sum(in_order(u, generator.permutation(s))[0] for u, s in networks) for _ in range(DRAWS)]
    p_value = (1 + sum(one >= larger for one in drawn)) / (1 + DRAWS)
    print(f"\nthe larger of two populations has the larger spacing in {larger} of {pairs} pairs, p = {p_value:.4f}")


def in_order(units: Sequence[int], spacings: Sequence[float]) -> tuple[int, int]:
    """Pairs in which the larger population has the larger spacing, and pairs of unequal ones."""
    pairs = [(a, b) for a, b in permutations(range(len(units)), 2) if units[a] > units[b]]
    return sum(spacings[a] > spacings[b] for a, b in pairs), len(pairs)


def draw(found: Sequence[Found], expected: Mapping[int, float]) -> Figure:
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(list(expected), list(expected.values()), color="black", linewidth=1.5, label="theory, no fitted number")
    for index, network in enumerate(sorted({one.network for one in found})):
        own = [one for one in found if one.network == network and one.spacing_m is not None]
        at = [one.units * 1.012 ** (index - 2.5) for one in own]  # side by side where sizes are equal
        axes.plot(at, [one.spacing_m for one in own], "o", color=f"C{index}", ms=5, label=", ".join(map(str, network)))
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
