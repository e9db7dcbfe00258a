"""A sweep of variants as a table: medians over seeds, with the smallest and the largest.

.venv/bin/sicgrid sweep ablations --out sweeps/ablations
.venv/bin/python studies/ablations.py sweeps/ablations
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sicgrid.sweeps import collect
from sweep_rows import spread

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    rows = collect(parser.parse_args().sweep)
    print(f"| variant | seeds | {' | '.join(COLUMNS.values())} |\n|---|---|{'---|' * len(COLUMNS)}")
    for variant in dict.fromkeys(row["variant"] for row in rows):
        own = [row for row in rows if row["variant"] == variant]
        finished = [row for row in own if row["status"] == "finished"]
        seeds = f"{len(finished)}" if len(finished) == len(own) else f"{len(finished)} of {len(own)}"
        print(f"| {variant} | {seeds} | {' | '.join(told(finished, name) for name in COLUMNS)} |")


def told(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    return spread((row[name] for row in rows), ".0f" if name in WHOLE else ".2f")


if __name__ == "__main__":
    main()
