"""The table of several finished runs, and a picture of the first one's units.

for seed in 0 1 2 3 4; do .venv/bin/sicgrid reproduce quick --seed $seed --out runs/seed-$seed; done
.venv/bin/python studies/seeds.py runs/seed-* [--gallery docs/gallery.png]
"""

import argparse
import statistics
from pathlib import Path

from sicgrid.figures import gallery_order, rate_map_gallery
from sicgrid.storage import RunDirectory, open_run, read_json, read_maps, read_units


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run directories, analyzed")
    parser.add_argument("--gallery", type=Path, help="PNG file for the rate maps of the first run's active units")
    arguments = parser.parse_args()
    runs = [open_run(path) for path in arguments.runs]
    summaries = [read_json(run.summary) for run in runs]
    print("| seed | active units | median grid score | above shifts | spacings (m) | path error | minutes |")
    print("|---|---|---|---|---|---|---|")
    for run, summary in zip(runs, summaries, strict=True):
        spacings = ", ".join(f"{spacing:.2f}" for spacing in summary["spacing_m"])
        print(
            f"| {summary['seed']} | {summary['active_units']} | {summary['grid_score_median']:.2f} "
            f"| {summary['fraction_grid']:.2f} | {spacings} | {summary['path_integration_error']:.2f} "
            f"| {minutes(run):.1f} |"
        )
    shares = [summary["fraction_grid"] for summary in summaries]
    active = [summary["active_units"] for summary in summaries]
    print(f"\nmedian share above shifts {statistics.median(shares):.2f}, active units {min(active)} to {max(active)}")
    if arguments.gallery:
        save_gallery(runs[0], arguments.gallery)


def minutes(run: RunDirectory) -> float:
    """Time worked on training, evaluation and analysis: the last session of each stage."""
    last = {session["stage"]: session["seconds"] for session in read_json(run.provenance)["sessions"]}
    return sum(last.values()) / 60


def save_gallery(run: RunDirectory, path: Path) -> None:
    """Rate maps of the active units, by spacing and score."""
    units, maps = read_units(run.units()), read_maps(run.maps())
    order = gallery_order(units["spacing_m"], units["grid_score"])
    shown = order[units["active"][order]]
    figure = rate_map_gallery(
        maps.maps, maps.x_edges, maps.y_edges, grid_score=units["grid_score"], spacing_m=units["spacing_m"], units=shown
    )
    figure.savefig(path, dpi=70)


if __name__ == "__main__":
    main()
