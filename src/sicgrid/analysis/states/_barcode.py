"""Bars of a cloud's persistent homology, and which of them are features."""

from typing import Any

import numpy as np
import scipy
from jaxtyping import Bool, Float

# Integer classes are computed modulo a prime; 47 is that of Gardner et al. 2022. Any prime above 2 without torsion
# does.
PRIME = 47


def barcode(
    points: Float[np.ndarray, "point axis"],
) -> tuple[Float[np.ndarray, "bar0 2"], Float[np.ndarray, "bar1 2"], Float[np.ndarray, "bar2 2"]]:
    """Birth and death of the classes of H0, H1 and H2 of a cloud (Vietoris-Rips, Euclidean), longest first.

    Edges longer than the scale from which on nothing can be born (see `settled_scale`) are left out: half of the edges
    of a cloud of noise have an eighth of its triangles and the same bars.
    """
    # Imported here: ripser loads scikit-learn, over a second, which `import sicgrid.analysis` should not.
    from ripser import ripser

    scale = settled_scale(scipy.spatial.distance.squareform(scipy.spatial.distance.pdist(points)))
    diagrams: Any = ripser(points, maxdim=2, coeff=PRIME, thresh=scale)["dgms"]
    if not all(np.isfinite(bars).all() for bars in diagrams[1:]):  # by rounding of the distances alone
        diagrams = ripser(points, maxdim=2, coeff=PRIME)["dgms"]
    h0, h1, h2 = (each[np.argsort(each[:, 0] - each[:, 1], kind="stable")].astype(np.float64) for each in diagrams)
    return h0, h1, h2


def settled_scale(distance: Float[np.ndarray, "point point"]) -> float:
    """A scale from which on the Vietoris-Rips complex is contractible, so that it has seen all of its bars.

    At the enclosing radius, the least over points of the distance of the farthest other, one point sees all: the
    complex is a cone. Often it is one before, but for points that do not matter; tried at two shares of the radius.
    Infinite (and ripser then takes the radius) where that cannot be shown.
    """
    radius = float(distance.max(axis=1).min())
    return next(
        (share * radius * (1 + 1e-6) for share in (0.88, 0.94) if _collapses(distance, share * radius)), float("inf")
    )


def _collapses(distance: Float[np.ndarray, "point point"], scale: float) -> bool:
    """Whether points can be left out one by one, the complex staying what it is up to homotopy at this and all larger
    scales, until one of the rest is within `scale` of all others.

    A point v may be left out if another, w, sees at each of these scales all that v sees: ``d(u, w) <= max(d(u, v),
    scale)`` for every u that is left. Then v is dominated by w in each of the complexes, and taking it away is a strong
    collapse (Barmak and Minian 2012), which commutes with the inclusions.
    """

    def unseen(u: int) -> Bool[np.ndarray, "v w"]:
        return np.asarray((distance[u] > distance[u][:, None]) & (distance[u] > scale))

    missed = np.zeros(distance.shape, dtype=np.int64)
    for u in range(len(distance)):
        missed += unseen(u)
    np.fill_diagonal(missed, len(distance))
    left = np.arange(len(distance))
    while distance[np.ix_(left, left)].max(axis=1).min() > scale:
        dominated = (missed[np.ix_(left, left)] == 0).any(axis=1)
        if not dominated.any():
            return False
        gone = int(left[dominated.argmax()])
        left = left[left != gone]
        missed -= unseen(gone)
    return True


def finite_lengths(bars: Float[np.ndarray, "bar 2"]) -> Float[np.ndarray, " finite"]:
    """Lengths of the bars that die, descending."""
    lengths = bars[:, 1] - bars[:, 0]
    return np.asarray(-np.sort(-lengths[np.isfinite(lengths)]))


def count_features(lengths: Float[np.ndarray, " bar"], threshold: float) -> int:
    """How many bars are features: longer than `threshold`, and before the largest ratio of a length to the next.

    lengths : descending. After the last bar there is one of the threshold's length, if nothing shorter is left.
    """
    beyond = int((lengths > threshold).sum())
    if beyond == 0:
        return 0
    after = lengths[beyond] if beyond < len(lengths) else threshold
    row = np.append(lengths[:beyond], max(float(after), np.finfo(float).tiny))
    return int((row[:-1] / row[1:]).argmax()) + 1
