"""Does the state move away, and stay away? The distance of states against that of places."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Float

from ._finding import Drawing, Finding, View
from ._names import GENERALIZATION
from ._part import Unavailable
from ._results import RunResults
from ._verdict import FAILS, HOLDS, Claim, Judgment, Results, required_result

PLATEAU = 0.8  # of d(g(0), g(x)) in the paper's figure
SQUARE_ROOT_OF_2 = float(np.sqrt(2))  # the largest distance between non-negative unit vectors


def rises_and_stays_away(results: Results, sigma_x: float) -> Judgment:
    """C4, d(g(0), g(x)) rises within about sigma_x to a plateau near 0.8 and stays there, never back to 0.

    From the largest box. The plateau is the median over distance of the median distance, beyond the training's reach
    (the distance within which 99 % of its places lie). Holds if (a) half of the plateau is reached within 2 sigma_x, on
    straight lines between the median distances of the samples in the curve's bins; (b) beyond the training's reach the
    median is always nearer to 0.8 than to the ends of the possible, 0 and sqrt 2; (c) beyond sigma_x its 5th percentile
    is always larger than the median distance of states at equal places, which is the null: what "0" comes to with the
    drift of path integration. Distances with fewer than 100 samples are left out.
    """
    part = required_result(results, GENERALIZATION)
    if "training_cumulative" not in part:
        raise Unavailable("Without a network there is no training's reach to go beyond.")
    row = int(part["arena"].values.argmax())
    distance, median, low = part["distance"].values, part["median"].values[row], part["low"].values[row]
    finite = np.isfinite(median) & (part["samples"].values[row] >= 100)
    # The share is that at the end of each bin, from where on places lie beyond the reach.
    beyond = finite & np.append(False, part["training_cumulative"].values[:-1] >= 0.99)
    if not beyond.any():
        raise Unavailable(
            f"The largest box, {part['arena'].values[row]:g} m, ends within the training's reach; record a larger one."
        )
    plateau = float(np.median(median[beyond]))
    # Rings grow, so the samples of a bin lie beyond its middle; a result of an earlier version does not say where.
    typical = part["typical_distance"].values[row] if "typical_distance" in part else distance
    rise = first_reached(typical[finite], median[finite], plateau / 2)
    same = float(part["same_place"].values[row, 0])
    lowest = float(low[finite & (distance > sigma_x)].min())
    reach = float(distance[beyond].min() - (distance[1] - distance[0]) / 2)
    near = (median[beyond] > PLATEAU / 2) & (median[beyond] < (PLATEAU + SQUARE_ROOT_OF_2) / 2)
    holds = rise <= 2 * sigma_x and bool(near.all()) and lowest > same
    sentence = (
        f"Half of the plateau of {plateau:.2f} is reached at {rise:.3f} m (sigma_x is {sigma_x:g} m); out to "
        f"{distance[finite].max():.1f} m the 5th percentile falls to {lowest:.2f} at the least, while states of equal "
        f"places differ by {same:.2f}; training's places lie within {reach:.2f} m."
    )
    number = {"plateau": plateau, "half_at_m": rise, "lowest_5_percent": lowest}
    return Judgment(HOLDS if holds else FAILS, number, {"same_place": same}, sentence)


def first_reached(distance: Float[np.ndarray, " bins"], curve: Float[np.ndarray, " bins"], level: float) -> float:
    """Where a binned curve first reaches a level, on straight lines between its bins; inf if nowhere.

    The first bin at the level would be up to a bin too far, and bins are as wide as sigma_x.
    """
    reached = np.flatnonzero(curve >= level)
    if not len(reached):
        return float("inf")
    pair = slice(max(0, reached[0] - 1), reached[0] + 1)
    return float(np.interp(level, curve[pair], distance[pair]))


def _say(part: xr.Dataset) -> str:
    if "median" not in part:
        return ""
    median = part["median"].transpose("arena", "distance").values[-1].astype(float)
    distance = part["distance"].values.astype(float)
    far = median[np.isfinite(median) & (distance > 0.3)]
    return (
        f"Beyond 0.3 m the median distance between states is {np.median(far):.2f} (from {far.min():.2f} to "
        f"{far.max():.2f}), out to {distance[np.isfinite(median)].max():.1f} m."
        if far.size
        else ""
    )


def _draw(results: RunResults) -> Iterator[Drawing]:
    """State distance against distance."""
    from .. import figures

    part = results.parts[GENERALIZATION]
    if "density" in part:
        lattice = tuple(float(value) for value in results.module_spacings())
        marks = ". Dashed: the modules’ spacings." if lattice else "."
        if "training_cumulative" in part:
            marks += " Below: how much of training lay within that distance."
        yield Drawing(
            "state-distance",
            lambda: figures.state_distance(part, lattice_m=lattice),
            "Density of state distances from the start against distance",
            f"Distance of the state from that at the start, in the largest box; each column scaled to its peak{marks}",
        )


FINDING = Finding(
    name="distance",
    short="Distance",
    question="Does the state move away, and stay away?",
    lead="Separation asks that far places have far states. A lattice must break this at its own vectors, where a "
    "module repeats; several modules repeat at different places, so that together they never come all the way "
    "back.",
    lead_elsewhere="How much activity differs between the start and a place so far away. A lattice comes back at its "
    "own vectors; several modules repeat at different places, so that together they never come all the way back.",
    place=800,
    claims=(
        Claim(
            "C4",
            "The state moves away from that at the start within sigma_x and stays away, with dips at lattice "
            "distances.",
            "distance rises, stays, never returns",
            rises_and_stays_away,
        ),
    ),
    views=(View(GENERALIZATION, _say, _draw),),
)
