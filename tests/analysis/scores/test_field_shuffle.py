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


def test_narrow_boxes_keep_their_values():
    maps = np.random.default_rng(0).random((1, 12, 190))
    found = FieldShuffler(maps, find_fields(maps, smoothing=2.0)).draw(np.random.default_rng(1))
    np.testing.assert_array_equal(np.sort(found, axis=None), np.sort(maps, axis=None))


def by_draws(maps, fields, generator, candidates=20):
    """One field after the other, the first of its draws that keeps apart from those before, else the nearest to it."""
    most = fields.peaks.shape[1]
    visited = [np.argwhere(np.isfinite(rates)) for rates in maps]
    drawn = generator.random((most, len(maps), candidates))
    places = np.zeros(fields.peaks.shape, dtype=int)
    for unit, bins in enumerate(visited):
        for k in range(fields.number[unit]):
            best = np.inf
            for share in drawn[k, unit]:
                x, y = bins[int(share * len(bins))]
                intrusion = 0.0
                for (i, j), radius in zip(places[unit, :k], fields.radius[unit, :k], strict=True):
                    intrusion = max(intrusion, radius + fields.radius[unit, k] - np.hypot(x - i, y - j))
                if intrusion < best:
                    best, places[unit, k] = intrusion, (x, y)
    return places


def test_fields_go_to_the_first_free_place_else_to_the_freest():
    generator = np.random.default_rng(2)
    maps = generator.random((6, 15, 13))
    maps[1, 3:5, 4:9] = np.nan
    maps[2] = 0.0
    fields = find_fields(maps)
    assert fields.number.max() > 4  # too many to be kept apart
    assert fields.number[2] == 0
    found = FieldShuffler(maps, fields)._new_places(np.random.default_rng(3))
    np.testing.assert_array_equal(found, by_draws(maps, fields, np.random.default_rng(3)))
