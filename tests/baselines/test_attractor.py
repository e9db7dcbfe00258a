"""Bumps by lateral inhibition: equations, pattern, flow, lattice."""

import numpy as np
import pytest

from baselines.looking import walked
from sicgrid.analysis import lattice
from sicgrid.baselines import AttractorConfig, baseline
from sicgrid.baselines._attractor import inhibition, sheet


def test_couplings_are_those_of_the_loops() -> None:
    """Every pair of cells by itself, copies of the sheet summed."""
    config = AttractorConfig(side=8, period=4.0)
    beta = 3 / 16
    parts = sheet(config)
    activity = np.random.default_rng(0).random((2, 64)).astype(np.float32)
    copies = 8.0 * (np.array(list(np.ndindex(7, 7))) - 3)
    expected = np.zeros((2, 64))
    for i in range(64):
        for j in range(64):
            offset = np.array(divmod(i, 8)) - divmod(j, 8) - 2 * parts.preferred[j]
            squared = ((offset + copies) ** 2).sum(axis=1)
            total = (np.exp(-1.05 * beta * squared) - np.exp(-beta * squared)).sum()
            expected[:, i] += total * activity[:, j]
    np.testing.assert_allclose(inhibition(parts, activity), expected, rtol=2e-3)


def test_as_printed_no_bumps_form() -> None:
    """With a gain of 1 the couplings' largest eigenvalue, the offset counted in, is below 1."""
    parts = sheet(AttractorConfig())
    count = len(parts.waves)
    frequency = 2 * np.pi / 40 * np.concatenate([np.arange(count // 2 + 1), np.arange(1, count // 2 + 1)])
    shifts = (np.cos(2 * frequency[:, None]) + np.cos(2 * frequency)) / 2
    assert 0.9 < float((parts.spectrum * shifts).max()) < 1


@pytest.fixture(scope="module")
def network():
    return baseline("attractor").make(0, AttractorConfig(dt_s=0.001))


def test_bumps_form(network) -> None:
    state = network.initial_state
    power = np.abs(np.fft.fft2(state.reshape(40, 40) - state.mean())) ** 2
    assert state.max() > 10 * state.mean()
    # Four bumps: the six strongest waves are a hexagon's, and hold two fifths of the power.
    strongest = np.argsort(-power.ravel())[:6]
    assert power.ravel()[strongest].sum() > 0.4 * power.sum()
    waves = np.stack([(index + 20) % 40 - 20 for index in np.divmod(strongest, 40)], axis=1)
    assert ((waves**2).sum(axis=1) >= 4).all()
    assert ((waves**2).sum(axis=1) <= 5).all()


def test_the_sheet_flows_with_the_animal(network) -> None:
    """Three steps of 0.05 m and one back: out and home; and the flow is proportional to the speed."""

    def phases(state):
        waves = np.fft.fft2(state.reshape(40, 40))
        return np.angle(waves[2, 0]), np.angle(waves[1, 2]), np.angle(waves[1, -2])

    def moved(step_m, steps):
        displacement = np.full((1, steps, 2), [step_m, 0.0])
        state = network.walk(displacement)[0, -1]
        turned = np.subtract(phases(state), phases(network.initial_state))
        return np.angle(np.exp(1j * turned))

    out, home = moved(0.06, 2), moved(0.12, 1)
    np.testing.assert_allclose(out, home, atol=0.25)
    assert np.abs(out).max() > 0.3


@pytest.mark.slow
def test_its_maps_are_one_lattice(network) -> None:
    _, _, maps = walked(network, 1.0, animals=8, steps=80)
    shapes = [lattice(maps.maps[unit], 0.05) for unit in (3, 500, 1234)]
    spacings = [shape.spacing_m for shape in shapes]
    assert np.ptp(spacings) < 0.05
    assert 0.4 < np.mean(spacings) < 0.6
