"""Grid scores: how much more an autocorrelogram looks like itself turned by 60 and 120 than by 30, 90 and 150 degrees.

Scores of different scorers are not comparable; every result therefore names its scorer and its parameters.
"""

import difflib
import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Shaped

from ..._repr import brief
from ..maps import (
    ANGLES,
    HalfDisc,
    as_maps,
    autocorrelogram_peaks,
    central_radius,
    full_autocorrelogram,
    half_autocorrelogram,
    half_disc,
    ring_correlations,
)
from ._banino import RING_INNER, RING_OUTER, banino_scores

SCORERS = ("langston", "sargolini", "banino")
_MARGIN = 0.1
_CHUNK = 32


@brief
@dataclass(frozen=True)
class GridScore:
    """The grid score of one map, with what is needed to know what the number means."""

    score: float
    """NaN where the definition gives none (constant map, no ring)."""
    method: str
    parameters: dict[str, Any]
    """Formula and ring rule of the scorer."""
    inner_radius: float
    """Bins; the winning ring is inner_radius < distance <= outer_radius."""
    outer_radius: float
    correlations: dict[int, float] = field(default_factory=dict)
    """Correlation of the winning ring with itself at each angle, degrees."""


@brief
class GridScores(NamedTuple):
    """Grid scores of many maps, in the leading shape of the maps."""

    score: Float[np.ndarray, "*units"]
    inner_radius: Float[np.ndarray, "*units"]
    outer_radius: Float[np.ndarray, "*units"]
    correlations: Float[np.ndarray, "*units angle"]
    """At 30, 60, 90, 120, 150 degrees."""


def grid_score(rate_map: npt.ArrayLike, method: str = "langston", min_overlap: int = 20) -> GridScore:
    """Grid score of one rate map (nx, ny), unvisited bins NaN, bins square.

    With c(a) the Pearson correlation, within a ring, of the autocorrelogram and itself rotated by a degrees:

    ``langston``
        ``min(c60, c120) - max(c30, c90, c150)``, the largest over rings that start at the edge of the central peak
        and grow bin by bin, from a tenth of the arena's side wide to nine tenths of the side as outer radius. The
        central peak ends at the first local minimum of the radial mean of r or where that falls below 0.2.
        Langston et al. 2010 (Science 328:1576; there 10 cm to 90 cm in a 1 m box). The default. Range -2 to 2.
    ``sargolini``
        the same formula in one ring: from the edge of the central peak to a central radius beyond the sixth nearest
        peak, so that it holds the six nearest peaks whole. NaN with fewer than six peaks. Sargolini et al. 2006.
    ``banino``
        ``(c60 + c120) / 2 - (c30 + c90 + c150) / 3``, best of ten fixed rings; see `banino_scores`. Square maps only.
        Banino et al. 2018, Sorscher et al. 2019.

    Rotations of the first two interpolate bilinearly; NaN of the autocorrelogram are left out pairwise.

    Limits: a positive score alone does not make a grid cell; noise reaches 0.3 and more. See the nulls.

    Raises
    ------
    ValueError
        For a wrong shape, fewer than 10 bins a side, or an unknown method (with the nearest known name).

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> round(float(grid_score(maps[0]).score), 2)
    1.41
    >>> stripes = synthetic_cells.stripe_cells(centers, 0.5, 20, [0.0])[..., 0]
    >>> round(float(grid_score(stripes).score), 2)
    0.15

    """
    shape = np.shape(rate_map)
    if len(shape) != 2:
        raise ValueError(f"rate_map must have shape (nx, ny), got {shape}; grid_scores takes many maps at once")
    scores = grid_scores(rate_map, method, min_overlap)
    return GridScore(
        float(scores.score),
        method,
        scorer_parameters(method, min_overlap),
        float(scores.inner_radius),
        float(scores.outer_radius),
        {angle: float(r) for angle, r in zip(ANGLES, scores.correlations, strict=True)},
    )


def grid_scores(rate_maps: npt.ArrayLike, method: str = "langston", min_overlap: int = 20) -> GridScores:
    """Grid scores of many maps (..., nx, ny) at once; definitions and errors as in :func:`grid_score`.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> grid_scores(maps).score.round(2).tolist()
    [1.41, 1.42]
    """
    maps = as_maps(rate_maps)
    nx, ny = maps.shape[-2:]
    check_scorer(method, (nx, ny))
    if method == "banino" and np.isfinite(maps).any():
        check_visited(method, np.isfinite(maps).any(axis=tuple(range(maps.ndim - 2))))
    scores = score_batch(maps.reshape(math.prod(maps.shape[:-2]), nx, ny), method, min_overlap)
    return GridScores(*(column.reshape(maps.shape[:-2] + column.shape[1:]) for column in scores))


def score_batch(maps: Float[np.ndarray, "map x y"], method: str, min_overlap: int) -> GridScores:
    """The scores of a flat batch of checked maps, in the precision of the maps."""
    score = {"langston": _langston, "sargolini": _sargolini, "banino": _banino}[method]
    # In chunks, so that the working arrays stay small enough for the processor's cache.
    parts = [score(maps[start : start + _CHUNK], min_overlap) for start in range(0, len(maps), _CHUNK)]
    parts.append(GridScores(np.empty(0), np.empty(0), np.empty(0), np.empty((0, len(ANGLES)))))
    return GridScores(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def scorer_parameters(method: str, min_overlap: int = 20) -> dict[str, Any]:
    """What a stored score must carry: formula, ring rule and angles of a scorer, as JSON-able values.

    >>> sorted(scorer_parameters("langston"))
    ['formula', 'min_overlap', 'ring']
    """
    check_scorer(method)
    if method == "banino":
        return {
            "formula": "(c60 + c120) / 2 - (c30 + c90 + c150) / 3",
            "rings": [[RING_INNER, end] for end in RING_OUTER],
            "ring_unit": "bins per side",
        }
    rings = {
        "langston": "central radius to R, best R from central radius + 0.1 side to 0.9 side",
        "sargolini": "central radius to distance of the sixth nearest peak + central radius",
    }
    return {"formula": "min(c60, c120) - max(c30, c90, c150)", "ring": rings[method], "min_overlap": min_overlap}


def check_scorer(method: str, shape: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless `method` is a scorer (naming the nearest one) that can score maps of this shape."""
    if method not in SCORERS:
        near = difflib.get_close_matches(str(method).lower(), SCORERS, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"method must be one of {', '.join(SCORERS)}, got {method!r}{hint}")
    if shape is None:
        return
    if min(shape) < 10:
        raise ValueError(f"rate_map must have at least 10 bins a side for a grid score, got {shape}; use smaller bins")
    if method == "banino" and shape[0] != shape[1]:
        raise ValueError(f"method 'banino' is defined for square maps only, got {shape}; use 'langston'")


def check_visited(method: str, occupancy: Shaped[np.ndarray, "x y"]) -> None:
    """Check for ``banino`` that the visited part of the map is a square of the whole map's size.

    Its rings are fixed shares of the map's side: on a rectangle that was padded to a square they measure something else
    (a rectangle of 1 to 2 gives ideal grid cells 0.9).

    Raises
    ------
    ValueError
        If it is narrower and the method is ``banino``.

    """
    if method != "banino":
        return
    visited = occupancy > 0
    spans = [int(np.ptp(np.flatnonzero(visited.any(axis=axis)))) + 1 for axis in (1, 0)]
    if any(size - span > max(1, _MARGIN * size) for span, size in zip(spans, visited.shape, strict=True)):
        raise ValueError(
            f"method 'banino' is defined for square boxes only, and of {visited.shape[0]} x {visited.shape[1]} bins "
            f"only {spans[0]} x {spans[1]} were visited; use 'langston', or give the box as it is"
        )


def _disc(maps: Float[np.ndarray, "map x y"]) -> HalfDisc:
    nx, ny = maps.shape[1:]
    return half_disc(nx, ny, int((1 - _MARGIN) * min(nx, ny)))


def _langston(maps: Float[np.ndarray, "map x y"], min_overlap: int) -> GridScores:
    disc = _disc(maps)
    half = half_autocorrelogram(maps, min_overlap)
    inner = central_radius(half, disc)
    correlations = ring_correlations(half, inner, disc)
    scores = _min_max(correlations)
    narrowest = inner + max(1, round(_MARGIN * min(maps.shape[1:])))
    scores[np.arange(1, disc.largest + 1)[:, None] < narrowest[None, :]] = np.nan
    best = np.argmax(np.where(np.isfinite(scores), scores, -np.inf), axis=0)
    return _at_ring(scores, correlations, inner, best)


def _sargolini(maps: Float[np.ndarray, "map x y"], min_overlap: int) -> GridScores:
    disc = _disc(maps)
    half = half_autocorrelogram(maps, min_overlap)
    inner = central_radius(half, disc)
    outer = np.zeros(len(maps), dtype=int)
    for index, (correlogram, radius) in enumerate(zip(full_autocorrelogram(half), inner, strict=True)):
        displacements = autocorrelogram_peaks(correlogram, int(radius)).displacements
        if len(displacements) >= 6:
            outer[index] = np.ceil(np.hypot(*displacements[5]) + radius)
    correlations = ring_correlations(half, inner, disc)
    scores = _min_max(correlations)
    scores[:, (outer == 0) | (outer > disc.largest)] = np.nan
    return _at_ring(scores, correlations, inner, np.clip(outer - 1, 0, disc.largest - 1))


def _banino(maps: Float[np.ndarray, "map x y"], min_overlap: int) -> GridScores:
    bins = maps.shape[1]
    scores = banino_scores(maps)
    outer = np.asarray(RING_OUTER)[scores.ring] * bins
    return GridScores(scores.score, np.full(len(maps), RING_INNER * bins), outer, scores.correlations)


def _min_max(correlations: Float[np.ndarray, "angle ring map"]) -> Float[np.ndarray, "ring map"]:
    c30, c60, c90, c120, c150 = correlations
    return np.asarray(np.minimum(c60, c120) - np.maximum(np.maximum(c30, c90), c150))


def _at_ring(
    scores: Float[np.ndarray, "ring map"],
    correlations: Float[np.ndarray, "angle ring map"],
    inner: np.ndarray,
    ring: np.ndarray,
) -> GridScores:
    """Each map's entry at its ring; radii and correlations are NaN where the score is."""
    column = np.arange(scores.shape[1])
    score = scores[ring, column]
    gone = ~np.isfinite(score)
    chosen = np.where(gone[:, None], np.nan, correlations[:, ring, column].T)
    return GridScores(score, np.where(gone, np.nan, inner), np.where(gone, np.nan, ring + 1.0), chosen)
