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
    those of its map, of a bare bin its squared distance. They are sorted by counting, in compiled loops.
    """

    def __init__(self, maps: Float[np.ndarray, "map x y"], fields: Fields) -> None:
        count, nx, ny = maps.shape
        self.fields, self.shape = fields, maps.shape
        flat = maps.reshape(count, -1)
        self.visited: Bool[np.ndarray, "map x y"] = np.isfinite(maps)
        order = np.argsort(flat, axis=1, kind="stable")  # NaN last
        self.values = np.take_along_axis(flat, order, axis=1)
        rank = np.zeros(flat.shape, dtype=np.int32)
        rising = np.cumsum(self.values[:, 1:] > self.values[:, :-1], axis=1)  # equal values have one rank
        np.put_along_axis(rank, order[:, 1:], rising.astype(np.int32), axis=1)
        of_map, of_bin = np.nonzero(fields.labels >= 0)
        upwards = np.lexsort((rank[of_map, of_bin], of_map))
        of_map, of_bin = of_map[upwards], of_bin[upwards]
        # The bins of fields, map by map, from the lowest to the highest: of several in one place the highest stays.
        self.starts = np.searchsorted(of_map, np.arange(count + 1))
        self.rank = rank[of_map, of_bin]
        self.field = fields.labels[of_map, of_bin]
        self.x, self.y = np.divmod(of_bin, ny)
        self.free = np.argsort(~self.visited.reshape(count, -1), axis=1, kind="stable")  # visited bins first
        self.gaps = np.hypot(np.arange(nx)[:, None], np.arange(ny))

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, "map x y"]:
        """One shuffle of all maps."""
        from ...kernels.arrays import set_down  # here, since it loads numba

        fields, result = self.fields, np.empty(self.shape, dtype=self.values.dtype)
        places = self._new_places(generator)
        set_down(
            places, fields.number, fields.peaks, self.starts, self.x, self.y, self.field, self.rank, self.visited,
            self.values, result,
        )  # fmt: skip
        return result

    def _new_places(self, generator: np.random.Generator) -> Int[np.ndarray, "map field 2"]:
        """A new peak bin for each field, the highest field first."""
        from ...kernels.arrays import new_places

        fields = self.fields
        number = self.visited.sum(axis=(1, 2))
        drawn = generator.random((fields.peaks.shape[1], len(number), _CANDIDATES)) * number[:, None]
        places = np.zeros(fields.peaks.shape, dtype=np.intp)
        new_places(drawn.astype(np.intp), self.free, fields.radius, fields.number, self.gaps, places)
        return places
