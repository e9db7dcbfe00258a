import re

import numpy as np
import pytest

from analysis import by_loops
from sicgrid.analysis import lattice, lattice_shape, rate_maps, synthetic_cells

HEXAGON = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def apart(one, other):
    """Difference of two orientations modulo 60."""
    return abs((one - other + 30) % 60 - 30)


def check(found, basis, phase):
    spacing, orientation = by_loops.spacing_and_orientation(basis.tolist())
    assert found.found, found.reason
    assert found.spacing_m == pytest.approx(spacing, rel=0.01)
    assert apart(found.orientation_deg, orientation) < 1
    # The basis found is one of the true lattice: true coordinates of its vectors are whole numbers, determinant 1.
    coordinates = found.basis_m @ np.linalg.inv(basis)
    np.testing.assert_allclose(coordinates, np.rint(coordinates), atol=0.02)
    assert abs(round(np.linalg.det(np.rint(coordinates)))) == 1
    missed = (found.phase @ found.basis_m - np.asarray(phase) @ basis) @ np.linalg.inv(basis)
    assert np.linalg.norm((missed - np.rint(missed)) @ basis) < 0.01  # a fifth of a bin


@pytest.mark.parametrize("width", [0.1, 0.15, 0.22])
@pytest.mark.parametrize("shear", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("spacing", [0.3, 0.4, 0.55, 0.75, 1.0])
def test_ideal_lattices_within_one_percent_and_one_degree(centers, spacing, shear, width):
    generator = np.random.default_rng(int(1000 * spacing + 100 * shear + 10 * width))
    for _ in range(2):
        basis = synthetic_cells.lattice_basis(
            spacing, generator.uniform(0, 60), shear, generator.uniform(0, 180), angle_deg=generator.uniform(57, 63)
        )
        phase = generator.uniform(size=2)
        maps = synthetic_cells.grid_cells(centers, basis, [phase], width * spacing)
        check(lattice(maps[..., 0]), basis, phase)


@pytest.mark.parametrize("orientation", [0, 15, 29, 30, 31, 45, 59])
def test_orientations_between_which_the_axes_change_roles(centers, orientation):
    basis = synthetic_cells.lattice_basis(0.5, orientation)
    found = lattice(synthetic_cells.grid_cells(centers, basis, [[0.3, 0.8]], 0.08)[..., 0])
    check(found, basis, [0.3, 0.8])
    assert 0 <= found.orientation_deg < 60
    assert found.ellipticity == pytest.approx(1, abs=0.01)


def test_one_and_a_third_meters_in_a_two_meter_box(centers):
    basis = synthetic_cells.lattice_basis(1.3, 11)
    check(lattice(synthetic_cells.grid_cells(centers, basis, [[0.9, 0.4]], 0.2)[..., 0]), basis, [0.9, 0.4])


def test_noise_unvisited_bins_and_unequal_fields(walk):
    generator = np.random.default_rng(5)
    basis = synthetic_cells.lattice_basis(0.6, 13, 0.1)
    activity = synthetic_cells.grid_cells(walk, basis, [[0.15, 0.35]], 0.11)
    activity = activity * synthetic_cells.noise_cells(walk, 1, 0.5, generator).clip(0.3) + 0.1 * generator.random(
        (60, 300, 1)
    )
    activity = generator.poisson(3 * activity)
    known_part = np.abs(walk - [0.4, 0.2]).max(axis=-1) > 0.15  # the animals avoid a square
    maps = rate_maps(walk[known_part], activity[known_part], np.linspace(-1, 1, 41)).maps
    assert np.isnan(maps).sum() >= 25
    found = lattice(maps[0])
    spacing, orientation = by_loops.spacing_and_orientation(basis.tolist())
    assert found.spacing_m == pytest.approx(spacing, rel=0.02)
    assert apart(found.orientation_deg, orientation) < 2


@pytest.mark.parametrize("fields", [2, 3])
@pytest.mark.parametrize("spacing", [0.6, 1.0])
def test_several_fields_per_unit_cell_are_still_that_lattice(centers, fields, spacing):
    phases = np.array([[0.1, 0.2], [0.43, 0.41], [0.75, 0.9]])[:fields]
    basis = synthetic_cells.lattice_basis(spacing, 20)
    found = lattice(synthetic_cells.grid_cells(centers, basis, phases[None], 0.12 * spacing)[..., 0])
    assert found.spacing_m == pytest.approx(spacing, rel=0.01)
    assert apart(found.orientation_deg, 20) < 1


@pytest.mark.parametrize(
    ("phases", "share", "turn"),
    [
        ([[0, 0], [1 / 3, 1 / 3], [2 / 3, 2 / 3]], 1 / np.sqrt(3), 30),
        ([[0, 0], [0.5, 0], [0, 0.5], [0.5, 0.5]], 0.5, 0),
    ],
)
def test_a_full_sublattice_is_the_finer_lattice(centers, phases, share, turn):
    basis = synthetic_cells.lattice_basis(1.0, 8)
    found = lattice(synthetic_cells.grid_cells(centers, basis, [phases], 0.1)[..., 0])
    assert found.spacing_m == pytest.approx(share, rel=0.01)
    assert apart(found.orientation_deg, 8 + turn) < 1


def test_bin_size_scales_lengths_only(known):
    one, two = lattice(known["sheared"][0], 0.05), lattice(known["sheared"][0], 0.1)
    assert two.spacing_m == pytest.approx(2 * one.spacing_m)
    np.testing.assert_allclose(two.basis_m, 2 * one.basis_m)
    assert two.orientation_deg == one.orientation_deg
    np.testing.assert_array_equal(two.phase, one.phase)


@pytest.mark.parametrize("turn", [0, 90])
def test_rectangular_maps(turn):
    x, y = (np.arange(30) - 14.5) * 0.05, (np.arange(50) - 24.5) * 0.05
    places = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    basis = synthetic_cells.lattice_basis(0.5, 5)
    maps = synthetic_cells.grid_cells(places, basis, [[0.4, 0.1]], 0.08)[..., 0]
    if turn:
        assert apart(lattice(np.rot90(maps)).orientation_deg, 5 + 90) < 0.5
    else:
        check(lattice(maps), basis, [0.4, 0.1])


@pytest.mark.parametrize(
    ("maps", "reason"),
    [
        ("stripes", "one direction|on one line"),
        ("place", "fewer than two peaks"),
        (np.random.default_rng(0).normal(size=(40, 40)), "white noise"),
        (np.full((40, 40), 0.2), "constant"),
        (np.full((40, 40), np.nan), "visited"),
    ],
)
def test_no_lattice_is_nan_with_a_reason(known, maps, reason):
    for one in known[maps] if isinstance(maps, str) else maps[None]:
        found = lattice(one)
        assert not found.found
        assert re.search(reason, found.reason)
        assert np.isnan([found.spacing_m, found.orientation_deg, found.ellipticity, found.explained]).all()
        assert np.isnan(found.basis_m).all()
        assert np.isnan(found.phase).all()


@pytest.mark.parametrize(
    ("maps", "bin_size", "says"),
    [
        (np.zeros((2, 40, 40)), 0.05, r"\(nx, ny\)"),
        (np.zeros((40, 40)), 0.0, "bin_size"),
        (np.zeros((5, 5)), 1.0, "10 bins"),
    ],
)
def test_bad_input_is_named(maps, bin_size, says):
    with pytest.raises(ValueError, match=says):
        lattice(maps, bin_size)


def test_shape_of_known_lattices():
    assert lattice_shape(HEXAGON)[:3] == pytest.approx((1, 0, 1))
    square = lattice_shape(np.eye(2))
    assert square[:3] == pytest.approx(((2 + np.sqrt(2)) / 3, 0, np.sqrt(3)))
    stretched = lattice_shape(HEXAGON * [1.2, 1.0])
    assert stretched.ellipticity == pytest.approx(1.2)


def test_an_axis_just_below_x_reads_just_below_60():
    turn = np.deg2rad(-5)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    found = lattice_shape(HEXAGON @ rotation)
    assert found.orientation_deg == pytest.approx(55)
    assert np.rad2deg(np.arctan2(*found.basis_m[0, ::-1])) == pytest.approx(-5)
    assert np.rad2deg(np.arctan2(*found.basis_m[1, ::-1])) == pytest.approx(55)


@pytest.mark.parametrize("seed", range(5))
def test_every_basis_of_a_lattice_gives_the_same_shape(seed):
    generator = np.random.default_rng(seed)
    basis = synthetic_cells.lattice_basis(
        0.7, generator.uniform(0, 60), generator.uniform(0, 0.3), generator.uniform(0, 180)
    )
    shape = lattice_shape(basis)
    spacing, orientation = by_loops.spacing_and_orientation(basis.tolist())
    assert shape.spacing_m == pytest.approx(spacing)
    assert apart(shape.orientation_deg, orientation) < 1e-6
    for change in ([[1, 1], [0, 1]], [[0, -1], [1, 0]], [[2, 3], [1, 2]], [[-1, 0], [0, 1]]):
        other = lattice_shape(np.array(change) @ basis)
        np.testing.assert_allclose(other.basis_m, shape.basis_m, atol=1e-12)
        assert other.ellipticity == pytest.approx(shape.ellipticity)


def test_shape_of_no_lattice_is_an_error():
    with pytest.raises(ValueError, match="linearly independent"):
        lattice_shape([[1.0, 2.0], [2.0, 4.0]])


def poisson_maps(spacing, side, count, peak, seed, minutes=20):
    """Spikes over seconds of ``count`` cells, each turned and shifted by itself; times in bins differ by 20 times."""
    generator = np.random.default_rng(seed)
    edges = np.linspace(-side / 2, side / 2, round(side / 0.05) + 1)
    centers = synthetic_cells.bin_centers(edges)
    seconds = generator.lognormal(0, 0.7, centers.shape[:2])
    seconds *= 60 * minutes / seconds.sum()
    turns, maps = generator.uniform(0, 60, count), []
    for turn in turns:
        basis = synthetic_cells.lattice_basis(spacing, turn)
        fine = centers[:, :, None] + 0.0125 * (
            np.stack(np.meshgrid([-1.5, -0.5, 0.5, 1.5], [-1.5, -0.5, 0.5, 1.5]), -1)
        ).reshape(16, 2)
        rates = peak * synthetic_cells.grid_cells(fine, basis, generator.random((1, 2)), 0.16 * spacing)[..., 0].mean(
            -1
        )
        maps.append(generator.poisson(rates * seconds) / seconds)
    return maps, seconds, turns


@pytest.mark.parametrize(("spacing", "side"), [(0.25, 1.0), (0.42, 1.0), (0.6, 2.0)])
def test_standard_errors_are_those_of_poisson_spikes(spacing, side):
    maps, seconds, turns = poisson_maps(spacing, side, 30, 8.0, 5)
    found = [lattice(one, seconds=seconds) for one in maps]
    assert all(one.found for one in found)
    spacing_z = np.array([(one.spacing_m - spacing) / one.spacing_se_m for one in found])
    turn_z = np.array(
        [
            ((one.orientation_deg - turn + 30) % 60 - 30) / one.orientation_se_deg
            for one, turn in zip(found, turns, strict=True)
        ]
    )
    for z in (spacing_z, turn_z):
        assert abs(z.mean()) < 4 / np.sqrt(30)
        assert 0.7 < z.std() < 1.4


def test_fine_lattices_in_a_large_box_are_found():
    """A quarter of a meter in 2 m was found once in six times on smoothed maps."""
    maps, seconds, _ = poisson_maps(0.25, 2.0, 12, 8.0, 1)
    found = [lattice(one, seconds=seconds).spacing_m for one in maps]
    np.testing.assert_allclose(found, 0.25, rtol=0.02)


def test_a_bin_of_hardly_any_time_does_not_move_the_lattice():
    maps, seconds, _ = poisson_maps(0.42, 1.0, 1, 8.0, 3)
    before = lattice(maps[0], seconds=seconds)
    seconds[3, 4], maps[0][3, 4] = 0.02, 50.0  # one spike in one sample
    after = lattice(maps[0], seconds=seconds)
    assert after.spacing_m == pytest.approx(before.spacing_m, rel=0.003)


@pytest.mark.parametrize("seconds", [np.ones((39, 40)), np.zeros((40, 40)), np.full((40, 40), np.nan)])
def test_seconds_that_do_not_fit_are_refused(known, seconds):
    with pytest.raises(ValueError, match="seconds must be"):
        lattice(known["hexagonal"][0], seconds=seconds)


def test_negative_rates_are_none_of_spikes(known):
    with pytest.raises(ValueError, match="rates of spikes"):
        lattice(known["hexagonal"][0] - 1.0, seconds=np.ones((40, 40)))
