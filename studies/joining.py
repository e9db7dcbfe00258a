"""Is a population that joins later, and is paid only for pairs that the first confuses, another module?

.venv/bin/python studies/joining.py --boxes 4   # seeds 0 to 4: 20 trainings of some half a minute on one core

A first population of 64 units is trained by the preset and frozen. A second one, not coupled to it, is trained by the
same loss of the joint states g = (a, b) / sqrt(2). Squared distances add, so that a far pair of places costs
``exp(-||a - a'||^2 / 4 sigma_g^2)``, its overlap in the first, times the same of the second. The other terms are sums
over both. So a control with a first that is constant is the second alone by a loss of its own: sigma_g times sqrt(2),
invariance and capacity halved. Three ways to weigh a far pair, with the same start, batches and steps: by its overlap
in the first ("joins"), all by the mean of these overlaps ("evenly"), all by 1 ("alone", the constant first).

A row for each pair of a frozen first and a second: loss and separation of the joint state on held-out batches, modules
of all units and what `find_modules` makes of the pair (see `pairs`), second spacing over first, angle between axes.
Below, whether seconds fit their own first better than those of other seeds: the mean over own pairs among the means of
all ways to deal firsts to seconds. Theory: studies/joining_theory.py. Results: docs/lab_log.md.
"""

from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu

from pairs import Pair, Population, pair_of, population_of, relation
from sicgrid.evaluation import held_out_loss
from sicgrid.experiment import build, load_config, overridden
from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig, Network, PopulationRNN, VelocityRNN
from sweep_rows import spread
from trained import HELD_OUT, Trained, learned, study_parser, trained

UNITS, STEPS = 64, 4000
KINDS = ("joins", "evenly", "alone")
SECOND = 10  # added to the seed
ROOT = 2**0.5


class Judged(NamedTuple):
    """A first and a second population of one network."""

    first: Population
    second: Population
    pair: Pair

    @property
    def ratio(self) -> float:
        """The second's spacing over the first's."""
        lattices = self.first.lattice, self.second.lattice
        return lattices[1].spacing_m / lattices[0].spacing_m if lattices[0] and lattices[1] else float("nan")


def main() -> None:
    arguments = study_parser(__doc__, "quick").parse_args()
    words = [f"model.units={UNITS}", f"training.steps={STEPS}", *arguments.words]
    config = overridden(load_config(arguments.preset), words)
    _, loss, sampler, _ = build(config, None)
    firsts = [trained(arguments.preset, words, seed, arguments.keep) for seed in arguments.seeds]
    print("| weights | seed | mean overlap | loss | separation | first | second | second over first | angle | pair |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    judged: dict[str, list[Judged]] = {}
    fits: dict[str, str] = {}
    for kind in KINDS:
        seconds = [second_of(kind, first, arguments.preset, words, arguments.keep) for first in firsts]
        pairs = judged[kind] = [judge(*both, arguments.boxes[-1]) for both in zip(firsts, seconds, strict=True)]
        terms = [
            [held_out_loss(joint(a.network, b.network), loss, sampler, HELD_OUT, 0) for b in seconds] for a in firsts
        ]
        for i, (seed, one) in enumerate(zip(arguments.seeds, pairs, strict=True)):
            print(
                f"| {kind} | {seed} | {mean_overlap(firsts[i]):.3f} | {terms[i][i]['total']:.4f} "
                f"| {terms[i][i]['separation']:.4f} | {said(one.first)} | {said(one.second)} | {one.ratio:.2f} "
                f"| {one.pair.angle:.0f}° | {one.pair.outcome} |",
                flush=True,
            )
        losses = np.array([[each["total"] for each in row] for row in terms])
        angles = np.array([[angle(a.first, b.second) for b in pairs] for a in pairs])
        fits[kind] = f"loss {dealt(losses, 1, '.4f')}; angle {dealt(angles, -1, '.0f')}"
    for kind, pairs in judged.items():
        numbers = np.array([(one.ratio, one.pair.ratio, one.pair.angle) for one in pairs])
        ratios, folds, turns = (column[np.isfinite(column)] for column in numbers.T)
        against = ", ".join(
            f"p = {mannwhitneyu(ratios, [one.ratio for one in judged[other]], nan_policy='omit').pvalue:.2g} ({other})"
            for other in KINDS
            if other != kind
        )
        print(f"\n{kind}: second over first {spread(ratios, '.2f')}, {against}")
        print(f"larger over smaller {spread(folds, '.2f')}, angle {spread(turns, '.0f')}; {fits[kind]}")


def joint(first: Network, second: Network) -> PopulationRNN:
    """Two networks as the populations of one; their parameters are shared with it."""
    assert isinstance(first, VelocityRNN)
    network = PopulationRNN(ModelConfig(**first.config.model_dump() | {"units": 2 * UNITS, "populations": 2}))
    network.populations[0], network.populations[1] = first, second
    return network


def mean_overlap(first: Trained) -> float:
    """Of the first at far pairs, as the loss of the joint state has it: the separation of the first alone."""
    _, _, sampler, _ = build(first.config, None)
    scale = ROOT * first.config.loss.sigma_g
    return held_out_loss(first.network, SICLoss(sigma_g=scale), sampler, HELD_OUT, 0)["separation"]


def second_of(kind: str, first: Trained, preset: str, words: list[str], keep: Path) -> Trained:
    """The second population of a first."""
    seed, loss = first.config.seed + SECOND, first.config.loss
    if kind != "joins":
        separation = loss.separation * (mean_overlap(first) if kind == "evenly" else 1.0)
        alone = {"sigma_g": ROOT * loss.sigma_g, "separation": separation}
        alone |= {"invariance": loss.invariance / 2, "capacity": loss.capacity / 2}
        return trained(preset, [*words, *(f"loss.{name}={value:.4f}" for name, value in alone.items())], seed, keep)
    config = overridden(load_config(preset), [*words, f"seed={seed}"])
    second, whole, sampler, _ = build(config, None)
    first.network.requires_grad_(False)
    joined = learned(joint(first.network, second), whole, sampler, config, keep, f"joins {first.folder.name}")
    return Trained(second, config, joined.folder, joined.about)


def judge(first: Trained, second: Trained, side: float) -> Judged:
    """Both as one network in a box, with the walks of the first's seed."""
    folder = second.folder / f"with-{first.folder.name}"
    folder.mkdir(exist_ok=True)
    network = Trained(joint(first.network, second.network), first.config, folder, {})
    maps, bases = network.maps(side), network.bases(side)
    one, other = (population_of(maps, bases, np.arange(UNITS) + start) for start in (0, UNITS))
    return Judged(one, other, pair_of(one, other, network.modules(side).modules))


def said(population: Population) -> str:
    one = population.lattice
    return f"{len(one)}: {one.spacing_m:.2f} m, {one.orientation_deg:.0f}°, {one.ellipticity:.2f}" if one else "-"


def angle(first: Population, second: Population) -> float:
    return relation(first.lattice, second.lattice)[1] if first.lattice and second.lattice else float("nan")


def dealt(table: np.ndarray, sign: int, form: str) -> str:
    """Mean of (first, second) over own pairs and over all; the share of deals whose mean, times the sign, is as small.

    Pairs without a number are left out.
    """
    deals = [np.nanmean(table[list(deal), range(len(table))]) for deal in permutations(range(len(table)))]
    p = np.mean(sign * np.array(deals) <= sign * deals[0] + 1e-12)  # the first deal is each second's own
    return f"of own pairs {deals[0]:{form}}, of all {np.nanmean(table):{form}}, p = {p:.2g}"


if __name__ == "__main__":
    main()
