import math

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells as cells
from sicgrid.theory._code_overlap import ModularCode, _kernel, least_widths, state_overlap


def code(spacings, orientations, widths, shares, units=(30.0, 30.0), kinds=("hexagonal", "hexagonal")):
    parts = (spacings, orientations, widths, shares)
    return ModularCode(
        *(np.array(part, dtype=float) for part in (*parts, units[: len(shares)])), np.array(kinds[: len(shares)])
    )


def lattice_sum(dx, dy, spacing, orientation_deg, width):
    """K of a hexagonal module, fields counted one by one."""
    first, second = math.radians(orientation_deg), math.radians(orientation_deg + 60)
    above = below = 0.0
    for i in range(-12, 13):
        for j in range(-12, 13):
            x = spacing * (i * math.cos(first) + j * math.cos(second))
            y = spacing * (i * math.sin(first) + j * math.sin(second))
            above += math.exp(-((dx - x) ** 2 + (dy - y) ** 2) / (4 * width**2))
            below += math.exp(-(x**2 + y**2) / (4 * width**2))
    return above / below


PLACES = np.random.default_rng(0).uniform(-1.2, 1.2, (20, 2))


@pytest.mark.parametrize("width", [0.03, 0.1, 0.2, 0.28])
def test_kernel_of_a_lattice_equals_a_sum_over_its_fields(width):
    expected = [lattice_sum(x, y, 0.7, 17, width) for x, y in PLACES]
    found = state_overlap(code([0.7], [17], [width], [1.0]), PLACES)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("width", [0.03, 0.1, 0.28])
def test_kernel_of_a_square_lattice_equals_a_sum_over_its_fields(width):
    cos, sin = math.cos(math.radians(17)), math.sin(math.radians(17))
    fields = 0.7 * np.array([(i, j) for i in range(-8, 9) for j in range(-8, 9)]) @ [[cos, sin], [-sin, cos]]
    above = np.exp(-((PLACES[:, None] - fields) ** 2).sum(axis=-1) / (4 * width**2)).sum(axis=1)
    below = np.exp(-(fields**2).sum(axis=-1) / (4 * width**2)).sum()
    found = state_overlap(code([0.7], [17], [width], [1.0], kinds=["square"]), PLACES)
    np.testing.assert_allclose(found, above / below, atol=1e-6)


@pytest.mark.parametrize("width", [0.03, 0.2, 0.28])
def test_kernel_of_a_ring_equals_a_sum_over_its_stripes(width):
    expected = []
    for x, y in PLACES:
        along = x * math.cos(math.radians(40)) + y * math.sin(math.radians(40))
        above = sum(math.exp(-((along - n * 0.7) ** 2) / (4 * width**2)) for n in range(-20, 21))
        expected.append(above / sum(math.exp(-((n * 0.7) ** 2) / (4 * width**2)) for n in range(-20, 21)))
    found = state_overlap(code([0.7], [40], [width], [1.0], kinds=["ring"]), PLACES)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["hexagonal", "square", "ring"])
def test_derivatives_of_a_kernel_equal_finite_differences(kind):
    for width in (0.08, 0.25):
        found, h = _kernel(PLACES, 0.3, width, kind), 1e-5

        def value(scale=1.0, angle=0.3, width=width):
            return _kernel(PLACES / scale, angle, width, kind).value

        by_spacing = (value(math.exp(h)) - value(math.exp(-h))) / (2 * h)
        by_angle = (value(angle=0.3 + h) - value(angle=0.3 - h)) / (2 * h)
        by_width = (value(width=width * math.exp(h)) - value(width=width * math.exp(-h))) / (2 * h)
        np.testing.assert_allclose(found.by_log_spacing, by_spacing, atol=1e-6)
        np.testing.assert_allclose(found.by_orientation, by_angle, atol=1e-6)
        np.testing.assert_allclose(found.by_log_width, by_width, atol=1e-6)


def test_units_of_the_least_width_overlap_like_the_ideal():
    """64 grid cells on 8 x 8 phases, normalized: their norm varies by 3 %, and their overlap is K within that."""
    basis = cells.lattice_basis(0.6, 10)
    axis = np.arange(8) / 8
    phases = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    ideal = code([0.6], [10], [0.1], [1.0], units=[64.0])
    ideal = ideal._replace(widths_m=least_widths(ideal, 0.4))
    states = cells.grid_cells(PLACES, basis, phases, float(ideal.widths_m[0]))
    norms = (states**2).sum(axis=1)
    q = math.exp(-2 * math.pi**2 * 0.4 / math.sqrt(3))
    mean = 64 * math.pi * ideal.widths_m[0] ** 2 / (0.6**2 * math.sqrt(3) / 2)
    assert norms.min() / mean > 1 - 3 * q - 1e-3
    assert norms.max() / mean < 1 + 6 * q + 1e-3
    states /= np.sqrt(norms)[:, None]
    found = state_overlap(ideal, PLACES[:, None] - PLACES[None, :])
    np.testing.assert_allclose(states @ states.T, found, atol=0.03)


def test_units_of_a_ring_of_the_least_width_have_nearly_constant_norm():
    width = float(least_widths(code([0.6], [0], [0.1], [1.0], units=[10.0], kinds=["ring"]), 0.4)[0])
    x = np.linspace(0, 0.6, 101)
    norms = sum(np.exp(-((x - 0.06 * n) ** 2) / width**2) for n in range(-30, 41))
    ripple = 2 * math.exp(-(math.pi**2) * 0.4)
    np.testing.assert_allclose(
        [norms.max() / norms.mean(), norms.min() / norms.mean()], [1 + ripple, 1 - ripple], atol=2e-3
    )


def test_least_widths_by_hand():
    found = least_widths(
        code([1.0, 1.0], [0, 0], [0.1, 0.1], [0.2, 0.2], units=(40.0, 40.0), kinds=["hexagonal", "ring"]), 0.4
    )
    np.testing.assert_allclose(found, [math.sqrt(0.4 * math.sqrt(3) / 2 / 40), math.sqrt(0.4) / 40])


def test_overlap_is_one_at_lattice_points_even_and_at_least_the_constant_share():
    both = code([0.6, 0.6], [10, 10], [0.07, 0.1], [0.3, 0.2])
    np.testing.assert_allclose(state_overlap(both, cells.lattice_basis(0.6, 10)), 1.0, atol=1e-6)
    assert state_overlap(both, [0.0, 0.0]) == pytest.approx(1)
    np.testing.assert_allclose(state_overlap(both, PLACES), state_overlap(both, -PLACES), atol=1e-6)
    assert state_overlap(both, PLACES).min() >= 0.5
    assert state_overlap(both, PLACES.reshape(4, 5, 2)).shape == (4, 5)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (code([0.6], [0], [0.1], [1.2]), "shares must"),
        (code([0.6], [0], [0.1], [-0.1]), "shares must"),
        (code([-0.6], [0], [0.1], [0.5]), "spacings_m must be positive"),
        (code([0.6], [0], [0.0], [0.5]), "widths_m must be positive"),
        (code([0.6], [math.nan], [0.1], [0.5]), "orientations_deg must be finite"),
        (code([0.6, 0.7], [0], [0.1], [0.5]), "parts of one shape"),
        (code([], [], [], []), "at least one module"),
        (code([0.6], [0], [0.1], [0.5], kinds=["round"]), "kinds must be of hexagonal, square, ring"),
    ],
)
def test_impossible_codes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        state_overlap(wrong, PLACES)


def test_displacements_must_have_two_coordinates():
    with pytest.raises(ValueError, match="displacements_m must have shape"):
        state_overlap(code([0.6], [0], [0.1], [0.5]), [1.0, 2.0, 3.0])
