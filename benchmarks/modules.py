"""The modules of several finished runs, in every box that they walked, and a picture of the first run's modules.

for seed in 0 1 2 3 4; do .venv/bin/sicgrid reproduce modules --seed $seed --out runs/modules-$seed; done
.venv/bin/python benchmarks/modules.py runs/modules-* [--gallery docs/pictures/modules.png]

A run counts when every box holds at least 3 independent modules of at least 8 units each, with at least 70 % of the
active units in one. How evenly a run's orientations are spread: |mean of exp(6 i orientation)| of all modules in its
first box, 0 for even, 1 for all alike; p is the share of random orientations whose mean over the runs is as small. Runs
of fewer than two modules have none and are left out of it, whether the others count or not.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from sicgrid.analysis import Modules, RateMaps, find_modules
from sicgrid.experiment import load_run_config
from sicgrid.figures import RATE_COLORS
from sicgrid.storage import RunDirectory, open_run, read_maps, read_units

MODULES, UNITS, SHARE = 3, 8, 0.7
SHOWN = 16  # units of a module in the picture
DRAWS = 9999


class Box(NamedTuple):
    """What was found in one box."""

    side: float
    found: Modules
    maps: RateMaps
    active: int

    @property
    def share(self) -> float:
        return sum(len(module) for module in self.found.modules) / max(self.active, 1)

    @property
    def counts(self) -> bool:
        return sum(len(module) >= UNITS for module in self.found.modules) >= MODULES and self.share >= SHARE

    def said(self) -> str:
        each = (f"{len(m)} at {m.spacing_m:.2f} m, {m.orientation_deg:.0f}°" for m in self.found.modules)
        return "; ".join(each) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run directories, analyzed")
    parser.add_argument("--gallery", type=Path, help="PNG file for units of the first run's modules")
    given = parser.parse_args()
    runs = [open_run(path) for path in given.runs]
    print("| run | box (m) | units of each module, spacing, orientation | active units in a module | counts |")
    print("|---|---|---|---|---|")
    walks = []
    for run in runs:
        walks.append(boxes := walked(run))
        for box in boxes:
            print(
                f"| {run.path.name} | {box.side:g} | {box.said()} "
                f"| {box.share:.2f} of {box.active} | {'yes' if box.counts else 'no'} |",
                flush=True,
            )
    good = [all(box.counts for box in boxes) for boxes in walks]
    orientations = [[module.orientation_deg for module in boxes[0].found.modules] for boxes in walks]
    print(f"\n{sum(good)} of {len(good)} runs count")
    several = [one for one in orientations if len(one) > 1]
    if several:
        say_alike(several)
    if given.gallery:
        box = walks[0][0]
        if not box.found.modules:
            parser.error(f"--gallery: the first run, {given.runs[0]}, has no module to show")
        gallery(box).savefig(given.gallery, dpi=80)


def say_alike(several: list[list[float]]) -> None:
    generator = np.random.default_rng(0)
    found = np.mean([alike(np.array(one)) for one in several])
    chance = np.mean([alike(generator.uniform(0, 60, (DRAWS, len(one)))) for one in several], axis=0)
    p_value = (1 + np.sum(chance <= found)) / (1 + DRAWS)
    print(f"orientations alike: {found:.2f}, by chance {chance.mean():.2f}, p = {p_value:.4f}")


def alike(orientations_deg: np.ndarray) -> np.ndarray:
    return np.abs(np.exp(6j * np.deg2rad(orientations_deg)).mean(axis=-1))


def walked(run: RunDirectory) -> list[Box]:
    """Every box of a run, the main one first."""
    return [_box(run, side, main=not index) for index, side in enumerate(load_run_config(run).evaluation.arenas)]


def largest_box(run: RunDirectory) -> Box:
    """Where a common cell of two modules shows, if anywhere."""
    arenas = load_run_config(run).evaluation.arenas
    return _box(run, max(arenas), main=max(arenas) == arenas[0])


def _box(run: RunDirectory, side: float, main: bool) -> Box:
    label = None if main else side
    maps, units = RateMaps(*read_maps(run.maps(label))), read_units(run.units(label))
    return Box(side, find_modules(maps), maps, int(np.sum(units["active"])))


def gallery(box: Box) -> Figure:
    """A row of rate maps for each module."""
    rows = len(box.found.modules)
    figure = Figure(figsize=(SHOWN * 0.75, rows * 0.95), layout="constrained")
    grid = figure.subplots(rows, SHOWN, squeeze=False)
    for row, module in zip(grid, box.found.modules, strict=True):
        clearest = module.members[np.argsort(-np.nan_to_num(module.dependence))]
        for axes, unit in zip(row, clearest, strict=False):
            axes.imshow(box.maps.maps[unit].T, origin="lower", cmap=RATE_COLORS)
        title = f"{len(module)} units, {module.spacing_m:.2f} m, {module.orientation_deg:.0f}°"
        row[0].set_title(title, loc="left", fontsize=9)
    for axes in grid.flat:
        axes.set_axis_off()
    return figure


if __name__ == "__main__":
    main()
