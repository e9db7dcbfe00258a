"""A few points that stand for a cloud of states: noise averaged over neighbors, then spread as evenly as possible."""

import numpy as np
import scipy
from jaxtyping import Float, Int

_LEAF = 40  # points a leaf of the tree: in six dimensions two thirds of the time of scipy's 10


def average_neighbors(points: Float[np.ndarray, "point axis"], neighbors: int) -> Float[np.ndarray, "point axis"]:
    """Move every point to the mean of itself and its `neighbors` nearest points (0 changes nothing).

    Why: farthest points, the next step, are outliers first, and an outlier in the hole of a torus closes it. The mean
    takes off noise across the manifold, draws a lone point to the nearest dense part, and moves the others along the
    manifold by less than their spacing. Leaving thin parts of the cloud out instead was tried and is worse: an uneven
    torus is thin where it is stretched, and loses its loops there.
    Limits: it rounds off what is finer than the neighborhood, so `neighbors` must stay a small part of all points.

    Raises
    ------
    ValueError
        Unless there are more points than neighbors.

    """
    if not 0 <= neighbors < len(points):
        raise ValueError(
            f"neighbors must be at least 0 and below the number of points ({len(points)}), got {neighbors}"
        )
    if neighbors == 0:
        return points
    nearest = scipy.spatial.KDTree(points, _LEAF).query(points, k=neighbors + 1)[1]
    return np.asarray(points[nearest].mean(axis=1))


def farthest_points(points: Float[np.ndarray, "point axis"], count: int) -> Int[np.ndarray, " count"]:
    """Greedy cover: each next point is the one farthest from all chosen so far (Gonzalez 1985). Indices, in that order.

    Starts from the point farthest from the mean, so that nothing is random. A cover is within a factor 2 of the best
    possible radius, so a class of homology that the cloud shows at more than twice this radius is seen by the cover.

    Raises
    ------
    ValueError
        If the cloud has fewer than `count` distinct points.

    """
    chosen = np.empty(count, dtype=np.int64)
    if count > len(points):
        raise ValueError(
            f"{count} landmarks need as many states, found {len(points)}; record more or ask for fewer points"
        )
    from ...kernels.arrays import farthest  # here, since it loads numba

    first = int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmax())
    distinct = farthest(np.ascontiguousarray(points, np.float64), first, chosen)
    if distinct < count:
        raise ValueError(
            f"{count} landmarks need as many distinct states, found {distinct}: the states repeat; record more of "
            "them or ask for fewer points"
        )
    return chosen
