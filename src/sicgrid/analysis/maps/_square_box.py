"""The square box that a path was walked in: as given, or inferred from the path."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float

from ..._numbers import real_numbers, shown
from ..._repr import brief

_STRAY = 0.001  # share of the samples beyond each side that may be strays
_MARGIN = 0.1  # of the extent without strays; a sample farther out is one, a nearer one may be an animal on the wall
_MOST_OUTSIDE = 0.05  # share of samples outside a box that was given; more, and the box is wrong


@brief
class BoxedPath(NamedTuple):
    """A path with the origin at the center of its box.

    ``positions`` are those of the samples inside, which ``kept`` marks in the path as given; ``center`` is the box's
    middle in the path's own coordinates, ``why`` says in a few words how it was found.
    """

    positions: Float[np.ndarray, "inside 2"]
    arena: float
    center: Float[np.ndarray, " 2"]
    kept: Bool[np.ndarray, " time"]
    why: str

    @property
    def outside(self) -> int:
        """Samples that were left out because they lie outside the box."""
        return int((~self.kept).sum())


def square_box(
    positions: npt.ArrayLike,
    bin_size: float = 0.05,
    arena: float | None = None,
    *,
    center: Sequence[float] | None = None,
    box: Sequence[float] | None = None,
) -> BoxedPath:
    """Move a path's box so that its center is the origin; leave out the samples that lie outside of it.

    Say where the box is, if you know it: two sessions then share one frame, whatever the animal did in each.

    - ``box=(x0, x1, y0, y1)``: as it stands. A rectangle lies in the middle of a square of its longer side.
    - ``arena`` with ``center``: a square of that side around that point.
    - ``arena`` alone: from the coordinates' origin on if the path fits there (0 to the side, the box's corner at the
      origin), else around the origin if it fits there, else around the middle of the path's extent.
    - neither: the smallest square of whole bins around the path's extent. Up to a thousandth of the samples beyond each
      side count as strays if they lie apart from all others, by more than a tenth of the extent; they do not make a
      box.

    Parameters
    ----------
    positions : (time, 2)
        Meters, finite.
    bin_size : float
        A side that is not given becomes a multiple of it, meters. A hundredth of a bin too much opens no further bin
        and is not outside; such samples are moved onto the wall.
    arena : float
        The side, meters.
    center, box : meters
        In the path's coordinates.

    Raises
    ------
    ValueError
        For another shape, positions that are not finite, a path without extent, sides out of range, or when more than
        one sample in twenty lies outside the box that was given.

    Notes
    -----
    Without being told, the box of an animal that never went into a corner comes out too small. Bins of a rectangular or
    round box that lie outside it are never visited and stay NaN.

    >>> path = [[0.1, 0.2], [0.9, 0.5], [0.5, 0.9]]
    >>> square_box(path, arena=1.0).positions.round(3).tolist()
    [[-0.4, -0.3], [0.4, 0.0], [0.0, 0.4]]

    """
    points = real_numbers("positions", positions, "finite and of shape (time, 2) in meters", (None, 2))
    if not _number("bin_size", bin_size) > 0:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    slack = 0.01 * bin_size
    low, high = _extent(points)
    if not (high - low).max() > 0:
        raise ValueError("positions never change: the path has no extent, so there is no box around it")
    if box is not None:
        if arena is not None or center is not None:
            raise ValueError("box says it all: leave out arena and center")
        low, high = _sides(box)
        # Rounded, here as below: 20 bins of 0.05 m are a box of 1 m and are to be called so.
        middle, sides, why = (low + high) / 2, (high - low).round(9), "as given"
        side, rule = float(sides.max()), "box must be x0 x1 y0 y1, meters, in the path's coordinates"
    elif arena is not None:
        side = _number("arena", arena)
        if not side > 0:
            raise ValueError(f"arena must be a positive side, meters, got {arena!r}")
        sides = np.full(2, side)
        middle, why = _middle_of_box(low, high, side, slack, center)
        arguments = (
            "arena must be a side" if center is None else "arena and center must be the side and the middle of a box"
        )
        rule = f"{arguments} that holds the path"
    else:
        if center is not None:
            raise ValueError("center goes with arena, the side of the box")
        side = round(math.ceil((float((high - low).max()) - slack) / bin_size) * bin_size, 9)
        middle, sides, why = (low + high) / 2, np.full(2, side), "the path's extent in whole bins"
        rule = "too many of them are strays: give the box that the path was walked in"
    from_center = points - middle
    kept = np.asarray((np.abs(from_center) <= sides / 2 + slack).all(axis=1))
    left_out = int((~kept).sum())
    if left_out > _MOST_OUTSIDE * len(points):
        raise ValueError(
            f"{left_out:,} of {len(points):,} positions lie outside the box of {_sides_text(sides)} m around "
            f"({middle[0]:.4g}, {middle[1]:.4g}): the path spans x {points[:, 0].min():.4g} to "
            f"{points[:, 0].max():.4g} m, y {points[:, 1].min():.4g} to {points[:, 1].max():.4g} m; {rule}"
        )
    return BoxedPath(np.clip(from_center[kept], -sides / 2, sides / 2), side, middle, kept, why)


def _extent(points: Float[np.ndarray, "time 2"]) -> tuple[Float[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
    """Lowest and highest coordinates of all samples but strays."""
    low, high = np.quantile(points, [_STRAY, 1 - _STRAY], axis=0)
    margin = _MARGIN * (high - low).max()
    near = ((points >= low - margin) & (points <= high + margin)).all(axis=1)
    body = points[near] if near.any() else points
    return body.min(axis=0), body.max(axis=0)


def _middle_of_box(
    low: Float[np.ndarray, " 2"],
    high: Float[np.ndarray, " 2"],
    side: float,
    slack: float,
    center: Sequence[float] | None,
) -> tuple[Float[np.ndarray, " 2"], str]:
    """The middle of a box of known side, and how it was found."""
    if center is not None:
        return real_numbers("center", center, "x and y in meters", (2,)), "as given"
    for middle, why in ((np.full(2, side / 2), "its corner at (0, 0)"), (np.zeros(2), "its center at (0, 0)")):
        if (low >= middle - side / 2 - slack).all() and (high <= middle + side / 2 + slack).all():
            return middle, why
    return (low + high) / 2, "the path's extent in its middle"


def _sides(box: Sequence[float]) -> tuple[Float[np.ndarray, " 2"], Float[np.ndarray, " 2"]]:
    """The lowest and the highest corner of a box (x0, x1, y0, y1)."""
    numbers = real_numbers("box", box, "(x0, x1, y0, y1) in meters, x0 < x1 and y0 < y1", (4,))
    if numbers[1] <= numbers[0] or numbers[3] <= numbers[2]:
        raise ValueError(f"box must be (x0, x1, y0, y1) in meters, x0 < x1 and y0 < y1, got {shown(box)}")
    return numbers[[0, 2]], numbers[[1, 3]]


def _number(name: str, value: Any) -> float:
    return float(real_numbers(name, value, "a positive side in meters, a finite number", ()))


def _sides_text(sides: Float[np.ndarray, " 2"]) -> str:
    return f"{sides[0]:g}" if sides[0] == sides[1] else f"{sides[0]:g} x {sides[1]:g}"
