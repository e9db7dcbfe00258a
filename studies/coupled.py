"""What becomes of modules that were learned apart, when couplings between them may grow up to a bound?

.venv/bin/python studies/coupled.py --picture docs/pictures/coupled.png     # seeds 0 to 4 of the preset modules

The three populations of a trained network keep their W(v) and a NormReLU each, and get couplings to each other, c
tanh(MLP(v)), so that none is larger than c; all is trained on together. c = 0 is the same training without couplings.
For each pair of populations: the ratio of their spacings, the smallest angle between their axes, and what
`find_modules` says of all units in the largest box: two modules (independent), one with one field a cell in both
(merged), one with finer lattices (locked; the index of each). How large couplings became, beside the entries within
populations. In the picture also pairs of populations of different networks, at c = 0, which cannot know of each other.
Results: docs/lab_log.md.
"""

from collections import Counter
from itertools import combinations, product
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor, nn

from sicgrid.analysis import Module
from sicgrid.experiment import build, load_config, overridden
from sicgrid.model import ModelConfig, Network, PopulationRNN, RingRNN, TransitionMLP
from trained import Trained, learned, study_parser, trained
from two_populations import Pair, Population, pair_of, population_of, relation

HIDDEN = 32  # of the MLP that makes the couplings, as of each population's
OUTCOMES = {"independent": "C0", "locked": "C1", "merged": "C2", "no lattice": "0.6"}


def main() -> None:
    parser = study_parser(__doc__, "modules")
    parser.add_argument("--bounds", nargs="+", type=float, default=[0.0, 0.003, 0.03, 0.1, 0.3], metavar="C")
    parser.add_argument("--steps", type=int, default=2000, help="of training together")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    side = arguments.boxes[-1]
    print("| c | seed | loss | path error | couplings: mean, largest; within | populations' lattices | pairs |")
    print("|---|---|---|---|---|---|---|")
    pairs: dict[float, list[Pair]] = {bound: [] for bound in arguments.bounds}
    apart = []
    for bound in arguments.bounds:
        for seed in arguments.seeds:
            before = trained(arguments.preset, arguments.words, seed, arguments.keep)
            words = [f"training.steps={arguments.steps}", "training.apart_steps=0", "training.learning_rate=1e-3"]
            network = joined(before, [*arguments.words, *words], bound, arguments.keep)
            populations, modules = populations_of(network, side), network.modules(side).modules
            related = [pair_of(a, b, modules) for a, b in combinations(populations, 2)]
            pairs[bound] += related
            if bound == 0:
                apart.append(populations)
            own = "; ".join(said(population.lattice) for population in populations)
            each = "; ".join(f"{p.ratio:.2f}, {p.angle:.0f}°, {outcome(p)}" for p in related)
            total, error = network.about["total"], network.path_error(side)
            sizes = coupling_sizes(network)
            print(f"| {bound:g} | {seed} | {total:.4f} | {error:.2f} | {sizes} | {own} | {each} |", flush=True)
    print("\n| c | " + " | ".join(OUTCOMES) + " | indices of locked pairs |\n|---|" + "---|" * (len(OUTCOMES) + 1))
    for bound, related in pairs.items():
        counts = Counter(pair.outcome for pair in related)
        locked = Counter(":".join(map(str, pair.indices)) for pair in related if pair.outcome == "locked")
        row = " | ".join(str(counts[name]) for name in OUTCOMES)
        print(f"| {bound:g} | {row} | {', '.join(f'{key} ({n})' for key, n in locked.most_common()) or '-'} |")
    if arguments.picture:
        picture(pairs, strangers(apart)).savefig(arguments.picture, dpi=120)


def said(lattice: Module | None) -> str:
    return f"{len(lattice)}: {lattice.spacing_m:.2f} m, {lattice.orientation_deg:.0f}°" if lattice else "-"


def outcome(pair: Pair) -> str:
    return f"locked {pair.indices[0]}:{pair.indices[1]}" if pair.outcome == "locked" else pair.outcome


class CoupledTransition(nn.Module):
    """The populations' own W(v) as blocks, c tanh(MLP(v)) between them, as the band of all couplings that `RingRNN`
    multiplies with; at the start there is nothing between them.
    """

    def __init__(self, populations: PopulationRNN, config: ModelConfig, bound: float) -> None:
        super().__init__()
        self.own = nn.ModuleList(population.transition for population in populations.populations)
        settings = config.model_dump(include={"units", "layers", "activation", "velocity_scale"})
        self.between = TransitionMLP(hidden=HIDDEN, **settings)
        nn.init.zeros_(self.between.mlp[-1].weight)
        nn.init.zeros_(self.between.mlp[-1].bias)
        block, places = blocks(populations), torch.arange(config.units)
        self.register_buffer("allowed", bound * (block[:, None] != block).float(), persistent=False)
        # The band's entry d of unit j couples it to unit j + d - units // 2.
        target = torch.remainder(places[:, None] + places - config.units // 2, config.units)
        self.register_buffer("target", target, persistent=False)

    def forward(self, velocities: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch units units"]:
        """The band for each velocity."""
        whole = self.whole(velocities)
        return whole.gather(-1, self.target.expand(whole.shape))

    def whole(self, velocities: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch units units"]:
        """W(v), transposed, as `TransitionMLP` gives it."""
        matrices = [transition(velocities) for transition in self.own]
        sizes = [block.shape[-1] for block in matrices]
        before = np.cumsum([0, *sizes]).tolist()
        rows = [
            nn.functional.pad(block, (start, before[-1] - start - size))
            for block, start, size in zip(matrices, before, sizes, strict=False)
        ]
        return torch.cat(rows, dim=-2) + self.allowed * torch.tanh(self.between(velocities))


class CoupledRNN(RingRNN):
    """A network of populations with couplings between them: its kernel is that of a ring whose band holds all units."""

    transition: CoupledTransition  # type: ignore[assignment]

    def step(self, state: Tensor, velocity: Tensor) -> Tensor:
        """The same with whole matrices, which is faster for many animals."""
        return self._normalized(torch.einsum("...bn,bnm->...bm", state, self.transition.whole(velocity)))


def blocks(populations: PopulationRNN) -> Tensor:
    """The population of each unit."""
    return torch.repeat_interleave(torch.arange(len(populations.sizes)), torch.tensor(populations.sizes))


def coupled(populations: PopulationRNN, bound: float) -> CoupledRNN:
    """The same network with couplings between its populations, none larger than the bound, all 0 as yet."""
    config = populations.config.model_copy(update={"populations": 1, "population_units": (), "norm_range": 1.0})
    network = CoupledRNN(config)
    network.transition = CoupledTransition(populations, config, bound)
    block = blocks(populations)
    network.weights = (block[:, None] == block).double()  # a NormReLU each: its neighborhood is its population
    with torch.no_grad():
        network.start.copy_(populations.initial_state)
    return network


def joined(before: Trained, words: list[str], bound: float, keep: Path) -> Trained:
    """A trained network of populations, coupled and trained on."""
    config = overridden(load_config("modules"), [*words, f"seed={before.config.seed}"])
    _, loss, sampler, _ = build(config, None)
    assert isinstance(before.network, PopulationRNN)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network: Network = coupled(before.network, bound)
    return learned(network, loss, sampler, config, keep, f"coupled {bound:g} after {before.folder.name}")


@torch.no_grad()
def coupling_sizes(network: Trained) -> str:
    """Mean and largest size of couplings between populations, and mean size of those within, over training's speeds."""
    transition = network.network.transition
    fastest = network.config.trajectories.max_speed
    velocities = fastest * (2 * torch.rand(200, 2, generator=torch.Generator().manual_seed(0)) - 1)
    matrices, between = transition.whole(velocities).abs(), transition.allowed > 0  # type: ignore[operator,union-attr]
    if not between.any():
        return "-"
    across, inside = matrices[:, between], matrices[:, ~between]
    return f"{across.mean():.3f}, {across.max():.2f}; {inside.mean():.2f}"


def populations_of(network: Trained, side: float) -> list[Population]:
    """Each population with its lattice, as its units alone have it."""
    maps, bases = network.maps(side), network.bases(side)
    # The first unit whose norm a unit shares is the first of its population.
    starts = (network.network.weights > 0).double().argmax(dim=1).numpy()  # type: ignore[union-attr,operator]
    populations = []
    for start in np.unique(starts):
        units = np.flatnonzero(starts == start)
        populations.append(population_of(maps, bases, units))
    return populations


def strangers(networks: list[list[Population]]) -> list[tuple[float, float]]:
    """Ratio and angle of the lattices of populations of different networks."""
    return [
        relation(a.lattice, b.lattice)
        for first, second in combinations(networks, 2)
        for a, b in product(first, second)
        if a.lattice and b.lattice
    ]


def picture(pairs: dict[float, list[Pair]], null: list[tuple[float, float]]) -> Figure:
    figure = Figure(figsize=(2.4 * len(pairs), 3.0), layout="constrained")
    axes = figure.subplots(1, len(pairs), sharex=True, sharey=True, squeeze=False)[0]
    for axis, (bound, related) in zip(axes, pairs.items(), strict=True):
        axis.plot(*zip(*null, strict=True), ".", color="0.85", markersize=4, label="of different networks")
        for name, color in OUTCOMES.items():
            points = [(pair.ratio, pair.angle) for pair in related if pair.outcome == name]
            if points:
                axis.plot(*zip(*points, strict=True), "o", color=color, markersize=5, label=name)
        axis.set(title=f"c = {bound:g}", xlabel="ratio of spacings")
    axes[0].set(ylabel="angle between axes (degrees)", ylim=(-1.5, 31.5))
    handles = {label: line for axis in axes for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5, frameon=False)
    return figure


if __name__ == "__main__":
    main()
