"""How far the states of units are a function of the phase in a lattice."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ..maps import full_autocorrelogram, half_autocorrelogram

LEAST_OVERLAP = 0.2
"""Displacements by which box and shifted box overlap in less than this share are not used (as in `lattice`)."""
FUNCTION = 0.5
"""Dependence above which states count as a function of the phase: nearer to 1 (a function) than to 0 (independent)."""
_LEAST_CONTRAST = 0.2  # below this the map varies too slowly for one place to differ from another


@dataclass(frozen=True)
class PhaseDependence:
    """What unit maps say about any lattice; made once by :func:`phase_dependence`, in bins.

    For a lattice L and one unit: ``P`` = mean r of the unit's autocorrelogram over the vectors of L (all that leave a
    fifth of the box in common, weighted by that share): how alike the unit's activity is at places of equal phase.
    ``A`` = the same mean of the autocorrelogram's average over directions, at the same distances: how alike places
    are for being that far apart. ``R`` = r near displacement 0: how alike a place is to itself, given noise in the
    bins.

    ``dependence = (P - A) / (R - A)``: 1 when the activity is a function of the phase in L, 0 when the phase says
    nothing.
    """

    correlograms: Float[np.ndarray, "unit lags_x lags_y"]
    by_distance: Float[np.ndarray, "unit distance"]
    """Mean over directions at 0, 1, 2, ... bins; NaN unknown."""
    reliability: Float[np.ndarray, " unit"]

    @property
    def bins(self) -> Float[np.ndarray, " 2"]:
        """Bins of the box along x and y."""
        return (np.array(self.correlograms.shape[1:]) + 1.0) / 2

    def vectors(
        self, basis: Float[np.ndarray, "2 2"]
    ) -> tuple[Float[np.ndarray, "vector 2"], Float[np.ndarray, " vector"]]:
        """Vectors of the lattice, in bins, one of each pair v, -v, and the share of the box that overlaps its shift."""
        reach = int(np.ceil(np.linalg.norm(self.bins) * np.abs(np.linalg.inv(basis)).sum(axis=0).max())) + 1
        i, j = np.meshgrid(np.arange(0, reach + 1), np.arange(-reach, reach + 1), indexing="ij")
        integers = np.stack([i, j], axis=-1).reshape(-1, 2)
        integers = integers[(integers[:, 0] > 0) | (integers[:, 1] > 0)]
        vectors = integers @ basis
        common = np.prod(np.clip(1 - np.abs(vectors) / self.bins, 0, None), axis=1)
        usable = common >= LEAST_OVERLAP
        return vectors[usable], common[usable]

    def testable(self, basis: Float[np.ndarray, "2 2"]) -> bool:
        """Whether the box holds two independent vectors of the lattice."""
        vectors, _ = self.vectors(basis)
        return len(vectors) >= 2 and np.linalg.matrix_rank(vectors, tol=1e-6) == 2

    def of(self, basis: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, " unit"]:
        """Dependence of every unit on the phase in a lattice, basis in bins; NaN where the map cannot tell.

        It cannot where it is constant or too smooth, or where the box is too small for the lattice.
        """
        dependence = np.full(len(self.correlograms), np.nan)
        if not self.testable(basis):
            return dependence
        vectors, common = self.vectors(basis)
        same_phase = _mean_known(_read(self.correlograms, vectors), common)
        distance = np.linalg.norm(vectors, axis=1)
        low = np.minimum(distance.astype(int), self.by_distance.shape[1] - 2)
        part = distance - low
        at_distance = self.by_distance[:, low] * (1 - part) + self.by_distance[:, low + 1] * part
        same_distance = _mean_known(at_distance, common)
        contrast = self.reliability - same_distance
        np.divide(same_phase - same_distance, contrast, out=dependence, where=contrast >= _LEAST_CONTRAST)
        return dependence

    def by_chance(
        self, basis: Float[np.ndarray, "2 2"], ratio: float, null_draws: int, generator: np.random.Generator
    ) -> Float[np.ndarray, "draw unit"]:
        """Dependence on lattices of the same shape, turned by any angle and scaled log-uniformly by 1/ratio to ratio.

        Scales that push the lattice out of the box are left out, so that fewer than `null_draws` may come back.
        """
        null = []
        for _ in range(null_draws):
            angle, scale = generator.uniform(0, np.pi), ratio ** generator.uniform(-1, 1)
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            random_basis = scale * basis @ turn
            if self.testable(random_basis):
                null.append(self.of(random_basis))
        return np.array(null).reshape(len(null), len(self.correlograms))

    def subset(self, units: np.ndarray) -> "PhaseDependence":
        """The same for some of the units."""
        return PhaseDependence(self.correlograms[units], self.by_distance[units], self.reliability[units])


def phase_dependence(maps: Float[np.ndarray, "unit x y"], min_overlap: int = 20) -> PhaseDependence:
    """Prepare maps (unvisited bins NaN) for questions about any number of lattices."""
    full = full_autocorrelogram(half_autocorrelogram(maps, min_overlap))
    nx, ny = maps.shape[1:]
    x, y = np.arange(-(nx - 1), nx), np.arange(-(ny - 1), ny)
    common = (1 - np.abs(x) / nx)[:, None] * (1 - np.abs(y) / ny)[None, :]
    distance = np.rint(np.hypot(x[:, None], y[None, :])).astype(int)
    usable: Bool[np.ndarray, "lags_x lags_y"] = common >= LEAST_OVERLAP
    rings = int(distance[usable].max()) + 2
    by_distance = np.full((len(maps), rings), np.nan)
    for ring in range(rings):
        inside = full[:, usable & (distance == ring)]
        by_distance[:, ring] = _mean_known(inside, np.ones(inside.shape[1]))
    by_distance[:, -1] = by_distance[:, -2]  # so that reading between the last two rings is defined
    return PhaseDependence(full, by_distance, _reliability(full, nx, ny))


def _reliability(full: Float[np.ndarray, "unit lags_x lags_y"], nx: int, ny: int) -> Float[np.ndarray, " unit"]:
    """R: the correlation at displacement 0 without the noise of single bins.

    Extrapolated by the parabola, even in the displacement, through the means at 1 and at 2 bins.
    """
    near = np.stack([full[:, nx, ny - 1], full[:, nx - 1, ny]], axis=1)
    far = np.stack([full[:, nx + 1, ny - 1], full[:, nx - 1, ny + 1]], axis=1)
    return np.asarray(np.clip((4 * near.mean(axis=1) - far.mean(axis=1)) / 3, None, 1.0))


def _read(correlograms: Float[np.ndarray, "unit lags_x lags_y"], vectors: Float[np.ndarray, "vector 2"]) -> np.ndarray:
    """Autocorrelograms at displacements between bins (bilinear); NaN next to unknown lags."""
    center = (np.array(correlograms.shape[1:]) - 1) / 2
    places = vectors + center
    low = np.clip(np.floor(places).astype(int), 0, np.array(correlograms.shape[1:]) - 2)
    x, y = (places - low).T
    i, j = low.T
    return np.asarray(
        correlograms[:, i, j] * ((1 - x) * (1 - y))
        + correlograms[:, i + 1, j] * (x * (1 - y))
        + correlograms[:, i, j + 1] * ((1 - x) * y)
        + correlograms[:, i + 1, j + 1] * (x * y)
    )


def _mean_known(
    values: Float[np.ndarray, "unit place"], weights: Float[np.ndarray, " place"]
) -> Float[np.ndarray, " unit"]:
    """Weighted mean over the known values of each unit; NaN when there is none."""
    finite = np.isfinite(values)
    total = (finite * weights).sum(axis=1)
    mass = (np.where(finite, values, 0.0) * weights).sum(axis=1)
    return np.asarray(np.divide(mass, total, out=np.full(len(values), np.nan), where=total > 0))
