"""Rate maps: the mean activity of every unit in every bin of the arena, and how often each bin was visited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.sparse
from jaxtyping import Float, Int, Shaped


class RateMaps(NamedTuple):
    """Rate maps of a population with all that is needed to read them.

    Axes are (unit, x, y): ``maps[u, i, j]`` belongs to x in ``[x_edges[i], x_edges[i + 1])`` and y in
    ``[y_edges[j], y_edges[j + 1])``. A bin that was never visited is NaN, one where the unit was silent is 0.
    """

    maps: Float[np.ndarray, "unit x y"]
    occupancy: Float[np.ndarray, "x y"]
    x_edges: Float[np.ndarray, " x_edge"]
    y_edges: Float[np.ndarray, " y_edge"]


@dataclass(frozen=True)
class BinnedPath:
    """A path sorted into bins once, so that many activities (the shuffles of a null) can be averaged over it.

    ``samples`` lists the samples bin by bin (those outside all bins left out); bin ``b`` of the flattened
    (x, y) grid owns ``samples[starts[b]:starts[b + 1]]``.
    """

    samples: Int[np.ndarray, " inside"]
    starts: Int[np.ndarray, " bins_plus_one"]
    total: int
    x_edges: Float[np.ndarray, " x_edge"]
    y_edges: Float[np.ndarray, " y_edge"]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of bins along x and y."""
        return len(self.x_edges) - 1, len(self.y_edges) - 1

    @property
    def occupancy(self) -> Float[np.ndarray, "x y"]:
        """Samples per bin."""
        return np.diff(self.starts).reshape(self.shape).astype(np.float64)

    def average(
        self, activity: Float[np.ndarray, "sample unit"], source: Int[np.ndarray, " sample"] | None = None
    ) -> Float[np.ndarray, "unit x y"]:
        """Mean activity per bin, in the dtype of the activity; sample i of the path reads row ``source[i]``.

        One product of a sparse (bins x samples) matrix with the activity. ``source`` lets a null re-pair path and
        activity by changing indices only, without copying the activity.
        """
        rows = self.samples if source is None else source[self.samples]
        ones = np.ones(len(rows), dtype=activity.dtype)
        choose = scipy.sparse.csr_array((ones, rows, self.starts), shape=(len(self.starts) - 1, self.total))
        sums = np.asarray(choose @ activity)
        counts = np.diff(self.starts).astype(activity.dtype)[:, None]
        means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
        return np.ascontiguousarray(means.T).reshape(activity.shape[1], *self.shape)


def rate_maps(
    positions: npt.ArrayLike,
    activity: npt.ArrayLike,
    bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike],
) -> RateMaps:
    """Mean activity of every unit in every spatial bin.

    ``map[u, i, j] = sum of activity[t, u] over samples t in bin (i, j) / number of those samples``.

    Parameters
    ----------
    positions : (..., 2)
        Metres. Any leading axes (time; or animals, time), no NaN.
    activity : (..., units)
        The same leading axes. Rates, spike counts per sample, or states of a network.
    bin_edges : (nx + 1,) or a pair (x_edges, y_edges)
        Metres, increasing; one array is used for both axes. As in numpy.histogram a bin includes its lower edge, the
        last bin both edges.

    Returns
    -------
    RateMaps
        ``maps`` (units, nx, ny), unvisited bins NaN; ``occupancy`` (nx, ny) in samples; the edges.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN or infinite values, edges that do not increase, no sample inside.

    Notes
    -----
    Samples outside the edges are left out. There is no smoothing here; see :func:`smooth_maps`.

    """
    path = bin_path(positions, bin_edges)
    values = check_activity(activity, np.shape(positions)[:-1])
    maps = np.empty((values.shape[1], *path.shape))
    for start in range(0, len(maps), 32):  # in double precision, without a second copy of all of a long recording
        maps[start : start + 32] = path.average(values[:, start : start + 32].astype(np.float64))
    return RateMaps(maps, path.occupancy, path.x_edges, path.y_edges)


def smooth_maps(maps: Float[np.ndarray, "*units x y"], sigma_bins: float) -> Float[np.ndarray, "*units x y"]:
    """Gaussian smoothing of rate maps that neither spreads nor fills unvisited bins.

    ``smoothed = G(map * visited) / G(visited)`` on visited bins, NaN elsewhere; sigma in bins, 0 changes nothing.
    """
    if not sigma_bins >= 0:
        raise ValueError(f"sigma_bins must be 0 or more (bins), got {sigma_bins}")
    if sigma_bins == 0:
        return maps
    visited = np.isfinite(maps)
    spread = {"sigma": sigma_bins, "axes": (-2, -1), "mode": "constant"}
    weight = scipy.ndimage.gaussian_filter(visited.astype(maps.dtype), **spread)
    mass = scipy.ndimage.gaussian_filter(np.where(visited, maps, 0), **spread)
    return cast(np.ndarray, np.divide(mass, weight, out=np.full_like(mass, np.nan), where=visited))


def bin_path(positions: npt.ArrayLike, bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike]) -> BinnedPath:
    """Sort the samples of a path into spatial bins; checks positions and edges (see :func:`rate_maps`)."""
    points = np.asarray(positions)
    if points.ndim < 2 or points.shape[-1] != 2:
        raise ValueError(
            f"positions must have shape (..., 2): x and y in metres for every sample; got {points.shape}. "
            "Rate maps are two-dimensional; a 1-D track has no grid score."
        )
    points = points.reshape(-1, 2).astype(np.float64)
    bad = int(np.count_nonzero(~np.isfinite(points).all(axis=1)))
    if bad:
        raise ValueError(
            f"positions must be finite, but {bad} of {len(points)} samples are NaN or infinite; "
            "drop these samples from positions and activity (lost tracking) or interpolate them"
        )
    x_edges, y_edges = _as_edges(bin_edges)
    nx, ny = len(x_edges) - 1, len(y_edges) - 1
    i, j = _bin_index(points[:, 0], x_edges), _bin_index(points[:, 1], y_edges)
    inside = np.flatnonzero((i >= 0) & (i < nx) & (j >= 0) & (j < ny))
    if len(inside) == 0:
        raise ValueError(
            f"no position lies within bin_edges (x {x_edges[0]:g} to {x_edges[-1]:g} m, y {y_edges[0]:g} to "
            f"{y_edges[-1]:g} m); the path spans {points.min(axis=0)} to {points.max(axis=0)}: are both in metres?"
        )
    flat = i[inside] * ny + j[inside]
    order = np.argsort(flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(nx * ny + 1))
    return BinnedPath(inside[order], starts, len(points), x_edges, y_edges)


def check_activity(activity: npt.ArrayLike, leading: tuple[int, ...]) -> Float[np.ndarray, "sample unit"]:
    """The activity as floating-point (samples, units), once its leading axes are known to be those of the path."""
    values = np.asarray(activity)
    if values.ndim < 2 or values.shape[-1] == 0:
        raise ValueError(
            f"activity must have shape (..., units) with at least one unit, got {values.shape}; "
            "for one unit add an axis: activity[:, None]"
        )
    if values.shape[:-1] != leading:
        raise ValueError(
            f"positions and activity must have the same leading axes (time, or animals and time), "
            f"got {leading} for positions and {values.shape[:-1]} for activity"
        )
    values = values.reshape(-1, values.shape[-1])
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        raise ValueError(
            f"activity must be finite, but units {np.flatnonzero(~finite)[:5].tolist()} "
            f"({int((~finite).sum())} of {len(finite)}) hold NaN or infinite values"
        )
    return values


def _as_edges(bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike]) -> tuple[np.ndarray, np.ndarray]:
    """The pair (x_edges, y_edges) as float64, checked."""
    pair = (
        isinstance(bin_edges, tuple | list) and len(bin_edges) == 2 and all(np.ndim(edges) == 1 for edges in bin_edges)
    )
    both = cast(Sequence[npt.ArrayLike], bin_edges) if pair else [cast(npt.ArrayLike, bin_edges)] * 2
    x_edges, y_edges = (np.asarray(edges, dtype=np.float64) for edges in both)
    for name, edges in (("x", x_edges), ("y", y_edges)):
        if edges.ndim != 1 or len(edges) < 2:
            raise ValueError(
                f"bin_edges must be (nx + 1,) metres or a pair (x_edges, y_edges); the {name} edges have shape "
                f"{edges.shape}. For 5 cm bins in a 2 m box: np.linspace(-1, 1, 41)"
            )
        if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
            raise ValueError(f"bin_edges must be finite and strictly increasing (metres); the {name} edges are {edges}")
    return x_edges, y_edges


def _bin_index(values: Shaped[np.ndarray, " sample"], edges: Float[np.ndarray, " edge"]) -> Int[np.ndarray, " sample"]:
    """Bin of each value; -1 below the first edge, len(edges) - 1 above the last."""
    index = np.searchsorted(edges, values, side="right") - 1
    index[values == edges[-1]] = len(edges) - 2
    return index
