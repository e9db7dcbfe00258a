"""The lattice of spikes among its sublattices: the finer one where it leaves as little, the coarser one where not."""

import numpy as np
import pytest

from sicgrid.analysis import lattice_shape, synthetic_cells
from sicgrid.analysis.lattices._best_fit import _deviance, best_noisy_fit, reduced
from sicgrid.analysis.lattices._periodic_fit import fit_periodic

BIN, SPACING = 0.05, 0.25


def spikes(seed, weaker=1.0):
    """Rates, seconds and basis (m) of a grid cell of 8 Hz in a 2 m box, of unequal times a bin, 10 minutes in all.

    Every other row of its fields has ``weaker`` of the rate: then the lattice has twice the area.
    """
    generator = np.random.default_rng(seed)
    centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))
    seconds = 600 * generator.dirichlet(np.full(1600, 3.0)).reshape(40, 40)
    basis = synthetic_cells.lattice_basis(SPACING, generator.uniform(0, 60))
    coarse = np.array([[1, 0], [0, 2]]) @ basis
    phase = generator.random(2)
    cells = synthetic_cells.grid_cells(centers, coarse, [phase, phase + np.array([0, 0.5])], 0.13 * SPACING)
    rates = 8 * (cells[..., 0] + weaker * cells[..., 1])
    return generator.poisson(rates * seconds) / seconds, seconds, basis


def spacing(fit):
    return lattice_shape(BIN * np.linalg.inv(fit.reciprocal).T).spacing_m


@pytest.mark.parametrize("rows", [[[1, 0], [0, 2]], [[1, 1], [-1, 2]], [[2, 0], [0, 2]], [[1, 0], [1, 2]]])
@pytest.mark.parametrize("seed", range(3))
def test_beside_a_lattice_two_to_four_times_too_coarse_the_finer_one_is_chosen(rows, seed):
    rates, seconds, basis = spikes(seed)
    bases = [reduced(np.array(rows) @ basis) / BIN, reduced(basis) / BIN]
    assert spacing(best_noisy_fit(rates, bases, seconds)) == pytest.approx(SPACING, rel=0.01)


@pytest.mark.parametrize("rows", [[[1, 0], [0, 2]], [[1, 0], [1, 2]]])
@pytest.mark.parametrize("seed", range(3))
def test_from_a_lattice_twice_too_coarse_alone_the_finer_one_is_found(rows, seed):
    rates, seconds, basis = spikes(seed)
    coarse = reduced(np.array(rows) @ basis) / BIN
    assert spacing(best_noisy_fit(rates, [coarse], seconds)) == pytest.approx(SPACING, rel=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_a_lattice_that_is_the_coarser_one_stays_so(seed):
    rates, seconds, basis = spikes(seed, weaker=0.3)
    bases = [reduced(np.array(rows) @ basis) / BIN for rows in ([[1, 0], [0, 2]], [[1, 0], [0, 1]])]
    expected = lattice_shape(BIN * bases[0]).spacing_m
    assert spacing(best_noisy_fit(rates, bases, seconds)) == pytest.approx(expected, rel=0.02)


def test_what_is_left_is_the_deviance_of_poisson_counts():
    rates, seconds, basis = spikes(0)
    rates[3, 4] = np.nan
    fit = fit_periodic(rates, reduced(basis) / BIN, seconds)
    known = np.isfinite(rates)
    mean = (rates * seconds)[known].sum() / seconds[known].sum()
    left = 0.0
    for x, y in zip(*np.nonzero(known), strict=True):
        place = np.array([x, y]) - 19.5
        expected = max(float(fit.at((fit.reciprocal @ place)[None])[0]), 0.1 * mean) * seconds[x, y]
        count = rates[x, y] * seconds[x, y]
        left += 2 * ((count * np.log(count / expected) if count > 0 else 0) - (count - expected))
    assert _deviance(fit, rates, seconds) == pytest.approx(left, rel=1e-9)
