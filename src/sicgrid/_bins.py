"""The middles of bins, along an axis and in a box."""

import numpy as np
from jaxtyping import Float


def bin_middles(edges: Float[np.ndarray, " edge"]) -> Float[np.ndarray, " bin"]:
    """The middle of each bin between neighboring edges.

    >>> bin_middles(np.array([0.0, 0.5, 2.0])).tolist()
    [0.25, 1.25]

    """
    return np.asarray((edges[1:] + edges[:-1]) / 2)


def bin_places(
    x_edges: Float[np.ndarray, " x_edge"], y_edges: Float[np.ndarray, " y_edge"]
) -> Float[np.ndarray, "x y 2"]:
    """The middle of each bin of a box, as rate maps have their axes.

    >>> bin_places(np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0])).tolist()
    [[[0.5, 0.5], [0.5, 1.5]]]

    """
    return np.stack(np.meshgrid(bin_middles(x_edges), bin_middles(y_edges), indexing="ij"), axis=-1)
