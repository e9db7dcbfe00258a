import numpy as np
import pytest

from analysis.populations import BIN, module, noise, places
from sicgrid.analysis.modules._phase_dependence import phase_dependence
from sicgrid.analysis.synthetic_cells import lattice_basis


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_one_on_its_own_lattice_and_nothing_on_another(rng) -> None:
    maps = phase_dependence(module(rng, 0.5, 10, 6))
    assert (maps.of(lattice_basis(0.5, 10) / BIN) > 0.9).all()
    assert (maps.of(lattice_basis(0.5, 40) / BIN) < 0.3).all()
    assert (maps.of(lattice_basis(0.61, 10) / BIN) < 0.3).all()


def test_fine_states_are_a_function_of_the_coarse_phase_but_not_the_reverse(rng) -> None:
    fine, coarse = lattice_basis(0.5, 10) / BIN, lattice_basis(1.0, 10) / BIN
    assert (phase_dependence(module(rng, 0.5, 10, 4)).of(coarse) > 0.9).all()
    assert (phase_dependence(module(rng, 1.0, 10, 4)).of(fine) < 0.3).all()


def test_noise_in_single_bins_does_not_count_as_structure(rng) -> None:
    maps = module(rng, 0.6, 10, 6)
    noisy = phase_dependence(maps + 0.3 * rng.normal(size=maps.shape))
    assert (noisy.of(lattice_basis(0.6, 10) / BIN) > 0.75).all()


def test_noise_and_place_cells_depend_on_no_phase(rng) -> None:
    maps = phase_dependence(np.concatenate([noise(rng, 10), places(rng, 10)]))
    values = maps.of(lattice_basis(0.6, 10) / BIN)
    assert np.nanmean(values) < 0.25


def test_maps_that_cannot_tell_are_nan() -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 40)[:, None], (40, 40))
    maps = phase_dependence(np.stack([ramp, np.ones((40, 40)), np.full((40, 40), np.nan)]))
    assert np.isnan(maps.of(lattice_basis(0.6, 10) / BIN)).all()


def test_a_lattice_wider_than_the_box_cannot_be_tested(rng) -> None:
    maps = phase_dependence(module(rng, 0.6, 10, 2))
    assert not maps.testable(lattice_basis(3.0, 10) / BIN)
    assert np.isnan(maps.of(lattice_basis(3.0, 10) / BIN)).all()


def test_vectors_come_once_each_and_leave_a_fifth_of_the_box(rng) -> None:
    maps = phase_dependence(module(rng, 0.6, 10, 1))
    basis = lattice_basis(0.6, 10) / BIN
    vectors, common = maps.vectors(basis)
    wanted = {
        (i, j)
        for i in range(-9, 10)
        for j in range(-9, 10)
        if (i, j) != (0, 0) and np.prod(np.clip(1 - np.abs(np.array([i, j]) @ basis) / 40, 0, None)) >= 0.2
    }
    found = {tuple(np.rint(v @ np.linalg.inv(basis)).astype(int).tolist()) for v in vectors}
    assert len(found) == len(vectors)
    assert found | {(-i, -j) for i, j in found} == wanted
    assert (common >= 0.2).all()


def test_chance_lattices_say_less_than_the_true_one(rng) -> None:
    maps = phase_dependence(module(rng, 0.6, 10, 5))
    basis = lattice_basis(0.6, 10) / BIN
    draws = maps.by_chance(basis, np.sqrt(2), 100, rng)
    assert draws.shape == (100, 5)
    assert (draws < maps.of(basis)).mean() > 0.95
