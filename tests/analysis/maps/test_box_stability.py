"""Whether maps and lattices of one box hold in another."""

import numpy as np
import pytest

from sicgrid.analysis import RateMaps, box_stability, lattice_deformation
from sicgrid.analysis import synthetic_cells as cells

PHASES = np.random.default_rng(0).uniform(size=(12, 2))
BASIS = cells.lattice_basis(0.6, 10)
SAME = np.broadcast_to(BASIS, (12, 2, 2))


def turned(basis, degrees):
    angle = np.deg2rad(degrees)
    return basis @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def maps_of(arena, basis=BASIS, phases=PHASES, bin_size=0.05):
    edges = np.linspace(-arena / 2, arena / 2, round(arena / bin_size) + 1)
    maps = np.moveaxis(cells.grid_cells(cells.bin_centers(edges), basis, phases, 0.1), -1, 0)
    return RateMaps(maps, np.ones(maps.shape[1:]), edges, edges)


def test_a_code_of_the_place_is_the_same_in_every_box():
    found = box_stability(maps_of(2.0), maps_of(3.0), SAME, SAME)
    np.testing.assert_allclose(found.correlation, 1.0)
    assert found.null_p95 < 0.9
    assert found.shared_bins == 1600
    np.testing.assert_allclose(found.strain, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.scale, 1.0)
    np.testing.assert_allclose(found.rotation_deg, 0.0, atol=1e-9)


def test_a_lattice_that_stretches_with_the_box_is_told():
    found = box_stability(maps_of(2.0), maps_of(3.0, 1.5 * BASIS), SAME, 1.5 * SAME)
    assert np.nanmedian(found.correlation) < 0.5
    np.testing.assert_allclose(found.scale, 1.5)
    np.testing.assert_allclose(found.strain, 0.5)


def test_shifted_phases_keep_the_lattice_but_not_the_map():
    found = box_stability(maps_of(2.0), maps_of(3.0, phases=PHASES + np.array([0.5, 0.25])), SAME, SAME)
    assert np.all(found.correlation < 0.2)
    np.testing.assert_allclose(found.strain, 0.0, atol=1e-12)


def test_units_that_swap_maps_do_no_better_than_the_null():
    found = box_stability(maps_of(2.0), maps_of(3.0, phases=np.roll(PHASES, 1, axis=0)))
    assert np.median(found.correlation) < found.null_p95
    assert found.strain is found.deformation is None


def test_flat_units_and_units_without_a_lattice_are_nan():
    flat = maps_of(2.0)
    flat.maps[3] = 0.7
    bases = SAME.copy()
    bases[5] = np.nan
    found = box_stability(flat, maps_of(3.0), bases, SAME)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(found.correlation)), [3])
    for numbers in (found.strain, found.scale, found.rotation_deg):
        np.testing.assert_array_equal(np.flatnonzero(np.isnan(numbers)), [5])


@pytest.mark.parametrize("choice", [[[1, 0], [0, 1]], [[0, 1], [-1, 1]], [[1, -1], [0, 1]], [[0, 1], [1, 0]]])
def test_the_deformation_does_not_depend_on_the_choice_of_basis(choice):
    stretch = np.array([[1.1, 0.02], [0.0, 0.95]])
    found = lattice_deformation(BASIS[None], (np.array(choice) @ BASIS @ stretch.T)[None])
    np.testing.assert_allclose(found[0], stretch, atol=1e-12)


def test_turning_by_ten_degrees_and_by_sixty():
    found = box_stability(maps_of(2.0), maps_of(2.0), SAME, turned(SAME, 10))
    np.testing.assert_allclose(found.rotation_deg, 10.0)
    np.testing.assert_allclose(lattice_deformation(BASIS[None], turned(BASIS, 60)[None])[0], np.eye(2), atol=1e-12)


@pytest.mark.parametrize(
    ("other", "bases", "message"),
    [
        (maps_of(3.0, phases=PHASES[:4]), (), "same units"),
        (maps_of(3.0, bin_size=0.06), (), "same bins where they overlap"),
        (maps_of(2.05), (), "same bins where they overlap"),
        (maps_of(0.1), (), "at least 10 visited bins"),
        (maps_of(2.0)._replace(x_edges=np.linspace(4, 6, 41)), (), "in x they span -1 to 1 m and 4 to 6 m"),
        (maps_of(3.0), (SAME,), "together"),
        (maps_of(3.0), (SAME[:2], SAME[:2]), "one basis for each of 12 units"),
        (maps_of(3.0), (SAME, SAME[:2]), "must both be"),
        (maps_of(3.0), (0 * SAME, SAME), "linearly independent"),
    ],
)
def test_boxes_that_do_not_belong_together_are_refused(other, bases, message):
    with pytest.raises(ValueError, match=message):
        box_stability(maps_of(2.0), other, *bases)
