import math

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells


def test_fields_stand_on_the_lattice_and_fall_off_as_gaussians():
    basis = synthetic_cells.lattice_basis(0.5, 10)
    fields = np.array([[0.2, 0.7], [3.2, -1.3], [-0.8, 4.7]]) @ basis
    at_fields = synthetic_cells.grid_cells(fields, basis, [[0.2, 0.7]], 0.06)
    np.testing.assert_allclose(at_fields, 1, atol=1e-6)
    beside = synthetic_cells.grid_cells(np.add(fields, [0.06, 0]), basis, [[0.2, 0.7]], 0.06)
    np.testing.assert_allclose(beside, math.exp(-0.5), atol=1e-6)


def test_grid_cells_equal_a_sum_over_many_fields():
    basis = synthetic_cells.lattice_basis(0.4, 33, 0.2, 70)
    place = [0.13, -0.37]
    expected = 0.0
    for m in range(-9, 10):
        for n in range(-9, 10):
            x = (0.3 + m) * basis[0, 0] + (0.1 + n) * basis[1, 0] - place[0]
            y = (0.3 + m) * basis[0, 1] + (0.1 + n) * basis[1, 1] - place[1]
            expected += math.exp(-(x * x + y * y) / (2 * 0.15**2))
    found = synthetic_cells.grid_cells([place], basis, [[0.3, 0.1]], 0.15)
    assert found[0, 0] == pytest.approx(expected, abs=1e-4)


def test_several_fields_per_cell_are_the_sum_of_single_ones(centers):
    basis = synthetic_cells.lattice_basis(0.6)
    phases = np.array([[0.1, 0.2], [0.5, 0.8]])
    both = synthetic_cells.grid_cells(centers, basis, phases[None], 0.1)
    single = synthetic_cells.grid_cells(centers, basis, phases, 0.1)
    np.testing.assert_allclose(both[..., 0], single.sum(axis=-1))


def test_basis_closed_forms():
    np.testing.assert_allclose(synthetic_cells.lattice_basis(2.0), [[2, 0], [1, math.sqrt(3)]], atol=1e-12)
    np.testing.assert_allclose(synthetic_cells.lattice_basis(1.0, 90, angle_deg=90), [[0, 1], [-1, 0]], atol=1e-12)
    np.testing.assert_allclose(
        synthetic_cells.lattice_basis(2.0, shear=0.5), [[2, 0], [1 + math.sqrt(3) / 2, math.sqrt(3)]]
    )
    sheared = synthetic_cells.lattice_basis(1.0, 20, 0.3, 50)
    assert np.linalg.det(sheared) == pytest.approx(math.sqrt(3) / 2)  # shear keeps areas


def test_stripes_are_constant_along_themselves():
    along = np.array([np.cos(np.deg2rad(120)), np.sin(np.deg2rad(120))])
    activity = synthetic_cells.stripe_cells(np.linspace(-1, 1, 9)[:, None] * along, 0.5, 30, [0.2])
    np.testing.assert_allclose(activity, activity[0, 0])
    across = np.array([np.cos(np.deg2rad(30)), np.sin(np.deg2rad(30))])
    assert synthetic_cells.stripe_cells([0.6 * across, 0.35 * across], 0.5, 30, [0.2]) == pytest.approx(
        np.array([[1], [0]]), abs=1e-12
    )


def test_place_cells():
    assert synthetic_cells.place_cells([[0.3, 0.1]], [[0.3, 0.1], [0.3, -0.1]], 0.2) == pytest.approx(
        np.array([[1, math.exp(-0.5)]])
    )


def test_noise_has_the_correlation_it_is_said_to_have():
    generator = np.random.default_rng(0)
    places = np.array([[0.0, 0.0], [0.2, 0.0], [0.0, 2.0]])
    activity = synthetic_cells.noise_cells(places, 4000, 0.1, generator, waves=2048)
    assert activity.min() == 0
    near = np.corrcoef(activity[0], activity[1])[0, 1]
    far = np.corrcoef(activity[0], activity[2])[0, 1]
    # Correlation of the field itself exp(-(0.2 / 0.1)^2 / 4) = 0.37; rectified somewhat less.
    assert 0.2 < near < 0.37
    assert abs(far) < 0.1
    assert (activity == synthetic_cells.noise_cells(places, 4000, 0.1, np.random.default_rng(0), waves=2048)).all()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.lattice_basis(0.0), "spacing_m"),
        (lambda s: s.grid_cells([0.1, 0.2, 0.3], np.eye(2), [[0, 0]], 0.1), "positions"),
        (lambda s: s.grid_cells([[0, 0]], np.ones((2, 2)), [[0, 0]], 0.1), "basis_m"),
        (lambda s: s.grid_cells([[0, 0]], np.eye(2), [0, 0], 0.1), "phases"),
        (lambda s: s.grid_cells([[0, 0]], np.eye(2), [[0, 0]], 0.0), "field_width"),
        (lambda s: s.place_cells([[0, 0]], [0, 0], 0.1), "centers"),
        (lambda s: s.place_cells([[0, 0]], [[0, 0]], -1), "field_width"),
        (lambda s: s.stripe_cells([[0, 0]], -0.5, 0, [0]), "spacing_m"),
        (lambda s: s.noise_cells([[0, 0]], 3, 0.0, np.random.default_rng(0)), "smoothing_m"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call(synthetic_cells)
