import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells as cells
from sicgrid.analysis.modules._folded import SIDE, count_fields, fold, power_of, shift_groups, unchanged

CENTERS = cells.bin_centers(np.linspace(-1.5, 1.5, 61))
BASIS = cells.lattice_basis(1.1, 12)


def maps_of(phases, width=0.12, basis=BASIS):
    return np.moveaxis(cells.grid_cells(CENTERS, basis, np.asarray(phases, dtype=float), width), -1, 0)


def divisor_sum(number):
    return sum(k for k in range(1, number + 1) if number % k == 0)


def test_there_are_as_many_groups_of_an_index_as_its_divisors_add_up_to():
    found = [group.index for group in shift_groups(12)]
    assert {k: found.count(k) for k in range(2, 13)} == {k: divisor_sum(k) for k in range(2, 13)}


@pytest.mark.parametrize("group", shift_groups(9), ids=lambda group: f"{group.index}")
def test_shifts_form_a_group_and_are_those_of_the_finer_lattice(group):
    assert len(group.shifts) == group.index - 1
    every = np.vstack([[0, 0], group.shifts])
    for one in every:
        for other in every:
            total = np.mod(one + other, 1)
            assert np.isclose(np.abs(np.mod(every - total + 0.5, 1) - 0.5).sum(axis=1), 0).any()
    multiples = group.shifts @ np.linalg.inv(group.finer)
    np.testing.assert_allclose(multiples, np.rint(multiples), atol=1e-9)
    assert abs(np.linalg.det(group.finer)) == pytest.approx(1 / group.index)


def test_a_map_folds_onto_the_function_that_it_repeats():
    phases = np.array([[[0.25, 0.5]]])
    (folded,) = fold(maps_of(phases), BASIS / 0.05)
    i, j = np.unravel_index(folded.argmax(), folded.shape)
    assert (i / SIDE, j / SIDE) == (0.25, 0.5)
    at = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"), axis=-1) / SIDE @ BASIS
    expected = cells.grid_cells(at, BASIS, phases, 0.12)[..., 0]
    assert np.abs(folded - expected).max() < 0.06


def test_bins_that_were_not_visited_are_left_out():
    maps = maps_of([[[0.2, 0.3]]])
    holes = maps.copy()
    holes[:, ::7, ::5] = np.nan
    difference = fold(holes, BASIS / 0.05) - fold(maps, BASIS / 0.05)
    assert np.abs(difference).max() < 0.05


def test_phases_that_no_bin_has_take_the_nearest():
    # One bin for each of 3 x 3 cells' corners: nearly all phases are without a bin.
    folded = fold(np.arange(9.0).reshape(1, 3, 3), np.eye(2) * 1.0)
    assert np.isfinite(folded).all()
    assert folded.std() == pytest.approx(0)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_fields_are_counted_across_the_edges_of_the_cell(count):
    even = {1: [(0, 0)], 2: [(0, 0), (0.5, 0)], 3: [(0, 0), (1 / 3, 1 / 3), (2 / 3, 2 / 3)]}
    even[4] = [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)]
    even[9] = [(i / 3, j / 3) for i in range(3) for j in range(3)]
    width = 0.14 * 1.1 / np.sqrt(count)
    for moved in ([0, 0], [0.02, 0.98], [0.5, 0.25]):
        folded = fold(maps_of([np.mod(np.array(even[count]) + moved, 1)], width), BASIS / 0.05)
        assert count_fields(folded, BASIS).tolist() == [count]


def test_a_flat_map_has_no_fields():
    assert count_fields(np.ones((1, SIDE, SIDE)), BASIS).tolist() == [0]


def test_a_group_leaves_unchanged_what_has_its_shifts():
    """Two fields half a cell apart: the group of that shift keeps them, the other two of index 2 do not."""
    power = power_of(fold(maps_of([[(0, 0), (0.5, 0)]]), BASIS / 0.05))
    kept = {tuple(group.shifts[0]): value for group, value in zip(shift_groups(2), unchanged(power, 2)[0], strict=True)}
    assert kept[0.5, 0] > 0.95
    assert kept[0, 0.5] < 0.2
    assert kept[0.5, 0.5] < 0.2


def test_correlation_of_a_wave_by_hand():
    """cos(2 pi x) shifted by a third of its period: cos(2 pi / 3) = -1/2."""
    wave = np.cos(2 * np.pi * np.arange(SIDE) / SIDE)[None, :, None] * np.ones((1, 1, SIDE))
    for group, value in zip(shift_groups(3), unchanged(power_of(wave), 3)[0], strict=True):
        assert value == pytest.approx(min(np.cos(2 * np.pi * shift[0]) for shift in group.shifts), abs=1e-9)
