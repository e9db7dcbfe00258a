"""The states of a population as points: principal components, and a picture in three dimensions (C7)."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from pydantic import Field

from ..._numbers import plain_numbers
from ..._repr import brief
from ..._settings import Settings

EmbeddingMethod = Literal["spectral", "isomap"]

# A torus needs four dimensions if it is flat and three if it is bent; of two units it cannot be made.
MIN_UNITS = 3


class StateSpaceConfig(Settings):
    """How a module's states are pictured."""

    method: Literal["spectral", "isomap"] = Field("spectral", description="Embedding. Source: paper (either).")
    components: int = Field(6, ge=3, description="Principal components kept first. Source: paper.")
    neighbors: int = Field(15, ge=2, description="Of the neighborhood graph. Source: ours.")
    points: int = Field(1500, ge=50, description="States shown, at most. Source: ours (memory grows with the square).")


@brief
@dataclass(frozen=True)
class PrincipalComponents:
    """States in the axes along which they vary most.

    scores : (points, components); `axes` (components, units used): ``scores = ((states - mean) / scale)[:, units] @
    axes.T``
    variance_ratio : (units used,) share of the variance along every axis, descending, of all axes and not only those
    kept
    units : indices of the units used; constant ones carry nothing and are left out
    mean, scale : (units used,)
    """

    scores: Float[np.ndarray, "point component"]
    axes: Float[np.ndarray, "component used"]
    variance_ratio: Float[np.ndarray, " used"]
    units: Int[np.ndarray, " used"]
    mean: Float[np.ndarray, " used"]
    scale: Float[np.ndarray, " used"]

    @property
    def explained(self) -> float:
        """Share of the variance within the components kept."""
        return float(self.variance_ratio[: self.scores.shape[1]].sum())


@brief
@dataclass(frozen=True)
class Embedding:
    """A picture of the state space in few dimensions.

    coordinates : (points shown, dimensions), in units of the method's own
    points : (points shown,) which states these are
    method : "spectral" or "isomap"
    neighbors : of the neighborhood graph, as used (raised until the graph is in one piece)
    """

    coordinates: Float[np.ndarray, "shown dimension"]
    points: Int[np.ndarray, " shown"]
    method: EmbeddingMethod
    neighbors: int


def check_states(states: npt.ArrayLike, needed: int = 4) -> Float[np.ndarray, "point unit"]:
    """States as float64 (points, units), finite, with at least MIN_UNITS units that vary and `needed` points."""
    values = plain_numbers("states", states, np.float64)
    if values.ndim != 2:
        raise ValueError(
            f"states must have shape (points, units), got {values.shape}; rate maps (units, x, y): "
            "maps.reshape(units, -1).T[visited]; a recording (animals, time, units): states.reshape(-1, units)"
        )
    if values.shape[1] < MIN_UNITS:
        raise ValueError(
            f"states must have at least {MIN_UNITS} units, got {values.shape[1]}: fewer cannot hold a torus"
        )
    bad = int(np.count_nonzero(~np.isfinite(values).all(axis=1)))
    if bad:
        raise ValueError(
            f"states must be finite, but {bad} of {len(values)} points hold NaN or infinite values; "
            "leave unvisited bins of rate maps out first"
        )
    if len(values) < needed:
        raise ValueError(f"states must have at least {needed} points, got {len(values)}; record more or ask for less")
    varying = int(varying_units(values).sum())
    if varying < MIN_UNITS:
        raise ValueError(
            f"states must have at least {MIN_UNITS} units that vary, found {varying} of {values.shape[1]}; "
            "the others are silent or constant"
        )
    return values


def varying_units(states: Float[np.ndarray, "point unit"]) -> np.ndarray:
    """Which units vary by more than rounding: standard deviation above 1e-6 of the largest size of any state."""
    return np.asarray(states.std(axis=0) > _least_spread(states))


def _least_spread(states: Float[np.ndarray, "point unit"]) -> float:
    """Standard deviation up to which a unit counts as constant."""
    return 1e-6 * max(float(np.abs(states).max()), np.finfo(float).tiny)


def principal_components(states: npt.ArrayLike, components: int = 6, standardize: bool = True) -> PrincipalComponents:
    """Principal components of a population's states; C7 and Gardner et al. 2022 keep six.

    Each unit is centered and, if `standardize`, divided by its standard deviation (z-scored, as Gardner et al. 2022
    do), then the axes are the eigenvectors of the covariance. Signs: the largest entry of each axis is positive.

    Parameters
    ----------
    states : (points, units)
        A network's states, or rate maps with bins as points: ``maps.reshape(units, -1).T`` over the visited bins.
    components
        How many to keep; at most the number of units that vary. Six, because a hexagonal lattice has three plane
        waves of the same length, each with a cosine and a sine.

    standardize
        Whether each unit counts as much as any other. Without it loud units lead.

    Raises
    ------
    ValueError
        For NaN, fewer than three units that vary, fewer than 4 points, components below 1.

    >>> line = np.linspace(-1, 1, 50)[:, None] * np.array([1.0, 2.0, -1.0])  # states along a line
    >>> principal_components(line, components=2).variance_ratio.round(3).tolist()
    [1.0, 0.0, 0.0]

    """
    values = check_states(states)
    if components < 1:
        raise ValueError(f"components must be at least 1, got {components}")
    spread = values.std(axis=0)
    units = np.flatnonzero(spread > _least_spread(values))
    values = values[:, units]
    mean = values.mean(axis=0)
    scale = spread[units] if standardize else np.ones(len(units))
    values = (values - mean) / scale
    variance, axes = _leading_axes(values, components)
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    return PrincipalComponents(values @ axes.T, axes, variance / variance.sum(), units, mean, scale)


def _leading_axes(
    values: Float[np.ndarray, "point unit"], components: int
) -> tuple[Float[np.ndarray, " unit"], Float[np.ndarray, "axis unit"]]:
    """Variances of centered values along all axes of their covariance, the largest first, and the first axes."""
    points, units = values.shape
    if units <= points:
        variance, vectors = np.linalg.eigh(values.T @ values / points)
        return np.maximum(variance[::-1], 0), vectors[:, ::-1].T[:components]
    # Products of states in place of units: the same variances but for zeros, from the smaller matrix.
    variance, vectors = np.linalg.eigh(values @ values.T / points)
    axes, _ = np.linalg.qr(values.T @ vectors[:, ::-1][:, :components])
    return np.pad(np.maximum(variance[::-1], 0), (0, units - points)), axes.T


def embed_states(
    states: npt.ArrayLike,
    method: EmbeddingMethod = "spectral",
    components: int = 6,
    dimensions: int = 3,
    neighbors: int = 15,
    max_points: int = 1500,
    seed: int = 0,
) -> Embedding:
    """Show a module's states in three dimensions: principal components, then spectral embedding or Isomap (C7).

    Parameters
    ----------
    states : (points, units)
        As for :func:`principal_components`.
    method
        "spectral" (Laplacian eigenmaps, Belkin & Niyogi 2003) or "isomap" (Tenenbaum et al. 2000).
    components
        Principal components kept first (the paper: 6).
    neighbors
        Of the graph of nearest neighbors. The paper is silent; 15 is ours. Doubled until the graph is in one piece.
    max_points
        With more states, this many are drawn at random: both methods need memory and time that grow with the square.
    dimensions
        Of the picture (C7: 3).
    seed
        Of that draw, and of the start of the spectral method's solver.

    Raises
    ------
    ValueError
        As :func:`principal_components`, for an unknown method, or fewer points than neighbors + 1.

    Notes
    -----
    A flat torus does not fit into three dimensions without bending, so the picture is twisted and its distances are not
    those of the states; the verdict is that of :func:`topology`, not of the eye.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells, wave_vectors
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> phases = np.random.default_rng(0).random((12, 2))
    >>> states = synthetic_cells.grid_cells(centers.reshape(-1, 2), basis, phases, 0.08)
    >>> embed_states(states, max_points=200).coordinates.shape
    (200, 3)

    """
    if method not in get_args(EmbeddingMethod):
        raise ValueError(f'method must be "spectral" or "isomap", got {method!r}')
    if dimensions < 1 or neighbors < 2:
        raise ValueError(f"dimensions must be at least 1 and neighbors at least 2, got {dimensions} and {neighbors}")
    scores = principal_components(check_states(states, max(neighbors + 1, dimensions + 2)), components).scores
    points = np.arange(len(scores))
    if len(points) > max_points:
        points = np.sort(np.random.default_rng(seed).choice(len(points), max_points, replace=False))
    cloud = scores[points]
    # Imported here: scikit-learn takes a second to load, which `import sicgrid.analysis` should not.
    from scipy.sparse.csgraph import connected_components
    from sklearn.manifold import Isomap, SpectralEmbedding
    from sklearn.neighbors import kneighbors_graph

    # Each point counted among its neighbors, as the spectral embedding does; Isomap's graph has more edges, not fewer.
    while connected_components(kneighbors_graph(cloud, neighbors, include_self=True), directed=False)[0] > 1:
        neighbors = min(2 * neighbors, len(cloud) - 1)
    model: Any
    if method == "spectral":
        model = SpectralEmbedding(dimensions, affinity="nearest_neighbors", n_neighbors=neighbors, random_state=seed)
    else:
        model = Isomap(n_components=dimensions, n_neighbors=neighbors)
    return Embedding(np.asarray(model.fit_transform(cloud), dtype=np.float64), points, method, neighbors)
