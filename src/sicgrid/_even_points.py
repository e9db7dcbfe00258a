"""Points spread evenly over the unit square, however many are taken: phases of a lattice, places in a box."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

# Fractional parts of the powers of the plastic number: the most even two-dimensional sequence of any length.
_STEP = np.array([0.7548776662466927, 0.5698402909980532])


def even_points(numbers: Int[np.ndarray, " point"], origin: npt.ArrayLike) -> Float[np.ndarray, "*origins point 2"]:
    """The points of these numbers in a sequence of which any stretch is spread evenly.

    Source: the additive recurrence of the plastic number (Roberts 2018, the sequence R2).

    Parameters
    ----------
    numbers
        Of the points; one after the other, from any first one on.
    origin
        Where the point of number 0 lies; its axes before the last two are sequences.

    >>> even_points(np.arange(3), 0.5).round(2).tolist()
    [[0.5, 0.5], [0.25, 0.07], [0.01, 0.64]]

    """
    return np.asarray(np.mod(np.asarray(origin) + numbers[:, None] * _STEP, 1.0))
