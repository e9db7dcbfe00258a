import numpy as np
import pytest

from sicgrid.analysis import lattice_shape
from sicgrid.analysis.lattices._lattice_distance import (
    aligned,
    hermite_forms,
    lattice_distance,
    log_size,
    pair_terms,
    sublattices,
)
from sicgrid.analysis.synthetic_cells import lattice_basis


@pytest.mark.parametrize("change", [[[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[1, 1], [0, 1]], [[-1, 0], [-1, -1]]])
def test_a_lattice_is_at_distance_zero_from_itself_in_any_basis(change) -> None:
    basis = lattice_basis(0.7, 20, shear=0.1)
    other = np.array(change, dtype=float) @ basis
    assert lattice_distance(other[None], basis)[0] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(aligned(other[None], basis)[0], basis, atol=1e-12)


def test_distance_is_the_log_ratio_of_spacings_or_the_angle() -> None:
    basis = lattice_basis(0.7, 20)
    assert lattice_distance(lattice_basis(0.7 * np.exp(0.02), 20)[None], basis)[0] == pytest.approx(0.02, rel=1e-3)
    assert lattice_distance(lattice_basis(0.7, 22)[None], basis)[0] == pytest.approx(np.deg2rad(2), rel=1e-3)
    # 58 degrees further is 2 degrees back, by symmetry.
    assert lattice_distance(lattice_basis(0.7, 78)[None], basis)[0] == pytest.approx(np.deg2rad(2), rel=1e-3)


def test_pair_terms_give_the_same_distances() -> None:
    rng = np.random.default_rng(0)
    bases = np.array(
        [
            lattice_shape(
                lattice_basis(0.6 * np.exp(0.05 * rng.normal()), 29 + 3 * rng.normal(), 0.05 * rng.normal())
            ).basis_m
            for _ in range(12)
        ]
    )
    distances = np.sqrt(pair_terms(bases).squared(log_size(bases)))
    for row, basis in zip(distances, bases, strict=True):
        np.testing.assert_allclose(row, lattice_distance(bases, basis), rtol=0.03, atol=1e-6)


def test_sublattices_have_their_index_and_are_all_there() -> None:
    basis = lattice_basis(0.5, 10)
    found = sublattices(basis)
    # sigma(n) sublattices of index n: 3 + 4 + 7
    assert [sum(index == n for index, _ in found) for n in (2, 3, 4)] == [3, 4, 7]
    for index, sub in found:
        assert np.linalg.det(sub) == pytest.approx(index * np.linalg.det(basis))
        np.testing.assert_allclose(sub @ np.linalg.inv(basis), np.rint(sub @ np.linalg.inv(basis)), atol=1e-9)
    spacings = {round(lattice_shape(sub).spacing_m, 6) for index, sub in found if index == 3}
    assert round(0.5 * np.sqrt(3), 6) in spacings


@pytest.mark.parametrize("index", range(1, 13))
def test_hermite_forms_are_all_subgroups_of_their_index_each_once(index) -> None:
    """By their points modulo `index`, of which every sublattice of this index holds all multiples."""
    held = set()
    for rows in hermite_forms(index):
        assert np.linalg.det(rows) == pytest.approx(index)
        steps = np.stack(np.meshgrid(*[np.arange(index)] * 2), axis=-1).reshape(-1, 2)
        held.add(frozenset(map(tuple, np.mod(steps @ rows, index).astype(int).tolist())))
    assert all(len(places) * index == index**2 for places in held)
    assert len(held) == len(hermite_forms(index)) == sum(a for a in range(1, index + 1) if index % a == 0)
