import numpy as np
import pytest

from analysis.populations import BIN, module, sublattice_units
from sicgrid.analysis import lattice_shape
from sicgrid.analysis.lattices._lattice_scan import LatticeGroup
from sicgrid.analysis.modules._phase_dependence import phase_dependence
from sicgrid.analysis.modules._shared_torus import population_dependence, shared_tori
from sicgrid.analysis.synthetic_cells import lattice_basis


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def _group(members, spacing, orientation):
    basis = lattice_shape(lattice_basis(spacing, orientation) / BIN).basis_m
    return LatticeGroup(np.array(members), basis, 10.0, 0.005)


def test_an_accident_is_no_function(rng) -> None:
    """A coarse lattice that only nearly meets a fine one: the verdict needs both size and rarity."""
    maps = phase_dependence(module(rng, 0.45, 5, 6))
    own = population_dependence(maps, np.arange(6), lattice_basis(0.45, 5) / BIN, rng)
    other = population_dependence(maps, np.arange(6), lattice_basis(0.8, 25) / BIN, rng)
    assert own.is_function(0.01)
    assert not other.is_function(0.01)


def test_a_finer_group_joins_and_an_independent_one_does_not(rng) -> None:
    maps = phase_dependence(
        np.concatenate([module(rng, 1.0, 10, 4), sublattice_units(rng, 1.0, 10, 4, 3), module(rng, 0.5, 30, 4)])
    )
    groups = (
        _group(range(8, 12), 0.5, 30),
        _group(range(4, 8), 1 / np.sqrt(3), 40),
        _group(range(4), 1.0, 10),
    )
    tori = shared_tori(groups, maps, 0.01, rng)
    assert len(tori) == 2
    large = max(tori, key=lambda torus: np.linalg.det(torus.basis))
    assert large.own.tolist() == [0, 1, 2, 3]
    assert large.finer.tolist() == [4, 5, 6, 7]


def test_two_pieces_of_one_module_are_averaged(rng) -> None:
    maps = phase_dependence(module(rng, 0.6, 10, 9, jitter=0.02))
    tori = shared_tori((_group(range(6), 0.6, 10), _group(range(6, 9), 0.612, 10)), maps, 0.01, rng)
    assert len(tori) == 1
    assert len(tori[0].own) == 9
    assert lattice_shape(tori[0].basis).spacing_m * BIN == pytest.approx(0.604, abs=0.001)
