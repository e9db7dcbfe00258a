"""A sweep of variants as a table: medians over seeds, with the smallest and the largest. Then each variant's numbers of
modules and of periods against the baseline's, seed by seed, with the p of Mann and Whitney.

.venv/bin/sicgrid sweep ablations --out sweeps/ablations
.venv/bin/python studies/ablations.py sweeps/ablations
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import mannwhitneyu

from sicgrid.sweeps import collect
from sweep_rows import present, spread

COLUMNS = {
    "fraction_grid": "above shifts in time",
    "active_units": "active units",
    "grid_score_median": "median score",
    "modules": "modules",
    "spacing_largest_m": "spacing (m)",
    "ellipticity_median": "ellipticity",
    "field_diameter_m": "field (m)",
    "single_field_units": "single-field units",
    "path_integration_error": "path error",
}
WHOLE = ("active_units", "modules", "single_field_units")
COUNTED = ("modules", "periods")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    rows = collect(parser.parse_args().sweep)
    by_variant: dict[str, list[Mapping[str, Any]]] = {}
    print(f"| variant | seeds | {' | '.join(COLUMNS.values())} |\n|---|---|{'---|' * len(COLUMNS)}")
    for variant in dict.fromkeys(row["variant"] for row in rows):
        own = [row for row in rows if row["variant"] == variant]
        finished = by_variant[variant] = [row for row in own if row["status"] == "finished"]
        seeds = f"{len(finished)}" if len(finished) == len(own) else f"{len(finished)} of {len(own)}"
        print(f"| {variant} | {seeds} | {' | '.join(told(finished, name) for name in COLUMNS)} |")
    for variant, finished in by_variant.items():
        if variant != "baseline":
            print(f"{variant} against baseline: {against(finished, by_variant.get('baseline', ()))}")


def against(rows: Sequence[Mapping[str, Any]], baseline: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for name in COUNTED:
        here, there = present(row.get(name) for row in rows), present(row.get(name) for row in baseline)
        if here and there:
            counts = (", ".join(f"{count:.0f}" for count in each) for each in (here, there))
            said.append(f"{name} {' against '.join(counts)}, p = {mannwhitneyu(here, there).pvalue:.2g}")
    return "; ".join(said)


def told(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    return spread((row[name] for row in rows), ".0f" if name in WHOLE else ".2f")


if __name__ == "__main__":
    main()
