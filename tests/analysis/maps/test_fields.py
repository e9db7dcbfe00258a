import numpy as np

from sicgrid.analysis import find_fields, synthetic_cells


def test_every_place_field_is_found_at_its_center(centers):
    middles = np.array([[-0.6, -0.6], [0.525, 0.175], [0.0, 0.775]])
    maps = synthetic_cells.place_cells(centers, middles, 0.12)
    together = (maps * [3, 2, 1]).sum(axis=-1)[None]
    fields = find_fields(together)
    assert fields.number.tolist() == [3]
    found = fields.peaks[0] * 0.05 - 0.975
    assert np.abs(found - middles).max() <= 0.051  # highest first; to a bin
    # Above half its peak a Gaussian reaches sqrt(2 ln 2) widths, widened by the smoothing of one bin.
    expected = np.sqrt(2 * np.log(2) * (0.12**2 + 0.05**2)) / 0.05
    np.testing.assert_allclose(fields.radius[0], expected, rtol=0.08)


def test_a_peak_midway_between_bins_is_one_peak(centers):
    maps = synthetic_cells.place_cells(centers, [[0.2, -0.3]], 0.15)  # where four bins meet
    assert len(np.unique(maps[maps == maps.max()])) == 1
    assert find_fields(np.moveaxis(maps, -1, 0)).number.tolist() == [1]


def test_basins_part_halfway_between_equal_fields(centers):
    maps = synthetic_cells.place_cells(centers, [[-0.525, 0.025], [0.525, 0.025]], 0.3).sum(axis=-1)[None]
    labels = find_fields(maps).labels.reshape(40, 40)
    left, right = labels[10, 20], labels[30, 20]
    assert left != right
    assert (labels[:20] == left).all()
    assert (labels[20:] == right).all()


def test_silent_maps_and_weak_peaks_have_no_field(centers):
    maps = np.zeros((3, 40, 40))
    maps[1] = synthetic_cells.place_cells(centers, [[0.5, 0.5], [-0.5, -0.5]], 0.1) @ [1.0, 0.15]
    maps[2] = np.nan
    fields = find_fields(maps)
    assert fields.number.tolist() == [0, 1, 0]
    assert (fields.labels[[0, 2]] == -1).all()
    assert (fields.radius[0] == 0).all()


def test_unvisited_bins_belong_to_no_field(known):
    maps = known["hexagonal"].copy()
    maps[:, 10:14, 20:30] = np.nan
    fields = find_fields(maps)
    assert (fields.labels.reshape(-1, 40, 40)[:, 10:14, 20:30] == -1).all()
    at_peak = np.take_along_axis(fields.labels, fields.peaks[..., 0] * 40 + fields.peaks[..., 1], axis=1)
    for one, count in zip(at_peak, fields.number, strict=True):
        assert one[:count].tolist() == list(range(count))
