"""Is a population that joins later, and is paid only for pairs that the first confuses, another module?

.venv/bin/python studies/joining.py --boxes 4   # seeds 0 to 4: 20 trainings of some 40 s on one core
.venv/bin/python studies/joining.py --boxes 4 --weights joins --second 20   # other seconds for the same firsts

A first population of 64 units is trained by the preset and frozen. A second one, not coupled to it, is trained by the
same loss of the joint states g = (a, b) / sqrt(2): a far pair of places costs ``exp(-||a - a'||^2 / 4 sigma_g^2)``, its
overlap in the first, times the same of the second; the other terms are sums over both. So with a constant first it is
the second alone, with sigma_g times sqrt(2) and invariance and capacity halved. Three ways to weigh a far pair, with
the same start, batches and steps: by its overlap in the first ("joins"), all by the mean of these ("evenly"), all by 1
("alone", the constant first).

A row for each pair: loss and separation of the joint state on held-out batches, the lattice of each, second spacing
over first, angle between axes, how much the second's maps are stripes (`one_direction`, median of its active units),
and what `find_modules` makes of all units (see `two_populations`). Below, medians ("fold": larger spacing over
smaller), and whether seconds fit their own first better than those of other seeds: the mean over own pairs among the
means of all ways to deal firsts to seconds. Theory: studies/joining_theory.py. Results: docs/lab_log.md.
"""

from argparse import Namespace
from itertools import permutations
from typing import NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu

from sicgrid.evaluation import held_out_loss
from sicgrid.experiment import build, load_config, overridden
from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig, Network, PopulationRNN, VelocityRNN
from sweep_rows import spread
from trained import ACTIVE, HELD_OUT, Trained, learned, study_parser, trained
from two_populations import Population, pair_of, population_of, relation

UNITS, STEPS = 64, 4000
KINDS = ("joins", "evenly", "alone")


class Pair(NamedTuple):
    """A first and a second population of one network; numbers are NaN without a lattice."""

    first: Population
    second: Population
    outcome: str
    ratio: float
    fold: float
    angle: float
    stripes: float


def main() -> None:
    parser = study_parser(__doc__, "quick")
    parser.add_argument("--weights", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--second", type=int, default=10, help="added to the seed of a first for its second's")
    arguments = parser.parse_args()
    words = [f"model.units={UNITS}", f"training.steps={STEPS}", *arguments.words]
    _, loss, sampler, _ = build(overridden(load_config(arguments.preset), words), None)
    firsts = [trained(arguments.preset, words, seed, arguments.keep) for seed in arguments.seeds]
    print("| weights | seed | mean overlap | loss | separation | first | second | ratio | angle | stripes | pair |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    pairs: dict[str, list[Pair]] = {}
    fits: dict[str, str] = {}
    for kind in arguments.weights:
        seconds = [second_of(kind, first, words, arguments) for first in firsts]
        pairs[kind] = [judge(a, b, arguments.boxes[-1]) for a, b in zip(firsts, seconds, strict=True)]
        networks = [[joint(a.network, b.network) for b in seconds] for a in firsts]
        terms = [[held_out_loss(network, loss, sampler, HELD_OUT, 0) for network in row] for row in networks]
        for i, (seed, pair) in enumerate(zip(arguments.seeds, pairs[kind], strict=True)):
            print(
                f"| {kind} | {seed} | {mean_overlap(firsts[i]):.3f} | {terms[i][i]['total']:.4f} "
                f"| {terms[i][i]['separation']:.4f} | {said(pair.first)} | {said(pair.second)} | {pair.ratio:.2f} "
                f"| {pair.angle:.0f}° | {pair.stripes:.2f} | {pair.outcome} |",
                flush=True,
            )
        losses = np.array([[each["total"] for each in row] for row in terms])
        angles = np.array([[relation_of(a.first, b.second)[1] for b in pairs[kind]] for a in pairs[kind]])
        fits[kind] = f"loss {dealt(losses, 1, '.4f')}; angle {dealt(angles, -1, '.0f')}"
    for kind in pairs:
        print(f"\n{kind}: {fits[kind]}")
        for name in ("ratio", "fold", "angle", "stripes"):
            values = {other: [v for v in (getattr(pair, name) for pair in of) if v == v] for other, of in pairs.items()}
            line = f"{name} {spread(values[kind], '.2f')}"
            for other in pairs:
                if other != kind and values[kind] and values[other]:
                    line += f"; p = {mannwhitneyu(values[kind], values[other]).pvalue:.2g} against {other}"
            print(line)


def joint(first: Network, second: Network) -> PopulationRNN:
    """Two networks as the populations of one; their parameters are shared with it."""
    assert isinstance(first, VelocityRNN)
    network = PopulationRNN(ModelConfig(**first.config.model_dump() | {"units": 2 * UNITS, "populations": 2}))
    network.populations[0], network.populations[1] = first, second
    return network


def mean_overlap(first: Trained) -> float:
    """Of the first at far pairs, as the loss of the joint state has it: the separation of the first alone."""
    _, _, sampler, _ = build(first.config, None)
    scale = 2**0.5 * first.config.loss.sigma_g
    return held_out_loss(first.network, SICLoss(sigma_g=scale), sampler, HELD_OUT, 0)["separation"]


def second_of(kind: str, first: Trained, words: list[str], arguments: Namespace) -> Trained:
    """The second population of a first."""
    seed, loss, preset, keep = first.config.seed + arguments.second, first.config.loss, arguments.preset, arguments.keep
    if kind != "joins":
        separation = loss.separation * (mean_overlap(first) if kind == "evenly" else 1.0)
        alone = {"sigma_g": 2**0.5 * loss.sigma_g, "separation": separation}
        alone |= {"invariance": loss.invariance / 2, "capacity": loss.capacity / 2}
        return trained(preset, [*words, *(f"loss.{name}={value:.4f}" for name, value in alone.items())], seed, keep)
    config = overridden(load_config(preset), [*words, f"seed={seed}"])
    second, whole, sampler, _ = build(config, None)
    first.network.requires_grad_(False)
    joined = learned(joint(first.network, second), whole, sampler, config, keep, f"joins {first.folder.name}")
    return Trained(second, config, joined.folder, joined.about)


def judge(first: Trained, second: Trained, side: float) -> Pair:
    """Both as one network in a box, with the walks of the first's seed."""
    folder = second.folder / f"with-{first.folder.name}"
    folder.mkdir(exist_ok=True)
    network = Trained(joint(first.network, second.network), first.config, folder, {})
    maps, bases = network.maps(side), network.bases(side)
    a, b = (population_of(maps, bases, np.arange(UNITS) + start) for start in (0, UNITS))
    pair = pair_of(a, b, network.modules(side).modules)
    stripes = np.median([one_direction(unit) for unit in maps.maps[UNITS:] if np.nanmax(unit) > ACTIVE])
    return Pair(a, b, pair.outcome, relation_of(a, b)[0], pair.ratio, pair.angle, float(stripes))


def relation_of(first: Population, second: Population) -> tuple[float, float]:
    """The second's spacing over the first's, and the angle between their axes."""
    if first.lattice is None or second.lattice is None:
        return float("nan"), float("nan")
    return second.lattice.spacing_m / first.lattice.spacing_m, relation(first.lattice, second.lattice)[1]


def one_direction(rates: np.ndarray) -> float:
    """|mean of exp(2i direction)| over the power of a map: 0 for hexagons and squares, 1 for stripes."""
    power = np.abs(np.fft.fft2(np.nan_to_num(rates - np.nanmean(rates)))) ** 2
    x, y = np.meshgrid(*map(np.fft.fftfreq, power.shape), indexing="ij")
    return float(np.abs((power * np.exp(2j * np.arctan2(y, x))).sum()) / power.sum())


def said(population: Population) -> str:
    module = population.lattice
    if not module:
        return "-"
    return f"{len(module)}: {module.spacing_m:.2f} m, {module.orientation_deg:.0f}°, {module.ellipticity:.2f}"


def dealt(table: np.ndarray, sign: int, form: str) -> str:
    """Mean of (first, second) over own and over all pairs that have it; share of deals of as small a signed mean."""
    if not np.isfinite(table.diagonal()).any():
        return "-"
    deals = [np.nanmean(table[list(deal), range(len(table))]) for deal in permutations(range(len(table)))]
    p = np.mean(sign * np.array(deals) <= sign * deals[0] + 1e-12)  # the first deal is each second's own
    return f"of own pairs {deals[0]:{form}}, of all {np.nanmean(table):{form}}, p = {p:.2g}"


if __name__ == "__main__":
    main()
