import numpy as np
import pytest

from sicgrid.analysis import autocorrelogram, synthetic_cells
from sicgrid.analysis.maps._peaks import autocorrelogram_peaks


def test_a_hexagon_has_six_nearest_peaks_at_its_lattice_vectors(centers):
    basis = synthetic_cells.lattice_basis(0.5, 10)
    correlogram = autocorrelogram(synthetic_cells.grid_cells(centers, basis, [[0.3, 0.3]], 0.08)[..., 0])
    peaks = autocorrelogram_peaks(correlogram, 3)
    found = peaks.displacements[:6] * 0.05
    angles = np.sort(np.rad2deg(np.arctan2(found[:, 1], found[:, 0])) % 360)
    np.testing.assert_allclose(np.hypot(*found.T), 0.5, rtol=0.03)
    np.testing.assert_allclose(angles, 10 + 60 * np.arange(6), atol=3)
    np.testing.assert_allclose(peaks.heights[:6], 1, atol=0.15)
    assert (np.diff(np.hypot(*peaks.displacements.T)) > -0.75).all()  # sorted by whole bins


def test_a_parabola_is_found_to_a_fraction_of_a_bin():
    x, y = np.meshgrid(np.arange(31) - 15, np.arange(31) - 15, indexing="ij")
    r = 0.9 - 0.01 * ((x - 6.3) ** 2 + (y + 4.2) ** 2)
    peaks = autocorrelogram_peaks(r, 3)
    np.testing.assert_allclose(peaks.displacements, [[6.3, -4.2]], atol=1e-9)


def test_center_borders_unknown_and_lesser_maxima_are_no_peaks():
    r = np.full((21, 21), -0.5)
    r[10, 10] = 1.0  # the central peak
    r[10, 16] = 0.6
    r[12, 16] = 0.5  # within the reach of the higher one
    r[0, 3] = 0.9  # at the border
    r[4, 4], r[4, 5] = 0.8, np.nan  # beside the unknown
    r[16, 3] = -0.1  # not positive
    np.testing.assert_array_equal(autocorrelogram_peaks(r, 3).displacements, [[0, 6]])
    assert len(autocorrelogram_peaks(np.full((21, 21), np.nan), 3).heights) == 0


@pytest.mark.parametrize("reach", [1, 4])
def test_peaks_come_in_opposite_pairs(known, reach):
    displacements = autocorrelogram_peaks(autocorrelogram(known["noise"][0]), reach).displacements
    for one in displacements:
        assert np.abs(displacements + one).max(axis=1).min() < 1e-6
