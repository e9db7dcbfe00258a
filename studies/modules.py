"""The modules of several finished runs, in every box that they walked, and a picture of the first run's modules.

for seed in 0 1 2 3 4; do .venv/bin/sicgrid reproduce modules --seed $seed --out runs/modules-$seed; done
.venv/bin/python studies/modules.py runs/modules-* [--gallery docs/pictures/modules.png]

A run counts when every box holds at least 3 independent modules of at least 8 units each, with at least 70 % of the
active units in one. How evenly a run's orientations are spread: |mean of exp(6 i orientation)| of all modules in its
first box, 0 for even, 1 for all alike; p is the share of random orientations whose mean over the runs is as small. Runs
of fewer than two modules have none and are left out of it, whether the others count or not.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from boxes import Box, walked
from sicgrid.figures import RATE_COLORS
from sicgrid.storage import open_run

SHOWN = 16  # units of a module in the picture
NULL_DRAWS = 9999


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run directories, analyzed")
    parser.add_argument("--gallery", type=Path, help="PNG file for units of the first run's modules")
    arguments = parser.parse_args()
    runs = [open_run(path) for path in arguments.runs]
    print("| run | box (m) | units of each module, spacing, orientation | active units in a module | counts |")
    print("|---|---|---|---|---|")
    walks = []
    for run in runs:
        walks.append(boxes := walked(run))
        for box in boxes:
            print(
                f"| {run.path.name} | {box.side:g} | {listed(box)} "
                f"| {box.share:.2f} of {box.active} | {'yes' if box.counts else 'no'} |",
                flush=True,
            )
    good = [all(box.counts for box in boxes) for boxes in walks]
    orientations = [[module.orientation_deg for module in boxes[0].modules.modules] for boxes in walks]
    print(f"\n{sum(good)} of {len(good)} runs count")
    several = [angles for angles in orientations if len(angles) > 1]
    if several:
        say_alike(several)
    if arguments.gallery:
        box = walks[0][0]
        if not box.modules.modules:
            parser.error(f"--gallery: the first run, {arguments.runs[0]}, has no module to show")
        gallery(box).savefig(arguments.gallery, dpi=80)


def say_alike(several: list[list[float]]) -> None:
    generator = np.random.default_rng(0)
    observed = np.mean([alike(np.array(angles)) for angles in several])
    chance = np.mean([alike(generator.uniform(0, 60, (NULL_DRAWS, len(angles)))) for angles in several], axis=0)
    p_value = (1 + np.sum(chance <= observed)) / (1 + NULL_DRAWS)
    print(f"orientations alike: {observed:.2f}, by chance {chance.mean():.2f}, p = {p_value:.4f}")


def alike(orientations_deg: np.ndarray) -> np.ndarray:
    return np.abs(np.exp(6j * np.deg2rad(orientations_deg)).mean(axis=-1))


def listed(box: Box) -> str:
    each = (f"{len(m)} at {m.spacing_m:.2f} m, {m.orientation_deg:.0f}°" for m in box.modules.modules)
    return "; ".join(each) or "none"


def gallery(box: Box) -> Figure:
    """A row of rate maps for each module."""
    rows = len(box.modules.modules)
    figure = Figure(figsize=(SHOWN * 0.75, rows * 0.95), layout="constrained")
    grid = figure.subplots(rows, SHOWN, squeeze=False)
    for row, module in zip(grid, box.modules.modules, strict=True):
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
