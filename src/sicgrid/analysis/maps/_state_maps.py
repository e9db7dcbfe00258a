"""A population's states as a function of place: the list of visited places behind a set of rate maps."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ..._bins import bin_places
from ..._maps import RateMaps
from ..._numbers import plain_numbers
from ..._repr import brief


@brief
class Places(NamedTuple):
    """The visited bins of rate maps as a list: where they are, and the mean state there."""

    positions: Float[np.ndarray, "place 2"]
    """Centers of the bins, meters."""
    states: Float[np.ndarray, "place unit"]
    bins: Int[np.ndarray, "place 2"]
    """Column and row (i, j) of each bin in the maps."""
    bin_size: float
    """Side of a bin, meters."""
    reach_m: float
    """The shorter side of the mapped box: out to here displacements in every direction fit into it."""


def as_places(state_maps: RateMaps) -> Places:
    """The visited places of rate maps (unit, x, y), with the mean state of the population at each.

    Raises
    ------
    ValueError
        When maps and edges do not fit, bins are not squares of one size, a bin has some units NaN and others not,
        values are infinite, or fewer than two bins were visited.

    """
    maps, x_edges, y_edges = state_maps.maps, state_maps.x_edges, state_maps.y_edges
    values = plain_numbers("state_maps", maps, np.float64)
    if values.ndim != 3 or values.shape[0] == 0 or values.shape[1:] != (len(x_edges) - 1, len(y_edges) - 1):
        raise ValueError(
            f"state_maps must hold maps (units, nx, ny) and edges (nx + 1,), (ny + 1,); got maps {values.shape} with "
            f"{len(x_edges)} and {len(y_edges)} edges"
        )
    if np.isinf(values).any():
        raise ValueError("state_maps must be finite where visited and NaN elsewhere, but infinite values were found")
    widths = np.concatenate([np.diff(x_edges), np.diff(y_edges)])
    if not np.allclose(widths, widths[0], rtol=1e-6):
        raise ValueError(
            f"state_maps must have square bins of one size, got sides from {widths.min():g} to {widths.max():g} m; "
            "use equally spaced edges, the same step in x and y"
        )
    missing = np.isnan(values)
    visited = ~missing.any(axis=0)
    if (missing.any(axis=0) & ~missing.all(axis=0)).any():
        units = np.flatnonzero((missing & ~missing.all(axis=0)).any(axis=(1, 2)))
        raise ValueError(
            f"state_maps must have all units or none in a bin; units {units[:5].tolist()} are NaN in bins where others "
            "are not: leave these units out"
        )
    index = np.argwhere(visited)
    if len(index) < 2:
        raise ValueError(f"state_maps must have at least two visited bins to compare places, got {len(index)}")
    positions = bin_places(x_edges, y_edges)[visited]
    states = np.ascontiguousarray(values[:, visited].T)
    sides = float(x_edges[-1] - x_edges[0]), float(y_edges[-1] - y_edges[0])
    return Places(positions, states, index, float(widths[0]), min(sides))
