"""Populations of ideal units in a 2 m box of 40 bins, whose modules are known because they were built so."""

import numpy as np

from sicgrid.analysis import synthetic_cells as cells

BIN = 0.05
CENTERS = cells.bin_centers(np.linspace(-1, 1, 41))
# Phases at which a unit fires: with 2, 3 or 4 of them its fields lie on a finer lattice.
EVEN_PHASES = {
    2: [(0, 0), (0.5, 0)],
    3: [(0, 0), (1 / 3, 1 / 3), (2 / 3, 2 / 3)],
    4: [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)],
}


def as_maps(activity):
    """Activity at the bins' centers, units last, as rate maps, units first."""
    return np.moveaxis(activity, -1, 0)


def module(rng, spacing, orientation, units, jitter=0.0, turn=0.0, width=0.15, **shape):
    """Grid cells of one module at random phases; spacings vary by `jitter` (share), orientations by `turn` (degrees).
    Grid cells of one module at random phases; spacings vary by `jitter` (share), orientations by `turn` (degrees)."""
    maps = []
    for _ in range(units):
        basis = cells.lattice_basis(spacing * np.exp(jitter * rng.normal()), orientation + turn * rng.normal(), **shape)
        maps.append(as_maps(cells.grid_cells(CENTERS, basis, rng.random((1, 2)), width * spacing)))
    return np.concatenate(maps)


def sublattice_units(rng, spacing, orientation, units, phases):
    """Units that fire at 2, 3 or 4 evenly placed phases of one lattice."""
    basis = cells.lattice_basis(spacing, orientation)
    offsets = rng.random((units, 1, 2)) + np.array(EVEN_PHASES[phases])
    return as_maps(cells.grid_cells(CENTERS, basis, offsets, 0.11 * spacing))


def continuum(rng, low, high, units, turn=2.0):
    """Grid cells with spacings log-uniform between two bounds, all of about one orientation."""
    spacings = np.exp(rng.uniform(np.log(low), np.log(high), units))
    return np.concatenate([module(rng, spacing, 10, 1, turn=turn) for spacing in spacings])


def noise(rng, units, smoothing=0.12):
    return as_maps(cells.noise_cells(CENTERS, units, smoothing, rng))


def places(rng, units, width=0.15):
    return as_maps(cells.place_cells(CENTERS, rng.uniform(-1, 1, (units, 2)), width))


def stripes(rng, units, spacing=0.6, orientation=20.0):
    return as_maps(cells.stripe_cells(CENTERS, spacing, orientation, rng.random(units)))
