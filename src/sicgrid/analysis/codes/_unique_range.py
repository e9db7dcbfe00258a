"""Unique range: out to what distance no other place has a state that noise could mistake for this one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float, Int
from pydantic import Field

from ..._repr import brief
from ..._settings import Settings
from ..lattices import lattice_shape
from ..maps import Places, RateMaps, as_places
from ..states import gradients
from ._ideal_codes import IdealCode, code_size, modular_code

DEFAULT_NOISE = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2)
"""Standard deviations per unit; states have norm 1, so that 0.1 in 128 units is noise of norm 1.1."""


class UniqueRangeConfig(Settings):
    """How far the code is called unique."""

    confusion: float = Field(
        0.01, gt=0, lt=0.5, description="Probability of mistaking one place for another still allowed. Source: ours."
    )
    references: int = Field(400, ge=1, description="Places compared with all others. Source: ours (time).")
    at_noise: float = Field(
        0.05,
        gt=0,
        description="Noise for the one number of the summary, standard deviation per unit; the nearest level is taken. "
        "Source: ours (0.57 in norm for 128 units, two thirds of the 0.8 between states of far places).",
    )


@brief
@dataclass(frozen=True)
class UniqueRange:
    """Unique range as a function of noise, and the curve behind it. Distances in space in meters.

    Where `at_least` is True no alias was met within the recorded box and the true range may be larger: it cannot be
    known from this recording.
    """

    noise: Float[np.ndarray, " level"]
    """Standard deviation of Gaussian noise on each unit."""
    threshold: Float[np.ndarray, " level"]
    """State distance below which two places count as confused."""
    range_m: Float[np.ndarray, " level"]
    """Distance of the nearest alias of any place (the worst case); NaN when some place is not resolved at all."""
    at_least: Bool[np.ndarray, " level"]
    typical_range_m: Float[np.ndarray, " level"]
    """Distance within which half of the places have met their nearest alias; NaN when half are not resolved."""
    typical_at_least: Bool[np.ndarray, " level"]
    resolution_m: Float[np.ndarray, " level"]
    """Median over places of the distance at which the place is first told from all others on the circle; NaN when half
    of them never are."""
    unresolved_share: Float[np.ndarray, " level"]
    """Share of places that look like some other place at every distance out to half the side of the box."""
    distance_m: Float[np.ndarray, " ring"]
    closest: Float[np.ndarray, " ring"]
    """Smallest state distance between any two places so far apart."""
    typical_closest: Float[np.ndarray, " ring"]
    """Median over places of the smallest state distance to a place so far away."""
    reach_m: float
    """Side of the recorded box: no range above it can be measured."""


@brief
@dataclass(frozen=True)
class UniqueRangeComparison:
    """A measured code's unique range beside what its spacings promise."""

    measured: UniqueRange
    ideal: UniqueRange
    ideal_code: IdealCode
    spacings_m: Float[np.ndarray, " module"]

    @property
    def largest_spacing_m(self) -> float:
        """Spacing of the coarsest module, meters: all that a code of that module alone could reach."""
        return float(self.spacings_m.max())


def unique_range(
    state_maps: RateMaps,
    noise: npt.ArrayLike = DEFAULT_NOISE,
    *,
    confusion: float = 0.01,
    references: int = 400,
    seed: int = 0,
) -> UniqueRange:
    """Out to what distance no other place comes closer in state than the noise allows.

    With Gaussian noise of standard deviation s on each unit, nearest-state decoding mistakes a state for another one at
    distance d with probability ``Phi(-d / 2s)``. Two places are *confused* when that exceeds `confusion`, which is when

    ``|g(x) - g(x')| < threshold = 2 s z``, ``z = Phi^-1(1 - confusion)``  (4.65 s for 0.01).

    For a place x let ``m_x(r)`` be the smallest state distance to any place at distance r. The place is *resolved*
    from the first r at which m_x(r) reaches the threshold, if that is within half the side of the box; its nearest
    *alias* is at the first r beyond that at which m_x(r) falls below it again. `range_m` is the smallest of these alias
    distances over places.

    Parameters
    ----------
    state_maps : RateMaps, (units, nx, ny)
        Mean states in square bins, all units of the code.
    noise : (levels,), positive
        Standard deviations per unit, in the units of the states.
    confusion
        Probability of taking one given state for another that is still allowed. 0.01 is ours.
    references
        At most so many places, drawn at random, are compared with all others.
    seed
        Of that draw.

    Raises
    ------
    ValueError
        For noise that is not positive, confusion outside (0, 0.5), references below 1, or maps that are no code.

    Notes
    -----
    Between bin centers the code is continued linearly (least squares within half a bin), because an alias hardly ever
    falls on a center. A code of period P has range ``P - resolution``, not P: the neighbor's field is entered before
    its center. Stripes have no range (along a stripe nothing changes), and are unresolved.

    Source: the range of a modular code before two places share a codeword, Fiete, Burak and Brookings 2008; Mathis,
    Herz and Stemmler 2012. The threshold from a probability is ours.

    Limits: the range is known only up to the side of the recorded box (`reach_m`). Distances are rounded to a bin.
    Pairwise confusion: with n candidate places the chance of any mistake is up to n times as large. Fields narrower
    than about three bins are blurred, so that aliases look less alike than they are. Places compared at random: the
    worst case over 400 of 1600 places is not the worst of all.

    >>> from sicgrid.analysis import CodeSize, modular_code, synthetic_cells
    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> code = modular_code(edges, edges, [synthetic_cells.lattice_basis(0.4)], CodeSize(60, 0.2, 0.0))
    >>> unique_range(code.maps, noise=[0.02]).range_m.round(1).tolist()  # one module: up to its spacing
    [0.4]

    """
    levels = np.atleast_1d(np.asarray(noise, dtype=np.float64))
    if levels.ndim != 1 or len(levels) == 0 or not np.isfinite(levels).all() or not (levels > 0).all():
        raise ValueError(f"noise must be positive and finite (standard deviation per unit), got {levels.tolist()}")
    if not 0 < confusion < 0.5:
        raise ValueError(f"confusion must be a probability between 0 and 0.5, got {confusion}")
    if references < 1:
        raise ValueError(f"references must be 1 or more, got {references}")
    places = as_places(state_maps)
    nearest = _nearest_by_ring(state_maps, places, references, seed)
    reached = np.isfinite(nearest)
    threshold = -2 * scipy.special.ndtri(confusion) * levels
    columns = [_judge(nearest, reached, places, limit) for limit in threshold]
    range_m, at_least, typical, typical_at_least, resolution, unresolved = (
        np.array(column) for column in zip(*columns, strict=True)
    )
    rings = np.flatnonzero(reached.any(axis=0))
    distances = np.where(reached, nearest, np.nan)[:, rings]
    return UniqueRange(
        levels, threshold, range_m, at_least, typical, typical_at_least, resolution, unresolved,
        (rings + 1) * places.bin_size, np.nanmin(distances, axis=0), np.nanmedian(distances, axis=0), places.reach_m,
    )  # fmt: skip


def compare_unique_range(
    state_maps: RateMaps,
    bases_m: npt.ArrayLike,
    noise: npt.ArrayLike = DEFAULT_NOISE,
    *,
    ideal_arena_m: float | None = None,
    confusion: float = 0.01,
    references: int = 400,
    seed: int = 0,
) -> UniqueRangeComparison:
    """Unique range of a measured code beside that of an ideal modular code of the same lattices and size.

    The ideal code has as many units, the same mean overlap and the same share of constant units; see
    :func:`sicgrid.analysis.modular_code`.

    Parameters
    ----------
    state_maps, noise, confusion, references, seed
        As in :func:`unique_range`.
    bases_m
        (modules, 2, 2), rows the lattice vectors of each module, meters.
    ideal_arena_m
        Side of the box in which the ideal code is evaluated, meters; None: the measured box. A larger one shows
        how far the ideal code would reach; its cost grows with the area.

    Raises
    ------
    ValueError
        As :func:`unique_range` and :func:`sicgrid.analysis.modular_code`.

    >>> from sicgrid.analysis import CodeSize, place_code, synthetic_cells
    >>> edges = np.linspace(-0.5, 0.5, 21)
    >>> code = place_code(edges, edges, CodeSize(60, 0.1, 0.0))
    >>> ranges = compare_unique_range(code.maps, [synthetic_cells.lattice_basis(0.4)], noise=[0.02])
    >>> bool(ranges.measured.at_least[0]), bool(ranges.ideal.at_least[0])  # no place is like another
    (True, False)

    """
    bases = np.asarray(bases_m, dtype=np.float64)
    measured = unique_range(state_maps, noise, confusion=confusion, references=references, seed=seed)
    x_edges, y_edges = state_maps.x_edges, state_maps.y_edges
    if ideal_arena_m is not None:
        step = float(x_edges[1] - x_edges[0])
        if not (np.isfinite(ideal_arena_m) and ideal_arena_m >= 2 * step):
            raise ValueError(f"ideal_arena_m must be a side in meters of at least two bins, got {ideal_arena_m}")
        count = round(ideal_arena_m / step)
        x_edges = y_edges = (np.arange(count + 1) - count / 2) * step
    ideal = modular_code(x_edges, y_edges, bases, code_size(state_maps))
    promised = unique_range(ideal.maps, noise, confusion=confusion, references=references, seed=seed)
    spacings = np.array([lattice_shape(basis).spacing_m for basis in bases])
    return UniqueRangeComparison(measured, promised, ideal, spacings)


def _judge(
    nearest: Float[np.ndarray, "place ring"], reached: Bool[np.ndarray, "place ring"], places: Places, threshold: float
) -> tuple[float, bool, float, bool, float, float]:
    """The six numbers of one noise level: range, censored, typical range, censored, resolution, unresolved share."""
    below = nearest < threshold
    distinguished = reached & ~below
    # Beyond half the box too few places lie around this one to say that it differs from all of them.
    half_box = int(places.reach_m / 2 / places.bin_size + 1e-9)
    resolved = distinguished[:, :half_box].any(axis=1)
    first = np.where(resolved, distinguished.argmax(axis=1), nearest.shape[1])
    later = below & (np.arange(nearest.shape[1]) > first[:, None])
    aliased = later.any(axis=1)
    alias = np.where(aliased, (later.argmax(axis=1) + 1) * places.bin_size, np.inf)
    unresolved = float((~resolved).mean())
    nearest_alias = float(alias.min())
    # Half of all places, so that a place near the center, from which little of the box lies far away, counts as well.
    half = float(np.sort(np.where(resolved, alias, 0.0))[(len(alias) - 1) // 2])
    reach = places.reach_m
    return (
        float("nan") if unresolved > 0 else min(nearest_alias, reach),
        unresolved == 0 and nearest_alias > reach,
        float("nan") if unresolved >= 0.5 else min(half, reach),
        unresolved < 0.5 and half > reach,
        float(np.median((first[resolved] + 1) * places.bin_size)) if unresolved < 0.5 else float("nan"),
        unresolved,
    )


def _nearest_by_ring(
    state_maps: RateMaps, places: Places, references: int, seed: int
) -> Float[np.ndarray, "reference ring"]:
    """m_x(r) for rings of one bin's width, the first at a distance of one bin; infinite where a ring has no place."""
    count = len(places.states)
    references_chosen = np.arange(count)
    if references < count:
        references_chosen = np.sort(np.random.default_rng(seed).choice(count, references, replace=False))
    slopes = gradients(state_maps.maps, places.bin_size)[:, :, places.bins[:, 0], places.bins[:, 1]]
    # Without a neighbor on one side there is no slope; such a place stands for its center only.
    slopes = np.where(np.isfinite(slopes).all(axis=1, keepdims=True), slopes, 0.0)
    rings = int(np.floor(places.reach_m / places.bin_size + 1e-9))
    nearest = np.full((len(references_chosen), rings), np.inf)
    patches = _Patches(places, slopes)
    chunk = max(1, 2**17 // count)  # what the cache holds
    for start in range(0, len(references_chosen), chunk):
        rows = references_chosen[start : start + chunk]
        distance = patches.distances(rows)
        space_distance = scipy.spatial.distance.cdist(places.positions[rows], places.positions)
        ring = np.rint(space_distance / places.bin_size).astype(np.int64) - 1
        inside = (ring >= 0) & (ring < rings)
        row = np.broadcast_to(np.arange(len(rows))[:, None], ring.shape)
        np.minimum.at(nearest, (start + row[inside], ring[inside]), distance[inside])
    return nearest


class _Patches:
    """The code continued linearly within each bin: tangent patches one bin wide."""

    def __init__(self, places: Places, slopes: Float[np.ndarray, "2 unit place"]) -> None:
        self._states, self._slopes, self._half = places.states, slopes, places.bin_size / 2
        self._squared = (self._states**2).sum(axis=1)
        self._own = [(self._states * slope.T).sum(axis=1) for slope in slopes]
        self._metric = [(slopes[i] * slopes[j]).sum(axis=0) for i, j in ((0, 0), (0, 1), (1, 1))]

    def distances(self, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row place"]:
        """Smallest distance from the states of some places to each patch."""
        states, half = self._states[rows], self._half
        gap = self._squared[rows, None] + self._squared - 2 * states @ self._states.T
        # e = g_row - g_place; the patch is g_place + o_x dg/dx + o_y dg/dy, o in [-h/2, h/2]: minimize |e - J o|^2.
        along = [states @ slope - own for slope, own in zip(self._slopes, self._own, strict=True)]
        a, b, c = self._metric
        offset_x, offset_y = np.zeros_like(gap), np.zeros_like(gap)
        safe_a, safe_c = np.where(a > 0, a, np.inf), np.where(c > 0, c, np.inf)
        for _ in range(4):  # coordinate descent in a box, exact at once where the metric is isotropic
            offset_x = np.clip((along[0] - b * offset_y) / safe_a, -half, half)
            offset_y = np.clip((along[1] - b * offset_x) / safe_c, -half, half)
        gap += a * offset_x**2 + 2 * b * offset_x * offset_y + c * offset_y**2
        gap -= 2 * (along[0] * offset_x + along[1] * offset_y)
        return np.asarray(np.sqrt(np.maximum(gap, 0.0)))
