"""Ideal populations and a path that several tests of the analysis share."""

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells


@pytest.fixture(scope="session")
def centers():
    """Bin centers of a 2 m box with 40 bins a side, (40, 40, 2)."""
    return synthetic_cells.bin_centers(np.linspace(-1, 1, 41))


@pytest.fixture(scope="session")
def walk():
    """Smooth paths of 60 animals in a 2 m box, reflected at the walls, (60, 300, 2)."""
    generator = np.random.default_rng(12)
    velocity, place = np.zeros((60, 2)), generator.uniform(-1, 1, (60, 2))
    path = np.empty((60, 300, 2))
    for step in range(path.shape[1]):
        velocity = 0.8 * velocity + 0.04 * generator.normal(size=velocity.shape)
        place = place + velocity
        outside = np.abs(place) > 1
        place = np.where(outside, np.sign(place) * 2 - place, place)
        velocity = np.where(outside, -velocity, velocity)
        path[:, step] = place
    return path


def ideal(activity):
    """Activity at bin centers (x, y, unit) as rate maps (unit, x, y)."""
    return np.moveaxis(activity, -1, 0)


@pytest.fixture(scope="session")
def known(centers):
    """Maps whose verdict is known, name -> (unit, 40, 40)."""
    generator = np.random.default_rng(3)
    phases = generator.uniform(size=(4, 2))

    def grid(spacing, **basis):
        return ideal(
            synthetic_cells.grid_cells(centers, synthetic_cells.lattice_basis(spacing, **basis), phases, 0.18 * spacing)
        )

    return {
        "hexagonal": np.concatenate([grid(0.35, orientation_deg=7), grid(0.6, orientation_deg=22), grid(1.0)]),
        "sheared": grid(0.6, orientation_deg=10, shear=0.15),
        "square": np.concatenate([grid(0.5, angle_deg=90, orientation_deg=12), grid(0.8, angle_deg=90)]),
        "stripes": ideal(synthetic_cells.stripe_cells(centers, 0.5, 25, phases[:, 0])),
        "place": ideal(synthetic_cells.place_cells(centers, generator.uniform(-0.8, 0.8, (4, 2)), 0.15)),
        "noise": ideal(synthetic_cells.noise_cells(centers, 20, 0.12, generator)),
    }
