"""A code whose modules, phases and places are known."""

import numpy as np

from sicgrid.analysis import synthetic_cells, wave_vectors
from sicgrid.explorer._survey import Survey

EDGES = np.linspace(-1, 1, 41)
SPACINGS = (0.5, 0.8)
ODD = "</script><img src=x onerror=alert(1)>&\"'"


def known_survey(units=128, spacings=SPACINGS, noise=0.0):
    """Modules of as many grid cells each, then four units of none, of which the last is silent."""
    centers = synthetic_cells.bin_centers(EDGES)
    generator = np.random.default_rng(0)
    count = units - 4
    module = np.append(np.sort(np.arange(count) % len(spacings)), [-1] * 4)
    bases = [synthetic_cells.lattice_basis(spacing, 10 + 20 * k) for k, spacing in enumerate(spacings)]
    phases = np.full((units, 2), np.nan)
    maps = np.zeros((units, 40, 40))
    for k, (spacing, basis) in enumerate(zip(spacings, bases, strict=True)):
        members = np.flatnonzero(module == k)
        offsets = generator.random((len(members), 2))
        maps[members] = np.moveaxis(synthetic_cells.grid_cells(centers, basis, offsets, 0.16 * spacing), -1, 0)
        phases[members] = offsets
    maps[count : units - 1] = 0.2
    maps = maps / np.linalg.norm(maps, axis=0) + noise * generator.random(maps.shape)
    maps[:, 0, 0] = np.nan
    return Survey(
        maps=maps.astype(np.float32),
        x_edges=EDGES,
        y_edges=EDGES,
        module=module,
        waves=np.array([wave_vectors(basis)[:2] for basis in bases]),
        module_spacing_m=np.array(spacings),
        phases=phases,
        score=np.where(module >= 0, 1.2, np.nan),
        spacing_m=np.append(np.array(spacings)[module[:count]], [np.nan] * 4),
        active=np.arange(units) < units - 1,
        names=[str(unit) for unit in range(units)],
        scorer="langston",
        source="made up",
    )
