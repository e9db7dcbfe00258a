"""The finished networks of a sweep as rows, and medians over them as they stand in a table or on a map."""

import argparse
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sicgrid.figures import RATE_COLORS
from sicgrid.sweeps import collect

Row = Mapping[str, Any]
LENGTHS = "T, steps of a trajectory (walked area grows as T)"  # under maps over them


def sweep_and_picture(description: str | None) -> tuple[argparse.Namespace, list[Row]]:
    """What is on the command line, sweeps and perhaps a picture to draw, and the finished trials, each with its folder.

    Several sweeps are of one plan, with other seeds.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweeps", metavar="SWEEP", nargs="+", type=Path)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    rows = [{**row, "folder": sweep / "runs" / row["name"]} for sweep in arguments.sweeps for row in collect(sweep)]
    return arguments, [row for row in rows if row["status"] == "finished"]


def spread(values: Iterable[Any], form: str) -> str:
    """Median, and in brackets smallest and largest where they differ; a dash where no network has the number."""
    numbers = present(values)
    if not numbers:
        return "-"
    low, middle, high = (f"{number:{form}}" for number in (min(numbers), statistics.median(numbers), max(numbers)))
    return middle if low == high else f"{middle} ({low} to {high})"


def present(values: Iterable[Any]) -> list[float]:
    """Without those that a network does not have."""
    return [float(value) for value in values if value is not None]


def numbered_map(
    axes: Axes,
    values: np.ndarray,
    columns: Sequence[object],
    rows: Sequence[object],
    form: str,
    limits: tuple[float, float] | None = None,
) -> None:
    """A map over two settings, of columns and, upwards, of rows, with its numbers; NaN is a dash."""
    low, high = limits or (float(np.nanmin(values)), float(np.nanmax(values)))
    axes.imshow(np.ma.masked_invalid(values), origin="lower", cmap=RATE_COLORS, aspect="auto", vmin=low, vmax=high)
    for (row, column), value in np.ndenumerate(values):
        dark = np.isfinite(value) and value <= low + 0.7 * (high - low)
        text = f"{value:{form}}" if np.isfinite(value) else "–"
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black", fontsize=8)
    axes.set_xticks(range(len(columns)), [str(label) for label in columns])
    axes.set_yticks(range(len(rows)), [str(label) for label in rows])
