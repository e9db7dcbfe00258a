"""The discrete periods of the networks of a sweep in every box that they walked, and which ones reach the bar (C1a).

.venv/bin/sicgrid sweep narrow --out sweeps/narrow
.venv/bin/python studies/periods_in_boxes.py sweeps/narrow [--picture build/periods.png]

A row for each network: its loss on held-out batches; for each box its periods as the field counts them, with their
units, and its independent modules; the ellipticity of the largest module in the first box (1: hexagonal, 1.73: square).
A network counts when every box shows at least 3 periods, with 8 units on each of two and 3 on a third. Below, for each
variant, how many networks count, and how many have each number of periods in the first box. The picture shows the
spacings of all units there. Results: docs/results.md.
"""

from collections import Counter
from collections.abc import Sequence
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


class InBox(NamedTuple):
    """What a network has in one box."""

    box: Box
    periods: tuple[Period, ...]
    bases_m: np.ndarray  # of each unit's own lattice, NaN where it has none


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    rows = sorted(rows, key=lambda row: (row["variant"], row["seed"]))
    print("| variant | seed | loss | in a box (m): periods (units); independent modules | ellipticity | counts |")
    print("|---|---|---|---|---|---|")
    networks = [in_every_box(open_run(row["folder"])) for row in rows]
    for row, boxes in zip(rows, networks, strict=True):
        said = "; ".join(in_words(box) for box in boxes)
        sizes = [len(module) for module in boxes[0].box.modules.modules]
        shape = f"{boxes[0].box.modules.modules[int(np.argmax(sizes))].ellipticity:.2f}" if sizes else "-"
        loss = f"{row['held_out_total']:.4f}"
        counts = "yes" if counting(boxes) else "no"
        print(f"| {row['variant']} | {row['seed']} | {loss} | {said} | {shape} | {counts} |")
    print("\n| variant | networks that count | networks by their number of periods |\n|---|---|---|")
    for variant, group in groupby(zip(rows, networks, strict=True), key=lambda pair: pair[0]["variant"]):
        of_variant = [boxes for _, boxes in group]
        numbers = Counter(len(boxes[0].periods) for boxes in of_variant)
        by_number = ", ".join(f"{number}: {numbers[number]}" for number in sorted(numbers))
        print(f"| {variant} | {sum(map(counting, of_variant))} of {len(of_variant)} | {by_number} |")
    if arguments.picture:
        picture(rows, [boxes[0] for boxes in networks]).savefig(arguments.picture, dpi=80)


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


def counting(boxes: Sequence[InBox]) -> bool:
    """Whether every box has the periods that are asked for."""
    return all(reaches_the_bar(len(period.members) for period in box.periods) for box in boxes)


def in_words(network: InBox) -> str:
    each = ", ".join(f"{period.spacing_m:.2f} m ({len(period.members)})" for period in network.periods)
    return f"{network.box.side:g}: {each or 'none'}; {len(network.box.modules.modules)}"


def picture(rows: Sequence[Row], networks: Sequence[InBox]) -> Figure:
    """Spacing of every unit's own lattice, a column a network; each period in a color, units of none grey."""
    figure = Figure(figsize=(2 + 0.35 * len(rows), 4.2), layout="constrained")
    axes = figure.subplots()
    generator = np.random.default_rng(0)
    for column, network in enumerate(networks):
        label = np.full(len(network.bases_m), -1)
        for index, period in enumerate(network.periods):
            label[period.members] = index
        has = np.flatnonzero(np.isfinite(network.bases_m).all(axis=(1, 2)))
        spacing = [lattice_shape(network.bases_m[unit]).spacing_m for unit in has]
        colors = ["lightgrey" if label[unit] < 0 else f"C{label[unit] % 10}" for unit in has]
        axes.scatter(column + generator.uniform(-0.25, 0.25, len(has)), spacing, s=7, c=colors, linewidths=0)
    starts = [index for index, row in enumerate(rows) if not index or row["variant"] != rows[index - 1]["variant"]]
    for start in starts[1:]:
        axes.axvline(start - 0.5, color="black", linewidth=0.5)
    axes.set_xticks(starts, [str(rows[start]["variant"]) for start in starts], rotation=30, ha="right")
    axes.set_ylabel("spacing of a unit's own lattice (m)")
    axes.set_xlim(-0.6, len(rows) - 0.4)
    return figure


if __name__ == "__main__":
    main()
