import math

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells as cells
from sicgrid.theory import (
    CodeSetting,
    best_code,
    best_nested_code,
    displacements,
    expected_loss,
    similar_lattices,
    state_overlap,
)
from sicgrid.theory._nested_codes import _TiedSearch

SMALL = CodeSetting(units=40, length=16, batch_size=4, sigma_x=0.1)
PLACES = displacements(SMALL)


@pytest.mark.parametrize(("kind", "second"), [("hexagonal", (0.5, math.sqrt(3) / 2)), ("square", (0.0, 1.0))])
def test_similar_lattices_contain_the_common_one(kind, second):
    common = np.array([(1.0, 0.0), second])
    for index, angle in similar_lattices(kind, 13).items():
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        finer = common @ np.array([[cos, sin], [-sin, cos]]) / math.sqrt(index)
        whole = common @ np.linalg.inv(finer)
        np.testing.assert_allclose(whole, np.rint(whole), atol=1e-9)
        assert abs(round(np.linalg.det(whole))) == index


def test_which_indices_there_are():
    assert list(similar_lattices("hexagonal", 13)) == [1, 3, 4, 7, 9, 12, 13]
    assert list(similar_lattices("square", 10)) == [1, 2, 4, 5, 8, 9, 10]


@pytest.mark.parametrize(("kind", "indices"), [("hexagonal", (1, 3, 9)), ("square", (1, 2, 5))])
def test_gradient_equals_finite_differences(kind, indices):
    angles = similar_lattices(kind, 9)
    search = _TiedSearch(SMALL, PLACES, kind, {index: angles[index] for index in indices}, 3.0)
    generator = np.random.default_rng(2)
    for _ in range(3):
        point, h = search.draw(generator), 1e-6
        point[0] = max(point[0], search.low[0] + 0.1)  # the width has a kink where the finest lattice is just resolved
        numeric = [
            (search.value(point + h * axis)[0] - search.value(point - h * axis)[0]) / (2 * h)
            for axis in np.eye(len(point))
        ]
        np.testing.assert_allclose(search.value(point)[1], numeric, atol=1e-7)


def test_all_units_of_a_nested_code_repeat_on_the_common_cell():
    nested = best_nested_code(SMALL, (1, 3, 9), restarts=2, places=PLACES)
    np.testing.assert_allclose(nested.code.spacings_m, nested.spacing_m / np.sqrt([1, 3, 9]))
    common = cells.lattice_basis(nested.spacing_m, float(nested.code.orientations_deg[0]))
    np.testing.assert_allclose(state_overlap(nested.code, common), 1.0, atol=1e-6)
    assert state_overlap(nested.code, common[0] / 3) < 0.999  # a vector of the finest lattice alone
    assert nested.loss == pytest.approx(expected_loss(nested.code, SMALL, PLACES), abs=1e-12)
    assert nested.code.units.sum() == pytest.approx(SMALL.units - 1)
    assert nested.code.units.min() >= 3


def test_one_index_is_one_module_and_ties_never_pay():
    one = best_nested_code(SMALL, (1,), restarts=3, places=PLACES)
    assert one.loss == pytest.approx(best_code(SMALL, 1, least_units=3, restarts=3, places=PLACES).loss, abs=2e-4)
    tied = best_nested_code(SMALL, (1, 3), restarts=2, places=PLACES)
    free = best_code(SMALL, 2, least_units=3, restarts=1, start=tied.code, places=PLACES)
    assert free.loss <= tied.loss + 1e-9


@pytest.mark.parametrize(
    ("indices", "options", "message"),
    [
        ((1, 2), {}, r"indices of a hexagonal lattice must be of \[1\]"),
        ((1, 3), {"kind": "square"}, r"must be of \[1, 2\]"),
        ((1, 1), {}, "distinct"),
        ((), {}, "distinct"),
        ((1,), {"restarts": 0}, "restarts must be at least 1"),
        ((1, 3), {"least_units": 2.0}, "least_units must be at least 3"),
        ((1, 3), {"least_units": 20.0}, "leave one unit of 40 constant"),
    ],
)
def test_impossible_nested_codes_are_refused(indices, options, message):
    with pytest.raises(ValueError, match=message):
        best_nested_code(SMALL, indices, places=PLACES, **options)
