"""The finished networks of a sweep as rows, and medians over them as they stand in a table."""

import argparse
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sicgrid.sweeps import collect

Row = Mapping[str, Any]


def sweep_and_picture(description: str | None) -> tuple[argparse.Namespace, list[Row]]:
    """What is on the command line, a sweep and perhaps a picture to draw, and the sweep's finished trials."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    return arguments, [row for row in collect(arguments.sweep) if row["status"] == "finished"]


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
