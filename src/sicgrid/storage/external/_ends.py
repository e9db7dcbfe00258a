"""Whether spikes or activities begin and end where the path does: clocks that differ by a factor of 3 or less."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

_NEAR = 0.1  # of the path's time; ends that differ by less are as sessions are
_SILENT = 3.0  # times the longest silence elsewhere, and a silence at an end is no chance
_FEWEST = 10  # times on the path, without which a silence says nothing
_BEYOND = 0.05  # share of the times; fewer after the path are strays
_FACTORS = (1.2, 1.25, 1.5, 5 / 3, 2.0, 2.5, 3.0)  # of one usual rate of cameras to another
_USUAL = 0.03  # an end is where the last spike is, and no better known


class Ends(NamedTuple):
    """What is odd about the ends; the factor by which the units' times may be too small, or None; another cause."""

    text: str
    factor: float | None
    otherwise: str


def unequal_ends(times: Float[np.ndarray, " time"], unit_times: Float[np.ndarray, " some"], whose: str) -> Ends | None:
    """How the times of units do not cover an end of the path, or continue after it; None if neither is the case.

    An end is not covered if it is silent for a tenth of the path, and for three times the longest silence elsewhere:
    in a recording of the whole path the longest of n silences is at an end in about one of n sessions, and seldom so
    long. Times continue after the path if a twentieth of them is later, and the last by a tenth of the path. A factor
    between the clocks is considered where both begin together near 0, since it would shift any other start.
    """
    begin, end = float(times[0]), float(times[-1])
    first, last = float(unit_times.min()), float(unit_times.max())
    near = _NEAR * (end - begin)
    late, early = first > begin + near, last < end - near
    together = abs(first - begin) <= near and abs(begin) <= near
    factor = (end - begin) / (last - begin) if together else None
    if late or early:
        inside = np.sort(unit_times[(unit_times >= begin) & (unit_times <= end)])
        if len(inside) < _FEWEST:
            return None
        silence = float(np.diff(inside).max())
        late, early = late and first - begin > _SILENT * silence, early and end - last > _SILENT * silence
    if late or early:
        ends = " and ".join(
            [*([f"begin at {first:,.6g} s"] if late else []), *([f"end at {last:,.6g} s"] if early else [])]
        )
        text = f"the path is from {begin:,.6g} to {end:,.6g} s, and the {whose} {ends} ({silence:.3g} s apart at most)"
        cause = "began late" if late else "ended early"
        return Ends(text, factor, f"the recording of {whose} {cause}: then cut the path there, or rates are too low")
    if last > end + near and together and (unit_times > end).mean() > _BEYOND:
        text = f"the path ends at {end:,.6g} s, and the {whose} at {last:,.6g} s"
        return Ends(text, factor, f"{whose} were recorded after the path, and are left out there")
    return None


def usual_factor(factor: float) -> float | None:
    """The ratio of two usual rates of cameras that is near to a factor, or to its inverse."""
    ratios = [ratio for usual in _FACTORS for ratio in (usual, 1 / usual)]
    return next((ratio for ratio in ratios if abs(factor / ratio - 1) < _USUAL), None)
