"""The geometry of the code: how far the state moves when the animal moves a little, place by place."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..._numbers import plain_numbers
from ..._repr import brief
from ..maps import RateMaps, as_places


@brief
@dataclass(frozen=True)
class MetricTensor:
    """The metric that the code x -> g(x) puts on space, and how far it is from a conformal isometry.

    A conformal isometry has ``G(x) = c^2 I`` everywhere: `anisotropy` 1 and `trace` the same at every place. Numbers
    over space leave out bins without a metric; they are NaN when there is none.
    """

    tensor: Float[np.ndarray, "x y 2 2"]
    """G, squared state distance per square meter; NaN where a neighboring bin is missing."""
    bin_size: float
    """Side of a bin, meters."""

    @property
    def trace(self) -> Float[np.ndarray, "x y"]:
        """``tr G = |dg/dx|^2 + |dg/dy|^2``, 1/m^2."""
        return np.asarray(np.trace(self.tensor, axis1=-2, axis2=-1))

    @property
    def anisotropy(self) -> Float[np.ndarray, "x y"]:
        """``sqrt(largest / smallest eigenvalue)``: how much faster the state moves along one direction than across it.

        1 is isotropic; NaN where the smallest eigenvalue is not positive (a direction in which nothing changes, or
        noise).
        """
        smallest, largest = np.moveaxis(self._eigenvalues(), -1, 0)
        ratio = np.divide(largest, smallest, out=np.full_like(largest, np.nan), where=smallest > 1e-12 * largest)
        return np.asarray(np.sqrt(ratio))

    @property
    def direction_deg(self) -> Float[np.ndarray, "x y"]:
        """Direction along which the state moves fastest, degrees counterclockwise from x, in [0, 180)."""
        difference = self.tensor[..., 0, 0] - self.tensor[..., 1, 1]
        return np.asarray(np.mod(np.rad2deg(np.arctan2(2 * self.tensor[..., 0, 1], difference)) / 2, 180.0))

    @property
    def speed(self) -> float:
        """State distance per meter, ``sqrt(mean of tr G / 2)``, 1/m: the c of the nearest conformal isometry."""
        mean = _mean(self.trace)
        return float(np.sqrt(mean / 2)) if mean >= 0 else float("nan")

    @property
    def trace_spread(self) -> float:
        """Standard deviation of the trace over space, as a share of its mean; 0 for one scale everywhere."""
        values = self.trace[np.isfinite(self.trace)]
        return float(values.std() / values.mean()) if len(values) and values.mean() > 0 else float("nan")

    @property
    def median_anisotropy(self) -> float:
        """Median of the anisotropy over the bins that have one."""
        values = self.anisotropy[np.isfinite(self.anisotropy)]
        return float(np.median(values)) if len(values) else float("nan")

    @property
    def anisotropy_spread(self) -> float:
        """Distance between the quartiles of the anisotropy over space."""
        values = self.anisotropy[np.isfinite(self.anisotropy)]
        return float(np.subtract(*np.percentile(values, [75, 25]))) if len(values) else float("nan")

    @property
    def degenerate_share(self) -> float:
        """Share of the bins with a metric in which it is not positive definite, so that they have no anisotropy."""
        finite = np.isfinite(self.trace)
        return float((~np.isfinite(self.anisotropy[finite])).mean()) if finite.any() else float("nan")

    @property
    def mean_tensor_anisotropy(self) -> float:
        """Anisotropy of G averaged over space: a direction that the whole code prefers, not single places."""
        finite = np.isfinite(self.trace)
        if not finite.any():
            return float("nan")
        smallest, largest = np.linalg.eigvalsh(self.tensor[finite].mean(axis=0))
        return float(np.sqrt(largest / smallest)) if smallest > 1e-12 * largest else float("nan")

    def _eigenvalues(self) -> Float[np.ndarray, "x y 2"]:
        finite = np.isfinite(self.tensor).all(axis=(-2, -1))
        values = np.full(self.tensor.shape[:-1], np.nan)
        values[finite] = np.linalg.eigvalsh(self.tensor[finite])
        return values


def metric_tensor(state_maps: RateMaps, independent: RateMaps | None = None) -> MetricTensor:
    """Metric tensor of the map from places to states.

    ``G_ij(x) = dg/dx_i . dg/dx_j``, with central differences of the mean state per bin,
    ``dg/dx ~ (g(x + h) - g(x - h)) / 2h``, h the bin size.

    Parameters
    ----------
    state_maps : RateMaps, (units, nx, ny)
        Mean states, unvisited bins NaN; all units of the code, silent and constant ones included (they add nothing).
    independent : RateMaps of the same bins from other samples (other animals, another walk)
        With it ``G_ij = (da_i . db_j + da_j . db_i) / 2``: noise in the mean states then cancels instead of adding to
        G.

    Raises
    ------
    ValueError
        For maps that cannot be read as a code (see :class:`RateMaps`), or when no bin has all four neighbors.

    Notes
    -----
    Source: the paper's conformal isometry loss asks for ``|dg| / |v|`` to be constant, that is G = c^2 I; this is that
    property measured over space instead of along steps (cf. Gao et al. 2021, Xu et al. 2022).

    Limits: differences over two bins see nothing finer. A wave of length L is damped by sin(2 pi h / L) / (2 pi h / L),
    for L = 0.3 m and h = 0.05 m to 0.83, equally in x and y but not along diagonals. Without `independent`, n samples
    per bin with variance s^2 (summed over units) add s^2 / (2 n h^2) to each diagonal element, which makes G too
    large and too isotropic. With it G may fail to be positive where noise prevails; these bins are counted in
    `degenerate_share`.

    >>> import numpy as np
    >>> from sicgrid.analysis import RateMaps
    >>> edges = np.linspace(0, 1, 11)
    >>> x, y = np.meshgrid(*[(edges[1:] + edges[:-1]) / 2] * 2, indexing="ij")
    >>> plane = RateMaps(np.stack([3 * x, 4 * y]), np.ones((10, 10)), edges, edges)  # states that are places, stretched
    >>> metric = metric_tensor(plane)
    >>> sorted(set(metric.trace[1:-1, 1:-1].round(6).ravel().tolist()))  # 3^2 + 4^2
    [25.0]

    """
    places = as_places(state_maps)
    first = gradients(state_maps.maps, places.bin_size)
    second = first
    if independent is not None:
        as_places(independent)
        same_bins = np.array_equal(state_maps.x_edges, independent.x_edges)
        same_bins &= np.array_equal(state_maps.y_edges, independent.y_edges)
        if not same_bins or state_maps.maps.shape != independent.maps.shape:
            raise ValueError(
                f"independent must have the units and bins of state_maps {state_maps.maps.shape}, "
                f"got {independent.maps.shape}: make both with the same bin_edges"
            )
        second = gradients(independent.maps, places.bin_size)
    product = np.einsum("iuxy,juxy->xyij", first, second)
    tensor = (product + np.swapaxes(product, -1, -2)) / 2
    tensor[~np.isfinite(tensor).all(axis=(-2, -1))] = np.nan
    if not np.isfinite(tensor).any():
        raise ValueError(
            "state_maps must have at least one visited bin whose four neighbors were visited too; "
            "use larger bins or longer walks"
        )
    return MetricTensor(tensor, places.bin_size)


def gradients(maps: Float[np.ndarray, "unit x y"], bin_size: float) -> Float[np.ndarray, "2 unit x y"]:
    """Central differences along x and y, per meter; NaN where the bin or a neighbor is missing."""
    values = plain_numbers("maps", maps, np.float64)
    result = np.full((2, *values.shape), np.nan)
    result[0, :, 1:-1] = (values[:, 2:] - values[:, :-2]) / (2 * bin_size)
    result[1, :, :, 1:-1] = (values[:, :, 2:] - values[:, :, :-2]) / (2 * bin_size)
    result[:, np.isnan(values)] = np.nan
    return result


def _mean(values: Float[np.ndarray, "x y"]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")
