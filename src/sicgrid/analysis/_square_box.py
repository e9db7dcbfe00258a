"""The square box that a path was walked in, seen from the path alone."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float


class BoxedPath(NamedTuple):
    """A path with the origin at the center of its box, and the box's side in metres."""

    positions: Float[np.ndarray, "time 2"]
    arena: float


def square_box(positions: npt.ArrayLike, bin_size: float = 0.05, arena: float | None = None) -> BoxedPath:
    """Move a path's bounding box to the origin and put the smallest square of whole bins around it.

    Parameters
    ----------
    positions : (time, 2)
        Metres, finite.
    bin_size : float
        The side becomes a multiple of it, metres. A hundredth of a bin too much opens no further bin; such samples are
        moved onto the wall.
    arena : float
        The side, metres, where it is known; must hold the path.

    Raises
    ------
    ValueError
        For another shape, positions that are not finite, a path without extent, or one that leaves `arena`.

    Notes
    -----
    The box of an animal that never went into a corner comes out too small; give `arena` then. Bins of a rectangular or
    round box that lie outside it are never visited and stay NaN.

    """
    points = np.asarray(positions, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"positions must be finite and of shape (time, 2) in metres, got {points.shape}")
    if not bin_size > 0:
        raise ValueError(f"bin_size must be positive (metres), got {bin_size}")
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    if not extent > 0:
        raise ValueError("positions never change: the path has no extent, so there is no box around it")
    slack = 0.01 * bin_size
    if arena is None:
        # Rounded: 20 bins of 0.05 m are a box of 1 m and are to be called so.
        arena = round(math.ceil((extent - slack) / bin_size) * bin_size, 9)
    elif not (math.isfinite(arena) and extent <= arena + slack):
        raise ValueError(f"arena must be a side that holds the path, which spans {extent:.4g} m; got {arena!r}")
    return BoxedPath(np.clip(points - (low + high) / 2, -arena / 2, arena / 2), float(arena))
