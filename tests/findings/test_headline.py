"""What leads a page says no more than its nulls."""

import numpy as np
import pytest

from sicgrid.findings import chance_of_grid, grid_cells, headline


def units(first, second=None, active=None):
    table = {"active": np.ones(len(first), dtype=bool) if active is None else active, "is_grid": np.array(first)}
    return table if second is None else table | {"beats_field_shuffle": np.array(second)}


def test_a_unit_counts_that_is_active_and_beats_both_nulls():
    table = units([True] * 3 + [False], [True, True, False, True], np.array([True, False, True, True]))
    found = grid_cells(table, 100)
    assert (found.beating, found.active, found.nulls) == (1, 3, 2)
    assert grid_cells(units([True, False]), 100).nulls == 1  # a table of an earlier version


def test_chance_by_hand():
    """Three of 16 at 17.3 %: 1 minus the chance of 0, 1 and 2."""
    share = chance_of_grid(5)
    assert share == pytest.approx((5 - 3.96) / 6)
    found = grid_cells(units([True] * 3 + [False] * 13), 5)
    below = sum(w * share**k * (1 - share) ** (16 - k) for k, w in enumerate((1, 16, 120)))
    assert found.p_value == pytest.approx(1 - below)
    assert not found.beyond_chance


@pytest.mark.parametrize(
    ("table", "spacings", "shuffles", "said"),
    [
        (units([True] * 3 + [False] * 13), (), 5, "3 of 16 active units are grid cells, no more than by chance"),
        (units([False] * 4), (), 100, "No grid cells beyond chance"),
        (units([True] * 4, [False] * 4), (), 100, "No grid cells beyond chance"),
        (units([True] * 12 + [False]), (), 100, "12 of 13 active units are grid cells"),
        (units([True] * 3), (0.754, 0.848, 0.876), 100, "Three modules: 0.75, 0.85, 0.88 m"),
        (units([True] * 3), (1.02,), 100, "One module: 1.02 m"),
        (units([True] * 3), np.linspace(0.5, 0.9, 7), 100, "Seven modules: 0.50 to 0.90 m"),
        (units([False], active=np.array([False])), (), 100, "No unit is active"),
    ],
)
def test_it_says_what_was_found(table, spacings, shuffles, said):
    assert headline(table, spacings, shuffles) == said
