"""What a person should know of the path of a recording: samples that no animal walked, and the box around it."""

import numpy as np
from jaxtyping import Bool, Float

from ..analysis import FASTEST, BoxedPath, glitches, jump_share, unmoved

_MOST_UNMOVED = 0.02  # share of the time in which positions stay exactly the same, above which a note says so
_LEAST_SPAN = 0.6  # of the box's side; a path that spans less, both ways, was hardly walked in that box


def walked_samples(
    times: Float[np.ndarray, " time"] | None, positions: Float[np.ndarray, "time 2"], notes: list[str]
) -> Bool[np.ndarray, " time"]:
    """Which samples are no glitches of the tracking; ``notes`` tell how many are, and what is odd about the others."""
    if times is None:
        return np.ones(len(positions), dtype=bool)
    jumping = glitches(times, positions)
    still = unmoved(times, positions) & ~jumping
    if jumping.any():
        notes.append(
            f"{int(jumping.sum()):,} of {len(jumping):,} samples were dropped: no animal gets there in the time "
            f"(faster than {FASTEST:g} m/s)"
        )
    elif (share := jump_share(times, positions)) > 0.01:
        notes.append(
            f"CHECK THE PATH: {100 * share:.0f} % of its steps are longer than an animal makes ({FASTEST:g} m/s); are "
            "the samples in order, times in seconds and positions in meters?"
        )
    seconds = float(np.diff(times)[still[:-1]].sum())
    if seconds > _MOST_UNMOVED * (times[-1] - times[0]):
        notes.append(
            f"CHECK THE PATH: for {seconds:,.4g} s positions stay the same to the last digit, for 10 s or longer: did "
            "the tracker hold the last place that it had seen? Then mark them as lost (NaN); they count as walked"
        )
    return ~jumping


def box_notes(boxed: BoxedPath, *, place_given: bool, side_given: bool) -> list[str]:
    """Where the box lies, how much of it the path spans, and what lies outside of it."""
    notes = []
    x, y = (round(float(value), 4) + 0.0 for value in boxed.center)
    if not place_given and side_given:
        notes.append(f"the box of {boxed.arena:g} m was put with {boxed.why}: its center is ({x:g}, {y:g}) m")
    elif not place_given:
        notes.append(f"taken to be a square box of {boxed.arena:g} m around ({x:g}, {y:g}) m, {boxed.why}")
    else:
        notes.append(
            f"the box is a square of {boxed.arena:g} m; its center, ({x:g}, {y:g}) m of the recording, is the origin "
            "of maps and phases"
        )
    span = float(np.ptp(boxed.positions, axis=0).max())
    if (place_given or side_given) and span < _LEAST_SPAN * boxed.arena:
        notes.append(
            f"CHECK THE BOX: the path spans {span:.3g} m of the box of {boxed.arena:g} m that was given; are both in "
            "meters?"
        )
    if boxed.outside:
        notes.append(f"{boxed.outside:,} of {len(boxed.kept):,} samples outside the box were dropped")
    return notes
