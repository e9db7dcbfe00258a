"""What sets the number of modules and their spacings: a sweep over populations and explored area, beside the theory.

.venv/bin/sicgrid sweep populations --out sweeps/populations
.venv/bin/python studies/populations.py sweeps/populations --picture docs/pictures/populations.png

Prints medians over seeds, with the smallest and the largest; the theory is `sicgrid.theory.best_code` for M modules
of equal numbers of units, their shares of the norm free (a network's are 1/M each), its spacing that of one population
by itself. Draws both as maps. A minute.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from expected import RESTARTS, code_setting
from sicgrid.experiment import RunConfig, load_run_config
from sicgrid.storage import open_run
from sicgrid.theory import BestCode, best_code
from sweep_rows import LENGTHS, Row, numbered_map, present, spread, sweep_and_picture

POPULATIONS, LENGTH = "model.populations", "trajectories.length"
SHOWN = (12, 25, 50)  # lengths whose losses are drawn


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    config = load_run_config(open_run(rows[0]["folder"]))
    units = config.model.units
    counts = sorted({int(row[POPULATIONS]) for row in rows})
    lengths = sorted({int(row[LENGTH]) for row in rows})
    cells = {
        (m, t): [row for row in rows if row[POPULATIONS] == m and row[LENGTH] == t] for m in counts for t in lengths
    }
    print(f"{len(rows)} networks")
    for title, value, form in (
        ("modules", lambda row: row["modules"], ".0f"),
        ("spacing, median of the modules (m)", spacing, ".2f"),
        ("share of units above shifts in time", lambda row: row["fraction_grid"], ".2f"),
        ("held-out loss", lambda row: row["held_out_total"], ".4f"),
    ):
        table(title, cells, counts, lengths, value, form)
    together = {(m, t): theory(config, units, m, t) for m in counts for t in lengths}
    alone = {(m, t): theory(config, units // m, 1, t) for m in counts for t in lengths}
    print("\n" + head("theory: expected loss of M modules of equal size", lengths))
    for m in counts:
        print(f"| {m} | {' | '.join(f'{together[m, t].loss:.4f}' for t in lengths)} |")
    print("\n" + head("theory: spacing of one population alone (m)", lengths))
    for m in counts:
        print(f"| {m} | {' | '.join(f'{alone[m, t].code.spacings_m[0]:.2f}' for t in lengths)} |")
    if arguments.picture:
        draw(cells, together, alone, counts, lengths).savefig(arguments.picture, dpi=110)


def theory(config: RunConfig, units: int, modules: int, length: int) -> BestCode:
    setting = code_setting(config)._replace(units=units, length=length)
    equal = (units - 1) / modules - 1e-6  # of the units that are not constant
    return best_code(setting, modules, least_units=max(equal, 3.0), restarts=RESTARTS)


def spacing(row: Row) -> float | None:
    return statistics.median(row["spacings_m"]) if row["spacings_m"] else None


def head(title: str, lengths: Sequence[int]) -> str:
    return f"{title}\n\n| populations | {' | '.join(f'T={t}' for t in lengths)} |\n|---|{'---|' * len(lengths)}"


def table(
    title: str,
    cells: Mapping[tuple[int, int], Sequence[Row]],
    counts: Sequence[int],
    lengths: Sequence[int],
    value: Callable[[Row], Any],
    form: str,
) -> None:
    print("\n" + head(title, lengths))
    for m in counts:
        print(f"| {m} | {' | '.join(spread(map(value, cells[m, t]), form) for t in lengths)} |")


def medians(
    cells: Mapping[tuple[int, int], Sequence[Row]], value: Callable[[Row], Any]
) -> dict[tuple[int, int], float]:
    numbers = {cell: present(map(value, rows)) for cell, rows in cells.items()}
    return {cell: statistics.median(values) if values else float("nan") for cell, values in numbers.items()}


def draw(
    cells: Mapping[tuple[int, int], Sequence[Row]],
    together: Mapping[tuple[int, int], BestCode],
    alone: Mapping[tuple[int, int], BestCode],
    counts: Sequence[int],
    lengths: Sequence[int],
) -> Figure:
    figure = Figure(figsize=(13.5, 4.2), layout="constrained")
    modules_of, spacing_of, losses = figure.subplots(1, 3)
    for axes, title, cell_values, form in (
        (modules_of, "Modules", medians(cells, lambda row: row["modules"]), ".0f"),
        (spacing_of, "Spacing (m); white: theory, one population alone", medians(cells, spacing), ".2f"),
    ):
        values = np.array([[cell_values[m, t] for t in lengths] for m in counts])
        numbered_map(axes, values, lengths, counts, form)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set(xlabel=LENGTHS, ylabel="populations")
    expected = np.array([[alone[m, t].code.spacings_m[0] for t in lengths] for m in counts])
    lines = spacing_of.contour(expected, levels=np.arange(0.3, 1.5, 0.1), colors="white", linewidths=1.2)
    spacing_of.clabel(lines, fmt="%.1f", fontsize=8)
    trained = medians(cells, lambda row: row["held_out_total"])
    for index, t in enumerate(t for t in SHOWN if t in lengths):
        color = f"C{index}"
        losses.plot(counts, [trained[m, t] for m in counts], "o-", color=color, label=f"T={t}, trained")
        losses.plot(counts, [together[m, t].loss for m in counts], "--", color=color, label=f"T={t}, theory")
    losses.set_xlabel("populations, or modules of equal size")
    losses.set_title("Loss", loc="left", fontsize=10)
    losses.legend(fontsize=8, frameon=False)
    return figure


if __name__ == "__main__":
    main()
