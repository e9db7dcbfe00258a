"""Peak selection in a rate model of one dimension: the positive control of `studies/gradient.py`.

.venv/bin/python studies/peak_selection.py --picture build/peaks.png

Khona, Chandra and Fiete (Nature 2025): units on a line inhibit each other at a width that rises smoothly along it, and
all alike at one fixed distance as well. The width alone makes bumps whose period rises smoothly; the fixed distance D
holds periods near 2 D / (2 m + 1), so that period rises in steps, and their number is the range of the gradient over
the distance between two such periods. The numbers of the model are ours. Prints, with and without the fixed distance,
the periods of the stretches (of 4 bumps and more) and how steep period is within them: 0 for plateaus, 1 for no steps.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.signal import find_peaks
from scipy.sparse import csr_array

from plateaus import slope_within

UNITS = 5000
PERIOD = 90.0  # units, in the middle of the line
DISTANCE = 200  # D, units; periods near 133, 80, 57 and 44
FIXED = 0.35  # strength of the inhibition at this distance, against the graded one's
STEPS, RATE = 300, 0.2
JUMP = 0.1  # of the period, from one stretch to the next
FEWEST = 4  # bumps of a stretch that counts


class Periods(NamedTuple):
    """Between each bump and the next one: the place in the middle (of 0 to 1), the period in units, the stretch."""

    place: np.ndarray
    period: np.ndarray
    stretch: np.ndarray

    @property
    def stretches(self) -> list[np.ndarray]:
        """Bumps of those that count, along the line."""
        members = [np.flatnonzero(self.stretch == stretch) for stretch in np.unique(self.stretch)]
        return [some for some in members if len(some) >= FEWEST]

    @property
    def slope_within(self) -> float:
        """Of the stretches that count."""
        inside = np.concatenate(self.stretches)
        return slope_within(self.place[inside], np.log(self.period[inside]), self.stretch[inside])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratios", nargs="+", type=float, default=[1, 2, 4], help="of the widths at the line's ends")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    print("| widths | fixed distance | stretches: period (bumps) | slope within |\n|---|---|---|---|")
    cases = [(ratio, fixed, periods_along(ratio, fixed)) for fixed in (FIXED, 0.0) for ratio in arguments.ratios]
    for ratio, fixed, periods in cases:
        said = ", ".join(f"{np.median(periods.period[some]):.0f} ({len(some)})" for some in periods.stretches)
        slope = f"{periods.slope_within:.2f}" if ratio > 1 else "-"
        print(f"| 1 : {ratio:g} | {'yes' if fixed else 'no'} | {said} | {slope} |")
    if arguments.picture:
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        for ratio, fixed, periods in cases:
            axes.plot(periods.place, periods.period, "." if fixed else "-", label=f"1 : {ratio:g}, fixed {fixed:g}")
        axes.set(xlabel="place", ylabel="period (units)", yscale="log")
        axes.legend()
        figure.savefig(arguments.picture, dpi=110)


def periods_along(ratio: float, fixed: float = FIXED, seed: int = 0) -> Periods:
    """The steady activity's bumps, from weak noise, where widths rise by `ratio` along the line."""
    places = np.arange(UNITS)
    width = PERIOD * ratio ** (places / (UNITS - 1) - 0.5)
    reach = int(max(2 * width.max(), 1.5 * DISTANCE))
    offset = np.arange(-reach, reach + 1)
    graded = -_box(offset, 0.715 * width[:, None], 0.05 * width[:, None]) / width[:, None]
    strange = np.exp(-0.5 * ((np.abs(offset) - DISTANCE) / 4.0) ** 2) / (2 * 4.0 * np.sqrt(2 * np.pi))
    target = places[:, None] + offset
    inside = (target >= 0) & (target < UNITS)
    values = (graded - fixed * strange)[inside]
    rows = np.broadcast_to(places[:, None], target.shape)[inside]
    coupling = 6.0 * csr_array((values, (rows, target[inside])), shape=(UNITS, UNITS))
    rates = 0.1 + 0.01 * np.random.default_rng(seed).standard_normal(UNITS)
    for _ in range(STEPS):
        rates += RATE * (np.maximum(coupling @ rates + 1.0, 0.0) - rates)
    bumps, _ = find_peaks(rates, prominence=0.05 * rates.max())
    period = np.diff(bumps).astype(float)
    changes = np.abs(np.diff(np.log(period))) > JUMP
    return Periods((bumps[1:] + bumps[:-1]) / (2 * UNITS), period, np.concatenate([[0], np.cumsum(changes)]))


def _box(offset: np.ndarray, half: np.ndarray, soft: np.ndarray) -> np.ndarray:
    """1 within `half` of 0, falling to 0 over `soft`. Inhibition of this shape makes bumps 1.4 `half` apart."""
    return np.asarray(1 / (1 + np.exp(np.clip((np.abs(offset) - half) / soft, -50, 50))))


if __name__ == "__main__":
    main()
