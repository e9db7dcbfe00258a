"""One bump on a twisted torus: one hexagonal lattice, its spacing the inverse of the gain, hardly any drift."""

import numpy as np
import pytest

from baselines.looking import walked
from sicgrid.analysis import lattice
from sicgrid.baselines import TwistedTorusConfig, baseline
from sicgrid.baselines._twisted_torus import torus_weights
from sicgrid.evaluation import Recording, path_consistency


def test_weights_are_those_of_the_loops() -> None:
    """Every pair of cells by itself, as the paper writes it: the nearest of seven copies."""
    config = TwistedTorusConfig(columns=6, rows=5)
    shift = np.array([[0.0, 0.0], [0.13, -0.07]])
    height = np.sqrt(3) / 2
    copies = [(0, 0), (-0.5, height), (-0.5, -height), (0.5, height), (0.5, -height), (-1, 0), (1, 0)]
    places = [((i + 0.5) / 6, height * (j + 0.5) / 5) for j in range(5) for i in range(6)]
    expected = np.empty((2, 30, 30))
    for b, (dx, dy) in enumerate(shift):
        for i, (xi, yi) in enumerate(places):
            for j, (xj, yj) in enumerate(places):
                nearest = min((xi - xj - dx + sx) ** 2 + (yi - yj - dy + sy) ** 2 for sx, sy in copies)
                expected[b, i, j] = 0.3 * np.exp(-nearest / 0.24**2) - 0.05
    np.testing.assert_allclose(torus_weights(config, shift), expected, atol=2e-4)


@pytest.fixture(scope="module")
def walk():
    return walked(baseline("twisted-torus").make(), 2.0, animals=30, steps=200)


def test_every_unit_has_the_lattice_that_the_gain_sets(walk) -> None:
    _, _, maps = walk
    for spacing, found in ((0.6, maps), (0.4, None)):
        if found is None:
            network = baseline("twisted-torus").make(0, TwistedTorusConfig(spacing_m=spacing, turn_deg=-17))
            found = walked(network, 2.0, animals=20, steps=200)[2]
        shapes = [lattice(found.maps[unit], 0.05) for unit in (0, 31, 67)]
        np.testing.assert_allclose([shape.spacing_m for shape in shapes], spacing, rtol=0.02)
        assert max(shape.ellipticity for shape in shapes) < 1.06
        turn = 0.0 if spacing == 0.6 else 17.0
        np.testing.assert_allclose([(s.orientation_deg - turn + 30) % 60 - 30 for s in shapes], 0, atol=2)


def test_it_hardly_drifts(walk) -> None:
    walks, states, _ = walk
    start = baseline("twisted-torus").make().initial_state
    recording = Recording(walks.positions, walks.velocities, states, start.astype(np.float32), 2.0)
    assert path_consistency(recording).path_integration_error < 0.2


def test_phases_tile_the_cell(walk) -> None:
    """The population is one bump: every unit is as active as every other, somewhere."""
    _, _, maps = walk
    peaks = np.nanmax(maps.maps, axis=(1, 2))
    assert peaks.min() > 0.8 * peaks.max()
