"""When do lattices become place cells? Networks without capacity, by sigma_g, beside the theory.

.venv/bin/sicgrid sweep places --out sweeps/places
.venv/bin/python studies/places.py sweeps/places --picture docs/pictures/places.png

Medians over seeds, with the smallest and the largest, in each network's first box; modules in its largest. "One field":
share of the active units with a single field in the box; "whole": that the walls do not cut off. Fields are measured
at half of their peak. The theory is the best lattice of all units (`sicgrid.theory.best_code`), no fitted number: its
spacing, beside which the box shows how many fields a unit has there, and the diameter of its fields.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from boxes import largest_box
from expected import best_lattice, code_setting
from sicgrid.analysis import place_fields
from sicgrid.experiment import RunConfig, load_run_config
from sicgrid.figures import RATE_COLORS
from sicgrid.storage import RunDirectory, open_run, read_json, read_maps, read_units
from sweep_rows import spread, sweep_and_picture

SHOWN = 14  # units a row of the picture
HALF = 2 * math.sqrt(2 * math.log(2))  # diameter at half of the peak of a Gaussian, in its widths


class Network(NamedTuple):
    """What was found in one network."""

    run: RunDirectory
    active: int
    one_field: float
    whole: float
    diameter: float
    path: float
    decoding: float
    spacings: list[float]


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    print(
        "| sigma_g | seeds | active | one field | one whole field | fields (m) | theory's fields (m) | networks with a "
        "module, spacings (m) | theory's spacing (m) | path error | decoding error (m) |"
    )
    print("|---" * 11 + "|")
    shown = []
    for variant in dict.fromkeys(row["variant"] for row in rows):
        networks = [look(row["folder"]) for row in rows if row["variant"] == variant]
        config = load_run_config(networks[0].run)
        spacing, diameter = theory(config)
        having = [network for network in networks if network.spacings]
        modules = f"{len(having)} of {len(networks)}"
        if having:
            modules += f", {spread((spacing_m for network in having for spacing_m in network.spacings), '.2f')}"
        print(
            f"| {config.loss.sigma_g:g} | {len(networks)} | {told(networks, 'active', '.0f')} "
            f"| {told(networks, 'one_field')} | {told(networks, 'whole')} | {told(networks, 'diameter')} "
            f"| {diameter:.2f} | {modules} | {spacing:.2f} | {told(networks, 'path')} | {told(networks, 'decoding')} |",
            flush=True,
        )
        shown.append((f"σg {config.loss.sigma_g:g}", networks[0].run))
    if arguments.picture:
        draw(shown).savefig(arguments.picture, dpi=90)


def told(networks: Sequence[Network], name: str, form: str = ".2f") -> str:
    return spread((getattr(network, name) for network in networks), form)


def look(path: Path) -> Network:
    run = open_run(path)
    summary, units = read_json(run.summary), read_units(run.units())
    fields = place_fields(read_maps(run.maps()).maps[units["active"]])
    return Network(
        run=run,
        active=int(units["active"].sum()),
        one_field=float((fields.number == 1).mean()),
        whole=float(fields.single.mean()),
        diameter=float(np.nanmedian(fields.diameter_m)),
        path=summary["path_integration_error"],
        decoding=summary["decoding_error_m"],
        spacings=[module.spacing_m for module in largest_box(run).modules.modules],
    )


def theory(config: RunConfig) -> tuple[float, float]:
    """Spacing and field diameter of the best lattice, meters."""
    code = best_lattice(code_setting(config))
    return float(code.spacings_m[0]), HALF * float(code.widths_m[0])


def draw(shown: Sequence[tuple[str, RunDirectory]]) -> Figure:
    """A row for each sigma_g: units at equal distances in the order of their spatial information, most first."""
    figure = Figure(figsize=(SHOWN * 0.72, len(shown) * 0.92), layout="constrained")
    grid = figure.subplots(len(shown), SHOWN, squeeze=False)
    for row, (label, run) in zip(grid, shown, strict=True):
        units, maps = read_units(run.units()), read_maps(run.maps()).maps
        active = np.flatnonzero(units["active"])
        order = active[np.argsort(-np.nan_to_num(units["spatial_information"][active]))]
        for axes, unit in zip(row, order[np.linspace(0, len(order) - 1, SHOWN).astype(int)], strict=True):
            axes.imshow(maps[unit].T, origin="lower", cmap=RATE_COLORS)
            axes.set_axis_off()
        row[0].set_title(label, loc="left", fontsize=9)
    return figure


if __name__ == "__main__":
    main()
