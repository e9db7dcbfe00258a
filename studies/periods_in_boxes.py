"""The discrete periods of the networks of a sweep in every box that they walked, and which ones reach the bar (C1a).

.venv/bin/sicgrid sweep narrow --out sweeps/narrow
.venv/bin/python studies/periods_in_boxes.py sweeps/narrow [--picture build/periods.png]

A row for each network: its loss on held-out batches; for each box its periods as the field counts them, with their
units, and the units of its independent modules; the ellipticity of the largest module in the first box (1: hexagonal,
1.73: square). A network reaches the bar when every box shows at least 3 periods, with 8 units on each of two and 3 on a
third. Below, for each variant, how many do, how many have each number of periods in the first box and in the box with
the fewest, and how many have several modules: two and more of at least 4 units, in every box. Last, whether those have
the lower losses, against networks of the same variant dealt at random. The picture shows the spacings of all units in
the first box. Results: docs/results.md.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from boxes import Box, walked
from sicgrid.analysis import Period, lattice_shape, periods
from sicgrid.experiment import load_run_config
from sicgrid.storage import RunDirectory, open_run, read_dataset
from spectra import reaches_the_bar
from sweep_rows import Row, sweep_and_picture

UNITS = 4  # of a module that counts as one of several
DEALS = 9999


class InBox(NamedTuple):
    """What a network has in one box."""

    box: Box
    periods: tuple[Period, ...]
    bases_m: np.ndarray  # of each unit's own lattice, NaN where it has none

    def __str__(self) -> str:
        periods = ", ".join(f"{period.spacing_m:.2f} m ({len(period.members)})" for period in self.periods)
        modules = ", ".join(str(len(module)) for module in self.box.modules.modules)
        return f"{self.box.side:g}: {periods or 'none'}; {modules or 'none'}"


class Network(NamedTuple):
    """A finished network of a sweep, the main box first."""

    variant: str
    seed: int
    loss: float
    boxes: list[InBox]

    @property
    def reaches(self) -> bool:
        """Whether every box has the periods that are asked for."""
        return all(reaches_the_bar(len(period.members) for period in box.periods) for box in self.boxes)

    @property
    def several(self) -> bool:
        """Whether every box has several independent modules."""
        return all(sum(len(module) >= UNITS for module in box.box.modules.modules) > 1 for box in self.boxes)

    @property
    def ellipticity(self) -> float:
        """Of the largest module in the first box, NaN without."""
        modules = self.boxes[0].box.modules.modules
        return max(modules, key=len).ellipticity if modules else float("nan")


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    networks = sorted((network_of(row) for row in rows), key=lambda network: (network.variant, network.seed))
    print("| variant | seed | loss | in a box (m): periods (units); independent modules | ellipticity |")
    print("|---|---|---|---|---|")
    for network in networks:
        boxes = "<br>".join(map(str, network.boxes))
        print(f"| {network.variant} | {network.seed} | {network.loss:.4f} | {boxes} | {network.ellipticity:.2f} |")
    print("\n| variant | reach the bar | networks by their periods | by their fewest in a box | with several modules |")
    print("|---|---|---|---|---|")
    for variant, group in groupby(networks, key=lambda network: network.variant):
        members = list(group)
        print(
            f"| {variant} | {sum(network.reaches for network in members)} of {len(members)} "
            f"| {counted(len(network.boxes[0].periods) for network in members)} "
            f"| {counted(min(len(box.periods) for box in network.boxes) for network in members)} "
            f"| {sum(network.several for network in members)} |"
        )
    say_losses(networks)
    if arguments.picture:
        picture(networks).savefig(arguments.picture, dpi=80)


def counted(numbers: Iterable[int]) -> str:
    """How often each number comes, as ``1: 2, 3: 1``."""
    return ", ".join(f"{number}: {times}" for number, times in sorted(Counter(numbers).items()))


def network_of(row: Row) -> Network:
    run = open_run(row["folder"])
    return Network(row["variant"], row["seed"], row["held_out_total"], in_every_box(run))


def in_every_box(run: RunDirectory) -> list[InBox]:
    """The main box first."""
    config = load_run_config(run)
    boxes = []
    for index, box in enumerate(walked(run)):
        units = read_dataset(run.path / "results" / (f"units-{box.side:g}.nc" if index else "units.nc"))
        modulated = units["active"].values.astype(bool) & ~units["constant"].values.astype(bool)
        bases = np.where(modulated[:, None, None], units["basis_m"].values, np.nan)
        groups = periods(bases, **config.analysis.modules.model_dump(), seed=config.seed)
        boxes.append(InBox(box, groups, bases))
    return boxes


def say_losses(networks: Iterable[Network]) -> None:
    """Are the losses of networks with several modules lower than those of the others of their variant?"""
    strata = []
    for _, group in groupby(networks, key=lambda network: network.variant):
        members = list(group)
        several = np.array([network.several for network in members])
        if several.any() and not several.all():
            strata.append((np.array([network.loss for network in members]), several))
    if not strata:
        return
    generator = np.random.default_rng(0)
    measured = sum(difference(losses, several) for losses, several in strata) / len(strata)
    dealt = [
        sum(difference(losses, generator.permutation(several)) for losses, several in strata) / len(strata)
        for _ in range(DEALS)
    ]
    p_value = (1 + sum(value <= measured + 1e-12 for value in dealt)) / (1 + DEALS)
    print(
        f"\nlosses of networks with several modules, less those of the others: {measured:.4f} in the mean of "
        f"{len(strata)} variants that have both (p = {p_value:.2g}, one-sided)"
    )


def difference(losses: np.ndarray, several: np.ndarray) -> float:
    return float(losses[several].mean() - losses[~several].mean())


def picture(networks: Sequence[Network]) -> Figure:
    """Spacing of every unit's own lattice, a column a network; each period in a color, units of none grey."""
    figure = Figure(figsize=(2 + 0.2 * len(networks), 4.2), layout="constrained")
    axes = figure.subplots()
    generator = np.random.default_rng(0)
    for column, network in enumerate(networks):
        box = network.boxes[0]
        label = np.full(len(box.bases_m), -1)
        for index, period in enumerate(box.periods):
            label[period.members] = index
        has = np.flatnonzero(np.isfinite(box.bases_m).all(axis=(1, 2)))
        spacing = [lattice_shape(box.bases_m[unit]).spacing_m for unit in has]
        colors = ["lightgrey" if label[unit] < 0 else f"C{label[unit] % 10}" for unit in has]
        axes.scatter(column + generator.uniform(-0.25, 0.25, len(has)), spacing, s=7, c=colors, linewidths=0)
    variants = [network.variant for network in networks]
    starts = [index for index, variant in enumerate(variants) if not index or variant != variants[index - 1]]
    for start in starts[1:]:
        axes.axvline(start - 0.5, color="black", linewidth=0.5)
    middles = [start + (variants.count(variants[start]) - 1) / 2 for start in starts]
    axes.set_xticks(middles, [variants[start] for start in starts], rotation=30, ha="right")
    axes.set_ylabel("spacing of a unit's own lattice (m)")
    axes.set_xlim(-0.6, len(networks) - 0.4)
    return figure


if __name__ == "__main__":
    main()
