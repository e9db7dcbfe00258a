import numpy as np
import pytest

from sicgrid.analysis import find_fields
from sicgrid.analysis.scores._field_shuffle import FieldShuffler


def by_values(maps, fields, places):
    """One map after the other: fields set down, the higher value on top; bare bins by distance; values by rank."""
    shuffled = np.empty_like(maps)
    for rates, label, peaks, number, new, result in zip(
        maps, fields.labels, fields.peaks, fields.number, places, shuffled, strict=True
    ):
        nx, ny = rates.shape
        provisional = np.empty(rates.shape)
        for x in range(nx):
            for y in range(ny):
                provisional[x, y] = -1 - min(np.hypot(x - i, y - j) for i, j in new[:number])
        for x, y in np.ndindex(rates.shape):
            field = label[x * ny + y]
            if field >= 0:
                i, j = np.array([x, y]) + new[field] - peaks[field]
                if 0 <= i < nx and 0 <= j < ny:
                    provisional[i, j] = max(provisional[i, j], rates[x, y])
        provisional[np.isnan(rates)] = np.inf
        order = np.argsort(provisional, axis=None, kind="stable")
        result.reshape(-1)[order] = np.sort(rates, axis=None)
    return shuffled


@pytest.mark.parametrize("shape", [(14, 11), (12, 12)])
def test_whole_numbers_give_the_order_of_the_values(shape):
    generator = np.random.default_rng(0)
    maps = np.round(generator.random((4, *shape)), 1)  # many bins are equal
    maps[1, 3:5, 4:9] = np.nan
    fields = find_fields(maps)
    assert fields.number.min() >= 2
    shuffler = FieldShuffler(maps, fields)
    places = shuffler._new_places(np.random.default_rng(5))
    found = shuffler.draw(np.random.default_rng(5))
    np.testing.assert_array_equal(found, by_values(maps, fields, places))


def test_boxes_beyond_short_numbers_are_shuffled_alike():
    maps = np.random.default_rng(0).random((1, 12, 190))
    fields = find_fields(maps, smoothing=2.0)
    shuffler = FieldShuffler(maps, fields)
    assert shuffler.kind == np.int32
    found = shuffler.draw(np.random.default_rng(1))
    np.testing.assert_array_equal(np.sort(found, axis=None), np.sort(maps, axis=None))
