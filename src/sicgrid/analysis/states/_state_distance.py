"""How far the state moves from that at the start, by distance (claim C4)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from ..._axes import place_numbers
from ..._repr import brief
from ..maps import check_activity

_AT_START = 0.025  # m: half of the paper's sigma_x, below which places count as equal
_CHUNK_NUMBERS = 2**16  # numbers, in differences of states: what the cache holds


@brief
class StateDistanceDensity(NamedTuple):
    """Distribution of d(g(0), g(x)) at each distance from the start (claim C4)."""

    density: Float[np.ndarray, "distance state"]
    """Probability density of the state distance given the distance from the start; NaN where there is no sample."""
    distance_edges: Float[np.ndarray, " distance_edge"]
    """Meters."""
    state_edges: Float[np.ndarray, " state_edge"]
    samples: Int[np.ndarray, " distance"]
    median: Float[np.ndarray, " distance"]
    low: Float[np.ndarray, " distance"]
    """5th percentile."""
    high: Float[np.ndarray, " distance"]
    """95th percentile."""
    training_cumulative: Float[np.ndarray, " distance_edge"] | None
    """Share of the training distances up to each of distance_edges; None when none were given."""
    typical_distance: Float[np.ndarray, " distance"]
    """Median distance of the samples in each bin, meters: beyond its middle near the start, where rings grow."""


def state_distance_density(
    positions: npt.ArrayLike,
    states: npt.ArrayLike,
    initial_state: npt.ArrayLike | None = None,
    *,
    distance_edges: npt.ArrayLike | None = None,
    state_edges: npt.ArrayLike | None = None,
    training_distances: npt.ArrayLike | None = None,
) -> StateDistanceDensity:
    """Density of ``d(g(0), g(x)) = |g(x) - g(0)|`` against the distance |x| from the start.

    Source: the paper's figure of d(g(0), g(x)), claim C4.

    Limits: samples are not spread evenly over distance or direction: in a square box distances beyond half its side
    lie in the corners. `samples` counts them.

    Parameters
    ----------
    positions
        (..., 2) meters, the start at the origin.
    states
        (..., units), the same leading axes.
    initial_state
        (units,), g(0); None: the mean state within 0.025 m of the start. A network whose g_0 is not trained may hold
        a g_0 off the manifold, which no later state comes near, not even at the same place.
    distance_edges
        Increasing, meters; None: steps of 0.05 m, the paper's sigma_x, out to the farthest sample.
    state_edges
        Increasing; None: 60 steps from 0 to the largest distance found (sqrt(2) at most for non-negative unit states).
    training_distances : any shape, meters
        |x| of training's samples, for the cumulative curve over the density: how much of it training has seen.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, or edges that do not increase.

    >>> places = np.random.default_rng(0).uniform(-1, 1, (2000, 2))
    >>> density = state_distance_density(places, places, np.zeros(2), distance_edges=[0.0, 0.5, 1.0])
    >>> density.median.round(1).tolist()
    [0.4, 0.8]

    """
    points = place_numbers(positions, np.float64)
    if points.ndim < 2 or points.shape[-1] != 2 or points.size == 0 or not np.isfinite(points).all():
        raise ValueError(f"positions must be finite and of shape (..., 2) in meters, got {points.shape}")
    values = check_activity(states, points.shape[:-1])
    distance = np.linalg.norm(points.reshape(-1, 2), axis=1)
    if initial_state is None and not (distance <= _AT_START).any():
        raise ValueError(
            f"positions must come within {_AT_START} m of the start for a mean state there, the nearest is "
            f"{distance.min():.3f} m away; give initial_state"
        )
    start = np.asarray(
        values[distance <= _AT_START].mean(axis=0) if initial_state is None else initial_state, np.float64
    )
    if start.shape != (values.shape[1],) or not np.isfinite(start).all():
        raise ValueError(
            f"initial_state must be finite, one value for each of {values.shape[1]} units, got {start.shape}"
        )
    state_distance = state_distances(values, start)
    x_edges = _edges(distance_edges, np.arange(np.ceil(distance.max() / 0.05 + 1e-9) + 1) * 0.05, "distance_edges")
    # An extra 1e-9 so that the largest sample is inside; a state that never changes still gets a bin.
    y_edges = _edges(state_edges, np.linspace(0, state_distance.max() * (1 + 1e-9) or 1e-9, 61), "state_edges")
    samples = np.histogram(distance, x_edges)[0]
    counts = np.histogram2d(distance, state_distance, (x_edges, y_edges))[0]
    area = counts.sum(axis=1, keepdims=True) * np.diff(y_edges)
    density = np.divide(counts, area, out=np.full_like(counts, np.nan), where=area > 0)
    bins = _bins_of(distance, x_edges)
    low, median, high = _percentiles(state_distance, bins, len(samples))
    trained_share = None
    if training_distances is not None:
        lengths = np.sort(np.asarray(training_distances, dtype=np.float64).ravel())
        if len(lengths) == 0 or not np.isfinite(lengths).all() or lengths[0] < 0:
            raise ValueError("training_distances must be finite, not negative and not empty (meters)")
        trained_share = np.searchsorted(lengths, x_edges, side="right") / len(lengths)
    _, typical_distance, _ = _percentiles(distance, bins, len(samples))
    return StateDistanceDensity(density, x_edges, y_edges, samples, median, low, high, trained_share, typical_distance)


def state_distances(
    states: Float[np.ndarray, "sample unit"], initial_state: Float[np.ndarray, " unit"]
) -> Float[np.ndarray, " sample"]:
    """``||g - g(0)||`` of each state; in memory that does not grow with the samples.

    >>> state_distances(np.array([[3.0, 4.0], [0.0, 1.0]]), np.zeros(2)).tolist()
    [5.0, 1.0]
    """
    rows = max(1, _CHUNK_NUMBERS // states.shape[1])
    distances = [
        np.linalg.norm(states[start : start + rows] - initial_state, axis=1) for start in range(0, len(states), rows)
    ]
    return np.concatenate(distances)


def _edges(values: npt.ArrayLike | None, otherwise: np.ndarray, name: str) -> Float[np.ndarray, " edge"]:
    edges = np.asarray(otherwise if values is None else values, dtype=np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        raise ValueError(f"{name} must be at least two finite increasing values, got {edges}")
    return edges


def _bins_of(distance: Float[np.ndarray, " sample"], edges: Float[np.ndarray, " edge"]) -> Int[np.ndarray, " sample"]:
    """Bin of each sample, the last edge in the last bin, as in np.histogram; -1 and len(edges) - 1 are outside."""
    bins = np.searchsorted(edges, distance, side="right") - 1
    bins[distance == edges[-1]] = len(edges) - 2
    return np.asarray(bins)


def _percentiles(
    values: Float[np.ndarray, " sample"], bins: Int[np.ndarray, " sample"], count: int
) -> tuple[Float[np.ndarray, " bin"], Float[np.ndarray, " bin"], Float[np.ndarray, " bin"]]:
    """5th, 50th and 95th percentile of the values in each of ``count`` bins, NaN in empty ones."""
    result = np.full((3, count), np.nan)
    for k in range(count):
        in_bin = values[bins == k]
        if len(in_bin):
            result[:, k] = np.percentile(in_bin, [5, 50, 95])
    return result[0], result[1], result[2]
