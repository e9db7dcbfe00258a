import numpy as np
import pytest

from sicgrid.analysis.lattices._fourier import _closed_triple, _shifted_power
from sicgrid.analysis.lattices._wave_fit import newton_steps, wave_amplitudes

WAVES = np.array([[0.11, 0.02], [-0.04, 0.13], [0.07, 0.15]])


def places(shape):
    return np.stack(np.indices(shape), axis=-1) - (np.array(shape) - 1) / 2


@pytest.mark.parametrize(("shape", "size"), [((3, 7, 9), 12), ((7, 9), 15), ((10, 10), 10), ((5, 5), 9)])
def test_half_of_the_power_is_the_other_half(shape, size):
    values = np.random.default_rng(0).normal(size=shape)
    expected = np.abs(np.fft.fftshift(np.fft.fft2(values, (size, size)), axes=(-2, -1))) ** 2
    np.testing.assert_allclose(_shifted_power(values, size), expected, atol=1e-9)


def test_amplitudes_are_those_of_weighted_least_squares():
    generator = np.random.default_rng(1)
    values, weight = generator.normal(size=(14, 11)), generator.random((14, 11))
    weight[3:5, 4] = 0
    turns = 2 * np.pi * places(values.shape).reshape(-1, 2) @ WAVES.T
    design = np.hstack([np.ones((values.size, 1)), 2 * np.cos(turns), -2 * np.sin(turns)])
    root = np.sqrt(weight).ravel()
    solution = np.linalg.lstsq(design * root[:, None], values.ravel() * root, rcond=None)[0]
    amplitudes, alone = wave_amplitudes(values, weight, WAVES)
    np.testing.assert_allclose(amplitudes, solution[1:4] + 1j * solution[4:], atol=1e-6)
    for wave in range(3):
        others = [column for column in range(7) if column not in (1 + wave, 4 + wave)]
        left = (values.ravel() - design[:, others] @ solution[others]).reshape(values.shape)
        np.testing.assert_allclose(alone[wave], left * weight, atol=1e-6)


def test_steps_are_newtons_by_differences():
    generator = np.random.default_rng(2)
    turns = 2 * np.pi * places((20, 17)) @ WAVES.T
    maps = np.cos(np.moveaxis(turns, -1, 0)) + 0.1 * generator.normal(size=(3, 20, 17))
    maps[2] = 0.0  # without a top

    def power(wave, k):
        return np.abs((maps[wave] * np.exp(-2j * np.pi * places((20, 17)) @ k)).sum()) ** 2

    steps, near, e = newton_steps(maps, WAVES + 0.002), WAVES + 0.002, 1e-4 * np.eye(2)
    for wave in range(2):
        gradient = [(power(wave, near[wave] + d) - power(wave, near[wave] - d)) / 2e-4 for d in e]
        hessian = [
            [sum(s * t * power(wave, near[wave] + s * a + t * b) for s in (1, -1) for t in (1, -1)) / 4e-8 for b in e]
            for a in e
        ]
        np.testing.assert_allclose(steps[wave], -np.linalg.solve(hessian, gradient), rtol=1e-3, atol=1e-7)
    assert steps[2].tolist() == [0, 0]


def test_a_closed_triple_is_the_strongest_up_to_sign():
    peaks = np.array([[1.0, 0.0], [0.3, 2.0], [0.5, 0.9], [0.5, -0.9], [-0.7, 2.0]])
    power = np.array([5.0, 4.0, 3.0, 2.0, 1.5])
    triple = _closed_triple(peaks, power, 0.05)
    np.testing.assert_allclose(triple[0] + triple[1], triple[2], atol=0.05)
    assert {tuple(abs(each)) for each in triple} == {(1.0, 0.0), (0.3, 2.0), (0.7, 2.0)}
    assert _closed_triple(peaks[:2], power[:2], 0.05) is None
    assert _closed_triple(peaks[:0], power[:0], 0.05) is None
