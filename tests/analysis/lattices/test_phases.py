import numpy as np
import pytest

from analysis.populations import CENTERS, as_maps, stripes, sublattice_units
from sicgrid.analysis import lattice_shape, synthetic_cells
from sicgrid.analysis.lattices._phases import Phases, lattice_phases, tiling
from sicgrid.analysis.synthetic_cells import lattice_basis


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("shear", [0.0, 0.15])
@pytest.mark.parametrize(
    ("turned_by", "width"), [(12, 0.06), (12, 0.08), (12, 0.11), (31, 0.11), (45, 0.11), (59, 0.11)]
)  # in the conventional basis, and in others
def test_phases_are_where_the_fields_are(rng, turned_by, shear, width) -> None:
    basis = lattice_basis(0.55, turned_by, shear=shear)
    given = rng.random((20, 2))
    found = lattice_phases(as_maps(synthetic_cells.grid_cells(CENTERS, basis, given, width)), basis)
    assert found.single.all()
    error = found.coordinates - given
    np.testing.assert_allclose(error - np.rint(error), 0, atol=1e-3)
    np.testing.assert_allclose(found.closure, 0, atol=0.01)
    conventional = given @ basis @ np.linalg.inv(lattice_shape(basis).basis_m)
    np.testing.assert_allclose(np.cos(found.phi[:, 0]), np.cos(2 * np.pi * conventional[:, 0]), atol=0.01)


def test_a_tiling_does_not_depend_on_the_basis_that_was_given(rng) -> None:
    basis = lattice_basis(0.55, 12)
    maps = as_maps(synthetic_cells.grid_cells(CENTERS, basis, rng.random((20, 2)), 0.08))
    same, other = (lattice_phases(maps, change @ basis) for change in (np.eye(2), np.array([[1, 1], [0, 1]])))
    assert not np.allclose(same.coordinates, other.coordinates)
    assert tiling(same, null_draws=99) == tiling(other, null_draws=99)


def test_phases_are_modulo_the_lattice_not_modulo_cartesian_axes(rng) -> None:
    """A field moved by a lattice vector has the same phase; moved by its Cartesian part it has not."""
    basis = lattice_basis(0.55, 12)
    inverse = np.linalg.inv(basis)
    moves = np.array([[0, 0], basis[1], [basis[1, 0], 0]]) @ inverse
    maps = as_maps(synthetic_cells.grid_cells(CENTERS, basis, 0.3 + moves, 0.08))
    found = lattice_phases(maps, basis).coordinates
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert np.abs(found[0] - found[2]).max() > 0.1


def test_units_with_several_phases_or_one_wave_have_no_phase(rng) -> None:
    basis = lattice_basis(1.0, 12)
    maps = np.concatenate(
        [
            sublattice_units(rng, 1.0, 12, 2, 3),
            sublattice_units(rng, 1.0, 12, 2, 2),
            stripes(rng, 2),
            np.zeros((1, 40, 40)),
        ]
    )
    found = lattice_phases(maps, basis)
    assert not found.single.any()
    assert np.isnan(found.phi[-1]).all()


def test_unvisited_map_is_nan() -> None:
    found = lattice_phases(np.full((1, 40, 40), np.nan), lattice_basis(0.6))
    assert np.isnan(found.coordinates).all()
    assert not found.single.any()


def _given(coordinates, closure=None):
    count = len(coordinates)
    closure = np.zeros(count) if closure is None else closure
    phi = 2 * np.pi * np.column_stack([coordinates, np.mod(-coordinates.sum(axis=1), 1)])
    return Phases(phi, closure, coordinates, np.full((count, 3), 0.3), np.ones(count, dtype=bool))


def test_clustered_even_and_random_phases_are_told_apart(rng) -> None:
    random = tiling(_given(rng.random((40, 2))))
    assert random.p_clustered > 0.05
    assert random.p_even > 0.05
    clustered = tiling(_given(np.mod(0.1 * rng.normal(size=(40, 2)), 1)))
    assert clustered.p_clustered <= 0.05
    assert "cluster" in clustered.verdict
    lattice = np.stack(np.meshgrid(np.arange(6) / 6, np.arange(6) / 6), axis=-1).reshape(-1, 2)
    even = tiling(_given(lattice))
    assert even.p_even <= 0.05
    assert "more evenly" in even.verdict


def test_p_values_of_random_phases_are_uniform(rng) -> None:
    values = [tiling(_given(rng.random((15, 2))), null_draws=99, seed=seed).p_clustered for seed in range(60)]
    assert 0.35 < np.mean(values) < 0.65
    assert np.mean(np.array(values) <= 0.1) <= 0.25


def test_the_closure_tells_a_plane_from_scatter(rng) -> None:
    points = rng.random((40, 2))
    plane = tiling(_given(points, np.full(40, 3.0) + 0.05 * rng.normal(size=40)))
    assert plane.closure_deg == pytest.approx(np.rad2deg(3.0), abs=2)
    assert plane.closure_spread_deg == pytest.approx(np.rad2deg(0.05), rel=0.4)
    assert tiling(_given(points, rng.uniform(-np.pi, np.pi, 40))).closure_spread_deg > 60


def test_bad_input_is_named(rng) -> None:
    with pytest.raises(ValueError, match="at least 5 units"):
        tiling(_given(rng.random((4, 2))))
    with pytest.raises(ValueError, match=r"maps\[None\]"):
        lattice_phases(np.ones((40, 40)), lattice_basis(0.6))
    with pytest.raises(ValueError, match="fits into the map"):
        lattice_phases(np.ones((1, 40, 40)), lattice_basis(30.0))
    with pytest.raises(ValueError, match="two bins"):
        lattice_phases(np.ones((1, 40, 40)), lattice_basis(0.08))
