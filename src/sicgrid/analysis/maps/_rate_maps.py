"""Rate maps: the mean activity of every unit in every bin of the arena, and how often each bin was visited."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float, Int, Shaped

from ..._axes import place_numbers
from ..._maps import RateMaps
from ..._numbers import plain_numbers

_ON_THE_WALL = 1.2e-7  # of its distance from the origin: the spacing of single-precision numbers
_MOST_OUTSIDE = 0.05  # share of a path's samples; more are a wrong unit or origin, not stray samples


@dataclass(frozen=True)
class BinnedPath:
    """A path sorted into bins once, so that many activities (the shuffles of a null) can be averaged over it.

    ``samples`` lists the samples bin by bin (those outside all bins left out); bin ``b`` of the flattened
    (x, y) grid owns ``samples[starts[b]:starts[b + 1]]``. ``seconds`` is how long each of ``total`` samples lasts, None
    where all last equally long.
    """

    samples: Int[np.ndarray, " inside"]
    starts: Int[np.ndarray, " bins_plus_one"]
    total: int
    x_edges: Float[np.ndarray, " x_edge"]
    y_edges: Float[np.ndarray, " y_edge"]
    seconds: Float[np.ndarray, " sample"] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of bins along x and y."""
        return len(self.x_edges) - 1, len(self.y_edges) - 1

    @cached_property
    def occupancy(self) -> Float[np.ndarray, "x y"]:
        """Seconds per bin; samples per bin where no durations are known."""
        if self.seconds is None:
            return np.diff(self.starts).reshape(self.shape).astype(np.float64)
        bins = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        mass = np.bincount(bins, weights=self.seconds[self.samples], minlength=len(self.starts) - 1)
        return mass.reshape(self.shape)

    def average(self, activity: Any, source: Int[np.ndarray, " sample"] | None = None) -> Float[np.ndarray, "unit x y"]:
        """Mean activity per bin, each sample weighted by its duration; sample i of the path reads row ``source[i]``.

        ``source`` lets a null re-pair path and activity by changing indices only, without copying the activity. Sums
        run along the path, in the activity's dtype: of dense activity as one product where there is no source, of
        sparse activity without writing it out or sorting it.
        """
        if source is None and not scipy.sparse.issparse(activity):
            weights = self._weights_of(self.samples, activity.dtype)
            choose = scipy.sparse.csr_array(
                (weights, self.samples, self.starts), shape=(len(self.starts) - 1, self.total)
            )
            return self._means(np.asarray(choose @ activity))
        return self._means(self._summed_along_the_path(activity, np.arange(self.total) if source is None else source))

    def _means(self, sums: Float[np.ndarray, "bin unit"]) -> Float[np.ndarray, "unit x y"]:
        mass = self.occupancy.astype(sums.dtype).reshape(-1, 1)
        means = np.divide(sums, mass, out=np.full_like(sums, np.nan), where=mass > 0)
        return np.ascontiguousarray(means.T).reshape(sums.shape[1], *self.shape)

    def _summed_along_the_path(
        self, activity: Any, source: Int[np.ndarray, " sample"]
    ) -> Float[np.ndarray, "bin unit"]:
        from ...kernels.arrays import bin_sums, spike_sums  # here, since it loads numba

        samples, bins = self._along_the_path
        sums = np.zeros((len(self.starts) - 1, activity.shape[1]), dtype=activity.dtype)
        if activity.dtype not in self._weights_along_the_path:
            self._weights_along_the_path[activity.dtype] = self._weights_of(samples, activity.dtype)
        weights = self._weights_along_the_path[activity.dtype]
        if scipy.sparse.issparse(activity):
            spikes = activity.tocsr()
            spike_sums(spikes.indptr, spikes.indices, spikes.data, samples, bins, source, weights, sums)
        else:
            bin_sums(activity, samples, bins, source, weights, sums)
        return sums

    @cached_property
    def _along_the_path(self) -> tuple[Int[np.ndarray, " inside"], Int[np.ndarray, " inside"]]:
        """The samples inside in their order, and the bin of each."""
        bins = np.full(self.total, -1)
        bins[self.samples] = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        inside = np.flatnonzero(bins >= 0)
        return inside, bins[inside]

    @cached_property
    def _weights_along_the_path(self) -> dict[np.dtype[Any], Float[np.ndarray, " inside"]]:
        """Kept, since a null needs them for each shuffle, and to ask for new memory takes longer than to fill it."""
        return {}

    def _weights_of(self, samples: Int[np.ndarray, " chosen"], kind: np.dtype[Any]) -> Float[np.ndarray, " chosen"]:
        return np.ones(len(samples), kind) if self.seconds is None else self.seconds[samples].astype(kind)


def rate_maps(
    positions: npt.ArrayLike,
    activity: Any,
    bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike],
    seconds: npt.ArrayLike | None = None,
) -> RateMaps:
    """Mean activity of every unit in every spatial bin.

    ``map[u, i, j] = sum of s[t] activity[t, u] over samples t in bin (i, j) / sum of s[t]``, with s the seconds that a
    sample stands for. Of spikes (activity = counts / s) that is spikes over seconds, however uneven the sampling.

    Parameters
    ----------
    positions : (..., 2)
        Meters. Any leading axes (time; or animals, time), no NaN.
    activity : (..., units)
        The same leading axes. Rates, spike counts per sample, or states of a network; or a scipy.sparse array
        (samples, units), as `BinnedSpikes.activity`.
    bin_edges : (nx + 1,) or a pair (x_edges, y_edges)
        Meters, increasing; one array is used for both axes. As in numpy.histogram a bin includes its lower edge, the
        last bin both edges.
    seconds : (...)
        How long each sample stands for; by default all equally long, and occupancy then counts samples.

    Returns
    -------
    RateMaps
        ``maps`` (units, nx, ny), unvisited bins NaN; ``occupancy`` (nx, ny); the edges; samples outside of them.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN or infinite values, edges that do not increase, or when more than one sample in
        twenty lies outside the edges (are positions in meters, and is the origin where the edges have it?).

    Notes
    -----
    There is no smoothing here; see :func:`smooth_maps`.

    >>> maps = rate_maps([[0.1, 0.1], [0.1, 0.1], [0.9, 0.9]], [[2.0], [4.0], [1.0]], [0.0, 0.5, 1.0])
    >>> maps.maps[0].tolist()
    [[3.0, nan], [nan, 1.0]]

    """
    path = bin_path(positions, bin_edges, seconds)
    values = check_activity(activity, np.shape(positions)[:-1])
    maps = np.empty((values.shape[1], *path.shape))
    if scipy.sparse.issparse(values):
        maps[:] = path.average(values)
    else:
        for start in range(0, len(maps), 32):  # in double precision, without a second copy of all of a long recording
            maps[start : start + 32] = path.average(values[:, start : start + 32].astype(np.float64))
    return RateMaps(maps, path.occupancy, path.x_edges, path.y_edges, path.total - len(path.samples))


def bin_path(
    positions: npt.ArrayLike,
    bin_edges: npt.ArrayLike | Sequence[npt.ArrayLike],
    seconds: npt.ArrayLike | None = None,
) -> BinnedPath:
    """Sort the samples of a path into spatial bins (see :func:`rate_maps`).

    Raises
    ------
    ValueError
        For positions, durations or edges that :func:`rate_maps` does not take.

    """
    points = place_numbers(positions)
    if points.ndim < 2 or points.shape[-1] != 2:
        raise ValueError(
            f"positions must have shape (..., 2): x and y in meters for every sample; got {points.shape}. "
            "Rate maps are two-dimensional; a 1-D track has no grid score."
        )
    leading = points.shape[:-1]
    points = points.reshape(-1, 2).astype(np.float64)
    not_finite = int(np.count_nonzero(~np.isfinite(points).all(axis=1)))
    if not_finite:
        raise ValueError(
            f"positions must be finite, but {not_finite} of {len(points)} samples are NaN or infinite; "
            "drop these samples from positions and activity (lost tracking) or interpolate them"
        )
    durations = None if seconds is None else check_seconds(seconds, leading)
    x_edges, y_edges = _as_edges(bin_edges)
    nx, ny = len(x_edges) - 1, len(y_edges) - 1
    i, j = _bin_index(points[:, 0], x_edges), _bin_index(points[:, 1], y_edges)
    inside = np.flatnonzero((i >= 0) & (i < nx) & (j >= 0) & (j < ny))
    if len(points) - len(inside) > _MOST_OUTSIDE * len(points):
        low, high = points.min(axis=0), points.max(axis=0)
        raise ValueError(
            f"{len(points) - len(inside):,} of {len(points):,} positions lie outside bin_edges (x {x_edges[0]:g} to "
            f"{x_edges[-1]:g} m, y {y_edges[0]:g} to {y_edges[-1]:g} m); the path spans x {low[0]:.4g} to "
            f"{high[0]:.4g}, y {low[1]:.4g} to {high[1]:.4g}: are both in meters, with one origin?"
        )
    flat = i[inside] * ny + j[inside]
    # Numbers this short are sorted by counting, in two passes over a path of any length.
    order = np.argsort(flat.astype(np.uint16) if nx * ny <= 2**16 else flat, kind="stable")
    starts = np.searchsorted(flat[order], np.arange(nx * ny + 1))
    return BinnedPath(inside[order], starts, len(points), x_edges, y_edges, durations)


def check_seconds(seconds: npt.ArrayLike, leading: tuple[int, ...]) -> Float[np.ndarray, " sample"]:
    """How long each sample stands for, one number a sample; `leading` are the axes of the path.

    Raises
    ------
    ValueError
        For another number of them, and for what is not positive and finite.

    """
    durations = plain_numbers("seconds", seconds, np.float64)
    if durations.shape not in (leading, (math.prod(leading),)):
        raise ValueError(f"seconds must be one number a sample, {leading}, got {durations.shape}")
    durations = durations.ravel()
    if not (np.isfinite(durations).all() and (durations > 0).all()):
        raise ValueError("seconds must be positive and finite: how long each sample stands for")
    return durations


def check_activity(activity: Any, leading: tuple[int, ...]) -> Any:
    """The activity as floating-point (samples, units), dense or sparse; `leading` are the axes of the path.

    Raises
    ------
    ValueError
        If it does not fit the path, or values are not finite.

    """
    if scipy.sparse.issparse(activity):
        activity = activity.tocsr()
        activity.check_format()  # the compiled sums would read and write wherever its indices say
        if activity.shape[0] != math.prod(leading) or not np.isfinite(activity.data).all():
            raise ValueError(
                f"sparse activity must be finite and of shape (samples, units) with {math.prod(leading)} samples, "
                f"got {activity.shape}"
            )
        if activity.dtype.kind == "c":
            raise ValueError("activity must be real numbers, got complex ones; give real and imaginary parts as units")
        return activity.astype(np.float64, copy=False)
    values = plain_numbers("activity", activity)
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
                f"bin_edges must be (nx + 1,) meters or a pair (x_edges, y_edges); the {name} edges have shape "
                f"{edges.shape}. For 5 cm bins in a 2 m box: np.linspace(-1, 1, 41)"
            )
        if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
            raise ValueError(f"bin_edges must be finite and strictly increasing (meters); the {name} edges are {edges}")
    return x_edges, y_edges


def _bin_index(values: Shaped[np.ndarray, " sample"], edges: Float[np.ndarray, " edge"]) -> Int[np.ndarray, " sample"]:
    """Bin of each value; -1 below the first edge, len(edges) - 1 above the last.

    On a wall is inside, also where the wall's place was rounded to single precision.
    """
    index = np.searchsorted(edges, values, side="right") - 1
    slack = _ON_THE_WALL * max(abs(edges[0]), abs(edges[-1]))
    index[(values < edges[0]) & (values >= edges[0] - slack)] = 0
    index[(values >= edges[-1]) & (values <= edges[-1] + slack)] = len(edges) - 2
    return index
