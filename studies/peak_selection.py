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
    def _box(offset: np.ndarray, half: np.ndarray, soft: np.ndarray) -> np.ndarray:
    """1 within `half` of 0, falling to 0 over `soft`. Inhibition of this shape makes bumps 1.4 `half` apart."""
    return np.asarray(1 / (1 + np.exp(np.clip((np.abs(offset) - half) / soft, -50, 50))))


if __name__ == "__main__":
    main()
