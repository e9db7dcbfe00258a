"""Hexagonal or not against random lattices, six peaks or not."""

import numpy as np
import pytest

from sicgrid.analysis import (
    angles_between_waves,
    has_six_peaks,
    hexagonal_deviation,
    hexagonal_p,
    power_spectrum,
    synthetic_cells,
    wave_vectors,
)

EDGES = np.linspace(-1, 1, 41)


def waves(angle_deg=60.0, spacing=0.5):
    return wave_vectors(synthetic_cells.lattice_basis(spacing, 10, angle_deg=angle_deg))


def directions(k):
    return np.rad2deg(np.arctan2(k[:, 1], k[:, 0]))


@pytest.mark.parametrize("angle", [60.0, 70.0, 90.0])
def test_angles_between_waves_are_those_of_the_lattice_whatever_the_signs_and_the_order(angle):
    """The waves of a rhombus of this angle are at it and at two of half of its supplement."""
    k = waves(angle)
    expected = sorted([angle, 90 - angle / 2, 90 - angle / 2])
    turned = np.stack([directions(k), directions(k * [[-1], [1], [-1]])[[2, 0, 1]]])
    np.testing.assert_allclose(np.sort(angles_between_waves(turned), axis=1), [expected, expected])
    np.testing.assert_allclose(hexagonal_deviation(turned), [angle - 60] * 2, atol=1e-9)


def test_a_lattice_without_a_wave_has_no_deviation_and_the_others_have():
    deviation = hexagonal_deviation(np.array([[0.0, 60.0, np.nan], [0.0, 60.0, 121.0]]))
    np.testing.assert_allclose(deviation, [np.nan, 1.0])


def test_a_hexagonal_lattice_is_rare_among_random_ones_and_a_square_one_is_not():
    assert hexagonal_p(waves()) < 0.001
    assert hexagonal_p(waves(90.0)) > 0.3
    assert hexagonal_p(waves(62.0)) < hexagonal_p(waves(70.0)) < hexagonal_p(waves(80.0))
    assert np.isnan(hexagonal_p(np.full((3, 2), np.nan)))


def test_p_is_the_measure_of_lattices_nearer_to_hexagonal():
    """By the density 1 / y^2 itself, on a grid of the fundamental domain."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 801), np.linspace(0.5, 40, 8001))
    inside = x**2 + y**2 >= 1
    tau = (x + 1j * y)[inside]
    weight = 1 / y[inside] ** 2
    # Angles of the triangle 0, 1, tau (or 0, -1, tau), which are those between neighboring waves.
    base = np.where(tau.real > 0, 1, -1)
    at_0 = np.abs(np.angle(tau / base))
    at_1 = np.abs(np.angle((tau - base) / -base))
    angles = np.rad2deg(np.stack([at_0, at_1, np.pi - at_0 - at_1]))
    off = np.abs(angles - 60).max(axis=0)
    k = waves(66.0)
    turns = np.sort(directions(k) % 180)
    observed = np.abs(np.diff([*turns, turns[0] + 180]) - 60).max()
    assert hexagonal_p(k) == pytest.approx(weight[off <= observed].sum() / weight.sum(), rel=0.1)


def test_six_peaks_of_a_module_but_not_of_stripes():
    places = synthetic_cells.bin_centers(EDGES)
    phases = np.random.default_rng(0).random((10, 2))
    k = waves()
    cells = synthetic_cells.grid_cells(places, synthetic_cells.lattice_basis(0.5, 10), phases, 0.08)
    stripes = synthetic_cells.stripe_cells(places, 0.43, 40.0, phases[:, 0])
    for activity, verdict in ((cells, True), (stripes, False)):
        spectrum = power_spectrum(np.moveaxis(activity, -1, 0))
        assert has_six_peaks(spectrum.power.mean(axis=0), spectrum.frequencies, k, 0.5) is verdict


def test_peaks_are_at_the_waves_within_the_resolution_alone():
    k, peaks = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]]), [(2, 0), (-1, 2), (-1, -2)]
    frequencies, power = np.arange(-5.0, 6.0), np.zeros((11, 11))
    for x, y in peaks:
        power[5 + x, 5 + y] = power[5 - x, 5 - y] = 1.0
    assert has_six_peaks(power, frequencies, k, 0.5)
    assert has_six_peaks(power, frequencies, k + np.array([0.3, 0.0]), 0.5)
    assert not has_six_peaks(power, frequencies, k + np.array([0.6, 0.0]), 0.5)
    assert not has_six_peaks(power, frequencies, np.full((3, 2), np.nan), 0.5)
    power[5 + 4, 5] = power[5 - 4, 5] = 2.0  # two higher ones elsewhere
    assert not has_six_peaks(power, frequencies, k, 0.5)


def test_one_lattice_is_taken_as_many_are():
    many = hexagonal_deviation([directions(waves(70.0)), directions(waves())])
    assert hexagonal_deviation(directions(waves(70.0))) == many[0]
    assert hexagonal_p(waves(70.0).tolist()) == hexagonal_p(waves(70.0))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: hexagonal_deviation(60.0), r"angles_deg must be directions of waves, \(..., wave\), got shape \(\)"),
        (lambda: angles_between_waves(["a"]), "angles_deg must be real numbers"),
        (lambda: hexagonal_p(np.zeros((3, 2))), "k must be three waves of more than one direction"),
        (lambda: has_six_peaks(np.ones((9, 9)), np.arange(8.0), waves(), 0.5), "power must be of 8 frequencies along"),
    ],
)
def test_what_is_no_waves_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
