"""Correlations of autocorrelograms with their rotated selves, within rings: the machinery under the grid scores.

Everything that does not depend on the maps is computed once per map size and cached: which pixels lie in which
ring, and one sparse interpolation matrix per angle. A rotation of many maps is then one sparse product, and so are
their sums in all rings; compiled, both are one pass over the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy
from jaxtyping import Float, Int

from ..._repr import brief

ANGLES = (30, 60, 90, 120, 150)


@brief
@dataclass(frozen=True)
class HalfDisc:
    """The pixels of half an autocorrelogram up to a radius, sorted by their distance from the center.

    An autocorrelogram is symmetric about its center, and so is a ring of it rotated; half of the pixels
    therefore give the same Pearson r as all of them. ``pixels`` index the flattened half (displacement
    along x >= 0) of :func:`half_autocorrelogram`; the center itself is left out.
    """

    pixels: Int[np.ndarray, " pixel"]
    radius: Float[np.ndarray, " pixel"]
    rings: scipy.sparse.csr_array
    """(ring, pixel), 1 in ring R = 1, 2, ...: R - 1 < distance <= R."""
    shells: scipy.sparse.csr_array
    """(shell, pixel), 1 in shell R = 1, 2, ...: the distance rounds to R."""
    rotations: tuple[scipy.sparse.csr_array, ...]
    """One (pixel, flattened half) matrix per angle of ANGLES: bilinear interpolation at the rotated places."""
    corners: Int[np.ndarray, "angle pixel 4"]
    """The rotations once more: the entries of the flattened half between which each pixel is read."""
    weights: Float[np.ndarray, "angle pixel 4"]
    """Of the corners; 0 where there are fewer than four."""

    @property
    def largest(self) -> int:
        """The outermost ring, bins."""
        return int(self.rings.shape[0])


@lru_cache(maxsize=8)
def half_disc(nx: int, ny: int, largest: int) -> HalfDisc:
    """The half disc of `largest` bins radius in the autocorrelograms of (nx, ny) maps."""
    dx, dy = np.meshgrid(np.arange(nx), np.arange(-(ny - 1), ny), indexing="ij")
    radius = np.hypot(dx, dy)
    inside = ((dx > 0) | (dy > 0)) & (radius <= largest)
    order = np.argsort(radius[inside], kind="stable")
    pixels = np.flatnonzero(inside.ravel())[order]
    distance = radius[inside][order]
    rings = np.ceil(distance - 1e-9).astype(int)
    shells = np.rint(distance).astype(int)
    x, y = dx[inside][order], dy[inside][order]
    rotations = tuple(_bilinear(x, y, angle, nx, ny) for angle in ANGLES)
    corners, weights = (np.stack(parts) for parts in zip(*map(_by_corner, rotations), strict=True))
    return HalfDisc(pixels, distance, _members(rings, largest), _members(shells, largest), rotations, corners, weights)


def _members(group: Int[np.ndarray, " pixel"], groups: int) -> scipy.sparse.csr_array:
    """Matrix that sums the pixels of each of the groups 1, 2, ..., by which they are sorted."""
    starts = np.searchsorted(group, np.arange(1, groups + 2))
    pixels = np.arange(starts[0], starts[-1])
    return scipy.sparse.csr_array(
        (np.ones(len(pixels), dtype=np.float32), pixels, starts - starts[0]), shape=(groups, len(group))
    )


def _bilinear(x: np.ndarray, y: np.ndarray, angle_deg: float, nx: int, ny: int) -> scipy.sparse.csr_array:
    """Matrix that reads a half autocorrelogram at displacements (x, y) turned by the angle."""
    angle = np.deg2rad(angle_deg)
    turned_x = np.cos(angle) * x - np.sin(angle) * y
    turned_y = np.sin(angle) * x + np.cos(angle) * y
    corner_x, corner_y = np.floor(turned_x).astype(int), np.floor(turned_y).astype(int)
    part_x, part_y = turned_x - corner_x, turned_y - corner_y
    rows, columns, weights = [], [], []
    for step_x, step_y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        at_x, at_y = corner_x + step_x, corner_y + step_y
        weight = np.where(step_x, part_x, 1 - part_x) * np.where(step_y, part_y, 1 - part_y)
        mirror = np.where(at_x < 0, -1, 1)  # r(-d) = r(d) brings the other half into this one
        used = weight > 1e-12  # a corner of no weight may lie outside
        rows.append(np.flatnonzero(used))
        columns.append(((mirror * at_x) * (2 * ny - 1) + mirror * at_y + ny - 1)[used])
        weights.append(weight[used])
    entries = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_array(entries, shape=(len(x), nx * (2 * ny - 1)), dtype=np.float32)


def _by_corner(rotation: scipy.sparse.csr_array) -> tuple[Int[np.ndarray, "pixel 4"], Float[np.ndarray, "pixel 4"]]:
    """Entries that each pixel is read from, and their weights; the first once more, weighing 0, up to four of them."""
    starts, count = rotation.indptr[:-1], np.diff(rotation.indptr)
    pixel = np.repeat(np.arange(len(count)), count)
    corner = np.arange(len(pixel)) - np.repeat(starts, count)
    entries = np.repeat(rotation.indices[starts][:, None], 4, axis=1).astype(np.int64)
    weights = np.zeros(entries.shape, dtype=np.float32)
    entries[pixel, corner], weights[pixel, corner] = rotation.indices, rotation.data
    return entries, weights


def central_radius(half: Float[np.ndarray, "map half_x lags_y"], disc: HalfDisc) -> Int[np.ndarray, " map"]:
    """Radius of the central peak, bins, of each autocorrelogram.

    The first local minimum of the radial mean of r, or the first radius at which it is below 0.2, whichever is
    nearer (Langston et al. 2010). At least 1; ``disc.largest`` when there is neither.
    """
    values = half.reshape(len(half), -1)[:, disc.pixels].T
    valid = np.isfinite(values)
    if valid.all():
        profile = (disc.shells @ values) / np.diff(disc.shells.indptr)[:, None]
    else:
        sums, counts = disc.shells @ np.where(valid, values, 0.0), disc.shells @ valid.astype(np.float32)
        profile = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    ends = profile < 0.2
    ends[:-1] |= profile[1:] > profile[:-1]
    ends[-1] = True
    return np.asarray(np.argmax(ends, axis=0) + 1)


def ring_correlations(
    half: Float[np.ndarray, "map half_x lags_y"], inner: Int[np.ndarray, " map"], disc: HalfDisc
) -> Float[np.ndarray, "angle ring map"]:
    """Pearson r between each autocorrelogram and itself rotated, over inner < distance <= R, for every R = 1, 2, ...

    Pixels that are NaN, in the one or the other, are left out pairwise. Entry [a, R - 1, m] is NaN unless R > inner[m].
    In one compiled pass; `ring_correlations_by_products` is its reference.
    """
    from ...kernels import arrays  # here, since it loads numba

    flat = np.ascontiguousarray(half.reshape(len(half), -1).T, dtype=np.float32)
    return arrays.ring_correlations(flat, inner, disc.pixels, disc.rings.indptr[1:], disc.corners, disc.weights)


def ring_correlations_by_products(
    half: Float[np.ndarray, "map half_x lags_y"], inner: Int[np.ndarray, " map"], disc: HalfDisc
) -> Float[np.ndarray, "angle ring map"]:
    """The same by sparse products: what is NaN in the map or in the rotated map is in none of the sums."""
    flat = np.ascontiguousarray(half.reshape(len(half), -1).T, dtype=np.float32)
    valid = np.isfinite(flat)
    filled, weights = np.where(valid, flat, np.float32(0)), valid.astype(np.float32)
    result = np.empty((len(ANGLES), disc.largest, flat.shape[1]))
    for index, rotation in enumerate(disc.rotations):
        valid_in_both = valid[disc.pixels] & (np.asarray(rotation @ weights) > 1 - 1e-4)
        a, b = filled[disc.pixels] * valid_in_both, np.asarray(rotation @ filled) * valid_in_both
        n = _beyond(disc.rings @ valid_in_both.astype(np.float32), inner)
        n = np.where(n >= 2, n, np.nan)
        result[index] = _pearson(*(_beyond(disc.rings @ values, inner) / n for values in (a, a * a, b, b * b, a * b)))
    outside = np.arange(1, disc.largest + 1)[:, None] > inner[None, :]
    result[:, ~outside] = np.nan
    return result


def _beyond(
    sums: Float[np.ndarray, "*sort ring some"], inner: Int[np.ndarray, " map"]
) -> Float[np.ndarray, "*sort ring map"]:
    """Sums over all rings from the one after inner up to each."""
    total = np.cumsum(sums, axis=-2, dtype=np.float64)
    start = total[..., inner - 1, np.arange(len(inner)) if total.shape[-1] > 1 else 0]
    return np.asarray(total - start[..., None, :])


def _pearson(
    a: np.ndarray, aa: np.ndarray, b: np.ndarray, bb: np.ndarray, ab: np.ndarray
) -> Float[np.ndarray, "*angle ring map"]:
    """Correlation from the means of two quantities, their squares and their product; NaN where one is constant."""
    var_a, var_b = aa - a * a, bb - b * b
    flat = ~(np.minimum(var_a, var_b) > 1e-9)
    return np.asarray((ab - a * b) / np.sqrt(np.where(flat, np.nan, var_a) * np.where(flat, 1.0, var_b)))
