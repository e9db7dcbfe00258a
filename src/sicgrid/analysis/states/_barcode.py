"""Bars of a cloud's persistent homology, and which of them are features."""

from typing import Any

import numpy as np
import scipy
from jaxtyping import Float

# Integer classes are computed modulo a prime; 47 is that of Gardner et al. 2022. Any prime above 2 without torsion
# does.
PRIME = 47
_SPARSE = 0.5  # share of all edges up to which ripser is given a list of edges, and above which all distances
_PASSES = 2  # of a cloud of noise the second removes a quarter or more of the edges that the first has left


def barcode(
    points: Float[np.ndarray, "point axis"],
) -> tuple[Float[np.ndarray, "bar0 2"], Float[np.ndarray, "bar1 2"], Float[np.ndarray, "bar2 2"]]:
    """Birth and death of the classes of H0, H1 and H2 of a cloud (Vietoris-Rips, Euclidean), longest first.

    Edges that change no bar are left out (see `needed_edges`): of 240 landmarks of a trained network's torus, or points
    of a cloud of noise in six dimensions, more than five in six.
    """
    # Imported here: ripser loads scikit-learn, over a second, which `import sicgrid.analysis` should not.
    from ripser import ripser
    from sklearn.metrics import pairwise_distances

    distance = pairwise_distances(points).astype(np.float32).astype(np.float64)  # as ripser takes them
    edges = needed_edges(distance)
    # An even torus has an antipode of every point, and needs nearly all: lists of them would take twice the time.
    sparse = edges.nnz < _SPARSE * len(points) * (len(points) - 1) / 2
    diagrams: Any = ripser(edges if sparse else distance, maxdim=2, coeff=PRIME, distance_matrix=True)["dgms"]
    h0, h1, h2 = (bars[np.argsort(bars[:, 0] - bars[:, 1], kind="stable")].astype(np.float64) for bars in diagrams)
    return h0, h1, h2


def needed_edges(distance: Float[np.ndarray, "point point"]) -> "scipy.sparse.coo_matrix":
    """Edges and filtration times of a smaller Vietoris-Rips filtration with the same bars; the upper triangle.

    Edges longer than the enclosing radius are left out. That is the smallest distance within which one point has all
    others; beyond it the complex is a cone. Of the other edges, the longest first, each is delayed for as long as it is
    dominated, and removed if it always is: an edge is dominated by a common neighbor of its ends that is adjacent to
    all of their common neighbors. Adding or removing a dominated edge changes the complex by a strong collapse, which
    leaves its homology as it is (Boissonnat and Pritam 2020; Glisse and Pritam 2022). A second pass removes more.
    """
    from ...kernels.arrays import collapse_edges  # here, since it loads numba

    upper = np.triu(distance, 1)
    time = upper + upper.T
    time[time > time.max(axis=1).min()] = np.inf
    for _ in range(_PASSES):
        start, end = np.nonzero(np.triu(np.isfinite(time), 1))
        latest = np.argsort(-time[start, end], kind="stable")
        collapse_edges(time, start[latest], end[latest])
    start, end = np.nonzero(np.triu(np.isfinite(time), 1))
    return scipy.sparse.coo_matrix((time[start, end], (start, end)), shape=time.shape)


def finite_lengths(bars: Float[np.ndarray, "bar 2"]) -> Float[np.ndarray, " finite"]:
    """Lengths of the bars that die, descending."""
    lengths = bars[:, 1] - bars[:, 0]
    return np.asarray(-np.sort(-lengths[np.isfinite(lengths)]))


def count_features(lengths: Float[np.ndarray, " bar"], threshold: float) -> int:
    """How many bars are features: longer than `threshold`, and before the largest ratio of a length to the next.

    Lengths are descending. The last bar above the threshold is compared with the next one, or with the threshold itself
    if there is none.
    """
    longer = int((lengths > threshold).sum())
    if longer == 0:
        return 0
    next_length = lengths[longer] if longer < len(lengths) else threshold
    descending = np.append(lengths[:longer], max(float(next_length), np.finfo(float).tiny))
    return int((descending[:-1] / descending[1:]).argmax()) + 1
