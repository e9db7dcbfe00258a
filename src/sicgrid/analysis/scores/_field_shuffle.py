"""Maps whose fields are somewhere else: the same rates and the same local structure, another layout."""

import numpy as np
from jaxtyping import Bool, Float, Int

from ..maps import Fields

_CANDIDATES = 20


def shuffle_fields(
    maps: Float[np.ndarray, "map x y"], fields: Fields, generator: np.random.Generator
) -> Float[np.ndarray, "map x y"]:
    """Each field of each map moved to a random place; the shuffled map holds the same values as the original.

    Fields are moved whole, the peak to a visited bin drawn at random (the first of 20 draws that keeps half-height
    discs apart, else the draw that comes nearest to it). Where two meet the higher value stands; bins left bare are
    ordered by their distance from the nearest field. The values of the original map are then given out in this
    order, so that each shuffle is a permutation of its bins: the same rates, the same local structure, another layout.

    Barry and Burgess place the bins of each field one by one on the nearest free bin instead; giving out the values by
    rank has the same aim and can be done for thousands of maps.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> cells = synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3], [0.7, 0.1]], 0.08)
    >>> maps = np.moveaxis(cells, -1, 0)
    >>> from sicgrid.analysis import find_fields
    >>> shuffled = shuffle_fields(maps, find_fields(maps), np.random.default_rng(0))
    >>> bool(np.array_equal(np.sort(shuffled[0], axis=None), np.sort(maps[0], axis=None)))  # the same values elsewhere
    True
    """
    return FieldShuffler(maps, fields).draw(generator)


class FieldShuffler:
    """Draws shuffles of the same maps; what does not depend on the draw is made once.

    Only the order of the bins matters, so that whole numbers stand for it: of a moved bin the rank of its value among
    those of its map, of a bare bin ``-1 - distance^2``. Short ones are sorted by counting, in a tenth of the time of a
    sort of the values.
    """

    def __init__(self, maps: Float[np.ndarray, "map x y"], fields: Fields) -> None:
        count, nx, ny = maps.shape
        self.fields, self.shape = fields, maps.shape
        flat = maps.reshape(count, -1)
        self.visited: Bool[np.ndarray, "map bin"] = np.isfinite(flat)
        largest = max(nx * ny, (nx - 1) ** 2 + (ny - 1) ** 2 + 1)
        self.kind = np.int16 if largest < np.iinfo(np.int16).max else np.int32
        order = np.argsort(flat, axis=1, kind="stable")  # NaN last
        self.values = np.take_along_axis(flat, order, axis=1)
        rank = np.zeros(flat.shape, dtype=self.kind)
        rising = np.cumsum(self.values[:, 1:] > self.values[:, :-1], axis=1)  # equal values have one rank
        np.put_along_axis(rank, order[:, 1:], rising.astype(self.kind), axis=1)
        of_map, of_bin = np.nonzero(fields.labels >= 0)
        upwards = np.lexsort((rank[of_map, of_bin], of_map))
        of_map, of_bin = of_map[upwards], of_bin[upwards]
        # The bins of fields, map by map, from the lowest to the highest.
        self.field_bins = of_map * (nx * ny) + of_bin
        self.rank = rank[of_map, of_bin]
        self.field = of_map * fields.peaks.shape[1] + fields.labels[of_map, of_bin]
        self.x, self.y = (part.astype(np.int32) for part in np.divmod(of_bin, ny))
        self.free = np.argsort(~self.visited, axis=1, kind="stable")  # visited bins first

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, "map x y"]:
        """One shuffle of all maps."""
        _, nx, ny = self.shape
        places = self._new_places(generator)
        key = -1 - self._squared_distances(places)
        shift_x, shift_y = (places - self.fields.peaks).reshape(-1, 2).T.astype(np.int32)
        shift_x, shift_y = shift_x[self.field], shift_y[self.field]
        x, y = self.x + shift_x, self.y + shift_y
        inside = (x >= 0) & (x < nx) & (y >= 0) & (y < ny)
        target = (self.field_bins + shift_x * ny + shift_y)[inside]
        key.reshape(-1)[target] = self.rank[inside]  # of several, the last written and therefore highest stays
        key[~self.visited] = np.iinfo(self.kind).max
        result = np.empty_like(self.values)
        np.put_along_axis(result, np.argsort(key, axis=1, kind="stable"), self.values, axis=1)
        return result.reshape(self.shape)

    def _new_places(self, generator: np.random.Generator) -> Int[np.ndarray, "map field 2"]:
        """A new peak bin for each field, the highest field first."""
        fields, (count, _, ny) = self.fields, self.shape
        most = fields.peaks.shape[1]
        number = self.visited.sum(axis=1)
        drawn = (generator.random((most, count, _CANDIDATES)) * number[:, None]).astype(np.intp)
        places = np.zeros(fields.peaks.shape, dtype=np.intp)
        for k in range(most):
            rows = np.flatnonzero(fields.number > k)  # most maps have far fewer fields than the richest
            x, y = np.divmod(np.take_along_axis(self.free[rows], drawn[k, rows], axis=1), ny)
            earlier = places[rows, :k]
            gap = np.hypot(x[:, None] - earlier[..., :1], y[:, None] - earlier[..., 1:])
            apart = fields.radius[rows, :k] + fields.radius[rows, k, None]
            intrusion = (apart[..., None] - gap).max(axis=1, initial=0.0)
            choice = np.argmin(intrusion, axis=1)
            row = np.arange(len(rows))
            places[rows, k] = np.stack([x[row, choice], y[row, choice]], axis=1)
        return places

    def _squared_distances(self, places: Int[np.ndarray, "map field 2"]) -> Int[np.ndarray, "map bin"]:
        """Of every bin, in bins, from the nearest of its map's new peaks."""
        count, nx, ny = self.shape
        squared = np.full((count, nx, ny), (nx - 1) ** 2 + (ny - 1) ** 2, dtype=self.kind)
        from_x = ((np.arange(nx) - places[..., :1]) ** 2).astype(self.kind)
        from_y = ((np.arange(ny) - places[..., 1:]) ** 2).astype(self.kind)
        for k in range(places.shape[1]):
            rows = np.flatnonzero(self.fields.number > k)
            here = from_x[rows, k, :, None] + from_y[rows, k, None, :]
            squared[rows] = np.minimum(squared[rows], here)
        return squared.reshape(count, -1)
