"""Does the number of its units set a population's spacing? Networks of unequal populations, beside the theory.

.venv/bin/sicgrid sweep population_sizes --out sweeps/sizes
.venv/bin/python studies/population_sizes.py sweeps/sizes --picture docs/pictures/population-sizes.png

Modules are looked for in the largest box of each network. A module is a population's own when nine tenths of its units
are of that one; other modules join populations, which then have a common cell. The theory is the spacing of the best
lattice of one population by itself (`sicgrid.theory.best_code`), no fitted number.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from boxes import Box, largest_box
from expected import best_lattice, code_setting
from sicgrid.analysis import Module
from sicgrid.experiment import RunConfig, load_run_config
from sicgrid.storage import open_run
from sweep_rows import present, spread, sweep_and_picture

NULL_DRAWS = 9999
OWN = 0.9  # of a module's units


class Network(NamedTuple):
    """What the populations of one network became."""

    units: tuple[int, ...]
    spacings_m: list[float | None]
    """Of the module that is a population's own, for each."""


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    networks: list[Network] = []
    print("| populations | seed | own module of each: m (units) | modules that join populations (m) | box (m) |")
    print("|---|---|---|---|---|")
    for row in rows:
        run = open_run(row["folder"])
        config, box = load_run_config(run), largest_box(run)
        sizes = config.model.population_units
        own, joint = sorted_out(box, sizes)
        said = ", ".join("none" if module is None else f"{module.spacing_m:.2f} ({len(module)})" for module in own)
        print(
            f"| {', '.join(map(str, sizes))} | {config.seed} | {said} "
            f"| {', '.join(f'{spacing:.2f}' for spacing in joint) or 'none'} | {box.side:g} |",
            flush=True,
        )
        networks.append(Network(sizes, [module and module.spacing_m for module in own]))
    summary(networks, config)
    whole = [(units, present(spacings)) for units, spacings in networks if None not in spacings]
    say_ratios(whole)
    say_order(whole)
    if arguments.picture:
        largest = max(max(network.units) for network in networks)
        expected = {units: theory(units, config) for units in range(8, largest + 2, 4)}
        draw(networks, expected).savefig(arguments.picture, dpi=110)


def sorted_out(box: Box, sizes: Sequence[int]) -> tuple[list[Module | None], list[float]]:
    """Each population's own module, None without one, and spacings of the modules that join populations."""
    population = np.repeat(np.arange(len(sizes)), sizes)
    own: list[Module | None] = [None] * len(sizes)
    joint = []
    for module in box.modules.modules:
        counts = np.bincount(population[module.members], minlength=len(sizes))
        largest = int(counts.argmax())
        if counts[largest] < OWN * len(module):
            joint.append(module.spacing_m)
        elif own[largest] is None:
            own[largest] = module
    return own, joint


def theory(units: int, config: RunConfig) -> float:
    """Spacing of the best lattice of so many units alone."""
    setting = code_setting(config)._replace(units=units)
    return float(best_lattice(setting, least_units=3.0).spacings_m[0])


def summary(networks: Sequence[Network], config: RunConfig) -> None:
    print("\n| units of a population | with a module of its own | spacing (m) | theory (m) |\n|---|---|---|---|")
    each = [pair for network in networks for pair in zip(*network, strict=True)]
    for units in sorted({units for units, _ in each}):
        same = [spacing for size, spacing in each if size == units]
        having = f"{len(present(same))} of {len(same)}"
        print(f"| {units} | {having} | {spread(same, '.2f')} | {theory(units, config):.2f} |")


def say_ratios(networks: Sequence[tuple[Sequence[int], Sequence[float]]]) -> None:
    """Of each spacing to the next smaller one of its network."""
    ratios: dict[tuple[int, ...], list[float]] = {}
    for units, spacings in networks:
        falling = sorted(spacings, reverse=True)
        ratios.setdefault(tuple(units), []).extend(a / b for a, b in pairwise(falling))
    print("\n| populations | ratio of neighboring spacings |\n|---|---|")
    for units, of_neighbors in ratios.items():
        print(f"| {', '.join(map(str, units))} | {spread(of_neighbors, '.2f')} |")


def say_order(networks: Sequence[tuple[Sequence[int], Sequence[float]]]) -> None:
    """Of all pairs of unequal populations of one network, and the chance of it if spacings were dealt at random."""
    generator = np.random.default_rng(0)
    larger, pairs = np.sum([in_order(*network) for network in networks], axis=0)
    drawn = [sum(in_order(u, generator.permutation(s))[0] for u, s in networks) for _ in range(NULL_DRAWS)]
    p_value = (1 + sum(count >= larger for count in drawn)) / (1 + NULL_DRAWS)
    print(f"\nthe larger of two populations has the larger spacing in {larger} of {pairs} pairs, p = {p_value:.4f}")


def in_order(units: Sequence[int], spacings: Sequence[float]) -> tuple[int, int]:
    """Pairs in which the larger population has the larger spacing, and pairs of unequal ones."""
    pairs = [(a, b) for a, b in permutations(range(len(units)), 2) if units[a] > units[b]]
    return sum(spacings[a] > spacings[b] for a, b in pairs), len(pairs)


def draw(networks: Sequence[Network], expected: Mapping[int, float]) -> Figure:
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(list(expected), list(expected.values()), color="black", linewidth=1.5, label="theory, no fitted number")
    for index, sizes in enumerate(sorted({network.units for network in networks})):
        own = [
            pair
            for network in networks
            if network.units == sizes
            for pair in zip(*network, strict=True)
            if pair[1] is not None
        ]
        at = [units * 1.012 ** (index - 2.5) for units, _ in own]  # side by side where sizes are equal
        axes.plot(at, [spacing for _, spacing in own], "o", color=f"C{index}", ms=5, label=", ".join(map(str, sizes)))
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [8, 12, 20, 28, 43, 64, 96]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    spacings = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2]
    axes.set_yticks(spacings, [f"{spacing:g}" for spacing in spacings])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("units of the population")
    axes.set_ylabel("spacing (m)")
    axes.set_title("Spacing of a population's own module", loc="left", fontsize=10)
    axes.legend(fontsize=8, frameon=False, title="populations", title_fontsize=8)
    return figure


if __name__ == "__main__":
    main()
