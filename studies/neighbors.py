"""Are modules that lie side by side on a ring more alike than those further apart (C1b)?

.venv/bin/python studies/neighbors.py --preset emergent --boxes 4 --seeds 0 1 2 3 4 5 6 7 8 9

For each network of four modules of 8 units and more, or more, in order of their places: spacing and orientation, and
the mean difference of neighbors and of the others, in log spacing, and in lattices scaled to one spacing (0: parallel
and equally sheared; the angle in radians where one is the other turned by a little). Neighbors less others over all
networks is held against modules put on the same places in random order. Below, each spacing over the next smaller one
of its network. Results: docs/lab_log.md.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from boxes import UNITS
from shapes import one_size
from sicgrid.analysis import Module
from sicgrid.analysis.lattices import lattice_distance
from sweep_rows import spread
from trained import study_parser, trained

NULL_DRAWS = 9999
FEWEST = 4  # of three on a ring each is a neighbor of the others


class Apart(NamedTuple):
    """Of all pairs of a network's modules in order of place."""

    spacing: np.ndarray
    """Difference of the logarithms."""
    lattice: np.ndarray


def main() -> None:
    arguments = study_parser(__doc__, "emergent").parse_args()
    side, networks, ratios = arguments.boxes[-1], [], []
    print("| seed | modules in order (spacing, angle) | spacing: neighbors, others | lattice: neighbors, others |")
    print("|---|---|---|---|")
    for seed in arguments.seeds:
        network = trained(arguments.preset, arguments.words, seed, arguments.keep)
        units = network.config.model.units
        large = [module for module in network.modules(side).modules if len(module) >= UNITS]
        large.sort(key=lambda module: middle(module.members, units))
        sizes = np.sort([module.spacing_m for module in large])
        ratios += (sizes[1:] / sizes[:-1]).tolist()
        said = ", ".join(f"{module.spacing_m:.2f} m {module.orientation_deg:.0f}°" for module in large)
        if len(large) < FEWEST:
            print(f"| {seed} | {said} | | |")
            continue
        apart = differences(large)
        networks.append(apart)
        cells = " | ".join("{:.2f}, {:.2f}".format(*beside_and_beyond(table, np.arange(len(table)))) for table in apart)
        print(f"| {seed} | {said} | {cells} |", flush=True)
    generator = np.random.default_rng(0)
    for name in Apart._fields:
        tables = [getattr(apart, name) for apart in networks]
        difference = contrast(tables, [np.arange(len(table)) for table in tables])
        null = np.array(
            [contrast(tables, [generator.permutation(len(table)) for table in tables]) for _ in range(NULL_DRAWS)]
        )
        p_value = (1 + (null <= difference).sum()) / (1 + NULL_DRAWS)
        low, high = np.quantile(null, [0.025, 0.975])
        print(
            f"\n{name}: neighbors less others {difference:.3f} over {len(tables)} networks, in random order {low:.3f} "
            f"to {high:.3f}, p = {p_value:.3f}"
        )
    print(f"\neach spacing over the next smaller one: {spread(ratios, '.2f')} ({len(ratios)} pairs)")


def middle(members: np.ndarray, units: int) -> float:
    """Place on the ring, of 0 to 1: the direction of the mean of the members' places."""
    return float(np.angle(np.exp(2j * np.pi * members / units).mean()) / (2 * np.pi) % 1)


def differences(modules: list[Module]) -> Apart:
    logs, bases = np.log([module.spacing_m for module in modules]), [one_size(module.basis_m) for module in modules]
    lattice = np.zeros((len(modules), len(modules)))
    for i, j in combinations(range(len(modules)), 2):
        lattice[i, j] = lattice[j, i] = lattice_distance(bases[i][None], bases[j])[0]
    return Apart(np.abs(logs[:, None] - logs), lattice)


def beside_and_beyond(table: np.ndarray, order: np.ndarray) -> tuple[float, float]:
    """Mean over neighbors on a ring, and over the other pairs, of modules put there in an order."""
    placed, count = table[np.ix_(order, order)], len(order)
    steps = np.subtract.outer(np.arange(count), np.arange(count)) % count
    beside, beyond = np.isin(steps, (1, count - 1)), ~np.isin(steps, (0, 1, count - 1))
    return float(placed[beside].mean()), float(placed[beyond].mean())


def contrast(tables: list[np.ndarray], orders: list[np.ndarray]) -> float:
    """Neighbors less others, the mean over networks."""
    pairs = [beside_and_beyond(table, order) for table, order in zip(tables, orders, strict=True)]
    return float(np.mean([beside - beyond for beside, beyond in pairs]))


if __name__ == "__main__":
    main()
