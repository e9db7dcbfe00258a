"""Rate maps as every room has them: made by the analysis, kept by storage, drawn by figures."""

from typing import NamedTuple

from jaxtyping import Float, Shaped
from numpy import ndarray

from ._repr import brief


@brief
class RateMaps(NamedTuple):
    """Rate maps of a population with all that is needed to read them.

    Axes are (unit, x, y): ``maps[u, i, j]`` belongs to x in ``[x_edges[i], x_edges[i + 1])`` and y in
    ``[y_edges[j], y_edges[j + 1])``, edges in meters. A bin that was never visited is NaN, one where the unit was
    silent is 0. ``occupancy`` is in seconds where the samples' durations were given, else in samples; ``outside``
    samples lay in no bin. ``names`` is what the units are called, None where nobody has said.
    """

    maps: Float[ndarray, "unit x y"]
    occupancy: Shaped[ndarray, "x y"]
    x_edges: Float[ndarray, " x_edge"]
    y_edges: Float[ndarray, " y_edge"]
    outside: int = 0
    names: Shaped[ndarray, " unit"] | None = None
