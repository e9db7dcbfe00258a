import numpy as np
import pytest

from sicgrid.analysis import lattice_shape
from sicgrid.analysis.lattices import _lattice_scan
from sicgrid.analysis.lattices._lattice_distance import log_size, pair_terms
from sicgrid.analysis.lattices._lattice_scan import RADII, _expected, _windows, scan_lattices
from sicgrid.analysis.synthetic_cells import lattice_basis


def _bases(spacings, orientations):
    return np.array([lattice_shape(lattice_basis(s, o)).basis_m for s, o in zip(spacings, orientations, strict=True)])


def test_expected_counts_are_those_of_drawn_continua() -> None:
    """The closed form against brute force: draw the null many times and count."""
    rng = np.random.default_rng(1)
    bases = _bases(rng.uniform(0.4, 0.9, 15), rng.uniform(0, 15, 15))
    terms, sizes = pair_terms(bases), log_size(bases)
    expected = _expected(_windows(terms), sizes, sizes)
    counts = np.zeros_like(expected)
    draws = 3000
    for _ in range(draws):
        drawn = sizes + rng.uniform(-np.log(np.sqrt(2)), np.log(np.sqrt(2)), 15)
        for center in range(15):
            moved = drawn.copy()
            moved[center] = sizes[center]
            squared = terms.squared(moved)[center]
            squared[center] = np.inf
            counts[center] += (squared[:, None] <= RADII**2).sum(axis=0)
    np.testing.assert_allclose(expected, counts / draws, atol=0.08)


def test_groups_are_found_one_after_the_other() -> None:
    rng = np.random.default_rng(2)
    spacings = np.repeat([0.5, 0.8], 12) * np.exp(0.02 * rng.normal(size=24))
    scan = scan_lattices(_bases(spacings, 10 + rng.normal(size=24)))
    assert len(scan.groups) == 2
    for group in scan.groups:
        assert len(group.members) >= 11  # beyond three median distances lies one in 500 of a round Gaussian
        assert len(set((group.members >= 12).tolist())) == 1
        assert group.p_value == pytest.approx(1 / 200)


def test_false_positives_are_as_rare_as_alpha_says() -> None:
    """Continua wide against the gap between modules; 40 of them at a level of 5 %: at most 6 (binomial, p < 0.01 for
    more)."""
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        spacings = np.exp(rng.uniform(np.log(0.3), np.log(1.5), 25))
        found += (
            len(
                scan_lattices(
                    _bases(spacings, 10 + 2 * rng.normal(size=25)), alpha=0.05, null_draws=39, seed=seed
                ).groups
            )
            > 0
        )
    assert found <= 6


def test_too_few_lattices_are_not_scanned() -> None:
    scan = scan_lattices(_bases([0.5, 0.5], [10, 10]))
    assert scan.groups == ()
    assert np.isnan(scan.rest_p_value)


def test_of_very_many_lattices_some_are_scanned_and_all_are_grouped(monkeypatch) -> None:
    monkeypatch.setattr(_lattice_scan, "MOST_SCANNED", 30)
    shapes = []
    monkeypatch.setattr(_lattice_scan, "pair_terms", lambda bases: shapes.append(len(bases)) or pair_terms(bases))
    rng = np.random.default_rng(2)
    spacings = np.repeat([0.5, 0.8], 60) * np.exp(0.02 * rng.normal(size=120))
    scan = scan_lattices(_bases(spacings, 10 + rng.normal(size=120)), null_draws=99)
    assert max(shapes) == 30
    (first, second) = scan.groups
    assert len(first.members) >= 58
    assert len(second.members) >= 58
    assert set(first.members.tolist()).isdisjoint(second.members.tolist())
    assert {len(set((group.members >= 60).tolist())) for group in scan.groups} == {1}
