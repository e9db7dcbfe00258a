"""Do modules that read velocities through one trunk share orientation and shear?

.venv/bin/python studies/trunk.py   # preset modules, seeds 0 to 4, with a trunk for each population and with one

The MLP of each population makes its W(v); with one trunk all of its layers but the last are one and the same for all
populations. For each network the modules of 20 units and more in the largest box; for each pair of modules the
distance of their lattices once both are scaled to one spacing (`lattice_distance`: 0 where they are parallel and
equally sheared, the angle in radians where one is the other turned by a little). Pairs of one network are held against
modules dealt to networks at random. Results: docs/lab_log.md.
"""

from itertools import combinations

import numpy as np

from shapes import one_size
from sicgrid.analysis.lattices import lattice_distance
from sicgrid.model import Network, PopulationRNN
from trained import study_parser, trained

MIN_UNITS = 20
NULL_DRAWS = 9999


def main() -> None:
    arguments = study_parser(__doc__, "modules").parse_args()
    side = arguments.boxes[-1]
    for change in (None, one_trunk):
        print(f"\n{'one trunk' if change else 'a trunk each'}")
        print("| seed | training (s) | loss | path error | modules (units: spacing, angle, ellipticity) | distances |")
        print("|---|---|---|---|---|---|")
        networks = []
        for seed in arguments.seeds:
            network = trained(arguments.preset, arguments.words, seed, arguments.keep, change)
            large = [module for module in network.modules(side).modules if len(module) >= MIN_UNITS]
            networks.append([one_size(module.basis_m) for module in large])
            modules = "; ".join(
                f"{len(m)}: {m.spacing_m:.2f} m, {m.orientation_deg:.0f}°, {m.ellipticity:.2f}" for m in large
            )
            about = network.about
            print(
                f"| {seed} | {about['seconds']:.0f} | {about['total']:.4f} | {network.path_error(side):.2f} "
                f"| {modules} | {', '.join(f'{d:.2f}' for d in within([networks[-1]]))} |",
                flush=True,
            )
        if not within(networks):
            print("\nno network has two such modules")
            continue
        distance = float(np.median(within(networks)))
        generator = np.random.default_rng(0)
        null = np.array([np.median(within(dealt(networks, generator))) for _ in range(NULL_DRAWS)])
        p_value = (1 + (null <= distance).sum()) / (1 + NULL_DRAWS)
        low, high = np.quantile(null, [0.025, 0.975])
        print(f"\nmedian distance {distance:.3f}; dealt at random {low:.3f} to {high:.3f}, p = {p_value:.4f}")


def one_trunk(network: Network) -> None:
    """All populations read velocities through the first one's layers but the last, which each keeps for itself."""
    assert isinstance(network, PopulationRNN)
    first, *others = (population.transition.mlp for population in network.populations)
    for mlp in others:
        for index in range(len(mlp) - 1):
            mlp[index] = first[index]


def within(networks: list[list[np.ndarray]]) -> list[float]:
    """Distances of all pairs of lattices of one network."""
    return [float(lattice_distance(a[None], b)[0]) for bases in networks for a, b in combinations(bases, 2)]


def dealt(networks: list[list[np.ndarray]], generator: np.random.Generator) -> list[list[np.ndarray]]:
    """The same lattices, dealt to as many networks of the same sizes at random."""
    bases = [basis for network in networks for basis in network]
    order = iter(generator.permutation(len(bases)))
    return [[bases[next(order)] for _ in network] for network in networks]


if __name__ == "__main__":
    main()
