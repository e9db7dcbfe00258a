"""Number and size of the firing fields of each unit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Bool, Float, Int

from ..._repr import brief
from ..maps import as_maps, find_fields, kernel_average


@brief
@dataclass(frozen=True)
class PlaceFields:
    """Fields of every unit; arrays over `field` are as long as the richest map needs, NaN where a unit has fewer."""

    number: Int[np.ndarray, " unit"]
    """Fields in the box; 0 for a silent or unvisited map."""
    area_m2: Float[np.ndarray, "unit field"]
    """Area of each field above half of its own peak, the highest field first."""
    center_m: Float[np.ndarray, "unit field 2"]
    """Peak of each field, meters from the center of the map."""
    whole: Bool[np.ndarray, "unit field"]
    """Fields whose part above half of the peak touches neither the border nor an unvisited bin."""
    diameter_m: Float[np.ndarray, " unit"]
    """Median over the unit's whole fields of the diameter of a disc of that area, ``2 sqrt(area / pi)``; NaN without
    one."""
    coverage: Float[np.ndarray, " unit"]
    """Share of the visited bins that lie in one of the unit's fields, above half of its peak; NaN if nothing was
    visited."""

    @property
    def single(self) -> Bool[np.ndarray, " unit"]:
        """Units with exactly one field, and that a whole one: place-like in the strict sense."""
        return np.asarray((self.number == 1) & self.whole[:, 0])


def place_fields(
    rate_maps: npt.ArrayLike, bin_size: float = 0.05, threshold: float = 0.2, smoothing: float = 1.0
) -> PlaceFields:
    """Number and size of the fields of every map (units, nx, ny), unvisited bins NaN.

    A field is the basin of a peak that reaches `threshold` of the map's maximum (see :func:`find_fields`); its size
    is taken at half of its peak, so that a Gaussian field of standard deviation s has a diameter of ``2 sqrt(2 ln 2)
    s = 2.35 s``, whatever its rate.

    Source: C9 of Schaeffer et al. 2023 (with smaller sigma_g: place-like units whose field size follows sigma_g); the
    measure is ours.

    Limits: fields that overlap so much that no saddle lies between them count as one; cut-off fields are counted but
    not measured (`whole`).

    Parameters
    ----------
    rate_maps : (units, nx, ny)
        Unvisited bins NaN.
    bin_size : side of a square bin, meters
        Areas and places are in these.
    threshold : share of the map's maximum that a peak must reach
        0.2 is the customary bound.
    smoothing : bins
        Standard deviation of the Gaussian applied before (it widens s to ``sqrt(s^2 + smoothing^2)``); 0 for none.

    Raises
    ------
    ValueError
        For shapes or settings out of range.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    >>> place = synthetic_cells.place_cells(centers, [[0.0, 0.0]], 0.1)  # one field of standard deviation 0.1 m
    >>> fields = place_fields(np.moveaxis(place, -1, 0))
    >>> fields.number.tolist(), fields.diameter_m.round(2).tolist()
    ([1], [0.28])

    """
    maps = as_maps(rate_maps)
    if maps.ndim != 3:
        raise ValueError(f"rate_maps must have shape (units, nx, ny), got {maps.shape}; for one unit: maps[None]")
    if not 0 < bin_size < np.inf:
        raise ValueError(f"bin_size must be positive (meters), got {bin_size}")
    if not (0 < threshold <= 1 and smoothing >= 0):
        raise ValueError(f"threshold must be in (0, 1] and smoothing 0 or more, got {threshold} and {smoothing}")
    if len(maps) == 0:
        none, empty = np.empty(0), np.empty((0, 1))
        return PlaceFields(none.astype(int), empty, np.empty((0, 1, 2)), empty.astype(bool), none, none)
    fields = find_fields(maps, threshold, smoothing)
    most = fields.peaks.shape[1]
    present = np.arange(most) < fields.number[:, None]
    area = np.where(present, np.pi * (fields.radius * bin_size) ** 2, np.nan)
    offset = (np.array(maps.shape[1:]) - 1) / 2
    center = np.where(present[:, :, None], (fields.peaks - offset) * bin_size, np.nan)
    whole = present & ~_cut_off(maps, fields.labels, fields.peaks, smoothing)
    diameter = np.full(len(maps), np.nan)
    for unit in np.flatnonzero(whole.any(axis=1)):
        diameter[unit] = np.median(2 * np.sqrt(area[unit, whole[unit]] / np.pi))
    visited = np.isfinite(maps).sum(axis=(1, 2)) * bin_size**2
    covered = np.where(present, area, 0.0).sum(axis=1)
    coverage = np.divide(covered, visited, out=np.full(len(maps), np.nan), where=visited > 0)
    return PlaceFields(fields.number, area, center, whole, diameter, coverage)


def _cut_off(
    maps: Float[np.ndarray, "unit x y"],
    labels: Int[np.ndarray, "unit bin"],
    peaks: Int[np.ndarray, "unit field 2"],
    smoothing: float,
) -> Bool[np.ndarray, "unit field"]:
    """Fields whose core (above half of the peak) touches the border of the map or an unvisited bin."""
    visited = np.isfinite(maps)
    smooth = np.where(visited, kernel_average(maps, smoothing), -np.inf).reshape(len(maps), -1)
    flat = np.ravel_multi_index((peaks[..., 0], peaks[..., 1]), maps.shape[1:])
    heights = np.take_along_axis(smooth, flat, axis=1)
    inside = labels >= 0
    core = inside & (smooth >= np.take_along_axis(heights, np.where(inside, labels, 0), axis=1) / 2)
    within = scipy.ndimage.binary_erosion(visited, np.ones((1, 3, 3), dtype=bool), border_value=0)
    unit, place = np.nonzero(core & ~within.reshape(core.shape))
    cut = np.zeros(peaks.shape[:2], dtype=bool)
    cut[unit, labels[unit, place]] = True
    return cut
