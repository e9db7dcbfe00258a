"""A network that integrates paths exactly: modules of 40 and 30 grid cells, a silent unit; and a run of it."""

import numpy as np

from sicgrid import Run
from sicgrid.analysis import synthetic_cells, wave_vectors
from sicgrid.findings import RunResults, read_results

SPACINGS = (0.45, 0.8)
ORIENTATIONS = (12.0, 40.0)
COUNTS = (40, 30)
SIDES = (2.0, 2.4, 3.0)
BASES = np.stack([synthetic_cells.lattice_basis(*lattice) for lattice in zip(SPACINGS, ORIENTATIONS, strict=True)])
WAVES = np.stack([wave_vectors(basis) for basis in BASES])
PHASES = [np.arange(1, count + 1)[:, None] * [0.7548776662466927, 0.5698402909980532] for count in COUNTS]
SETTINGS = {
    "evaluation": {"walk": {"animals": 60, "steps": 150}},
    "analysis": {
        "bin_size": 0.1,
        "shuffles": 2,
        "modules": {"null_draws": 99},
        "periods": {"null_draws": 199},
        "phases": {"null_draws": 199},
        "fourier": {"pad": 4},
        "other_boxes_shuffles": 2,
        "topology": {"points": 100, "shuffle_points": 60, "coordinate_points": 80, "candidates": 600, "shuffles": 20},
        "state_space": {"points": 400},
        "generalization": {"samples": 5000, "jerky_animals": 20, "jerky_steps": 50},
        "intrinsic_correction": {"steps": 5, "samples": 50, "manifold_states": 500},
        "error_correction": {"samples": 100},
        "unique_range": {"references": 100},
    },
}
"""As small as still shows every module, and the torus of each."""


def bumps(turns, phases):
    """Grid cells (units) of one lattice, of positions in turns along its three waves (..., 3).

    The square of a sum of three cosines, 1 in the middle of a field: nearly a Gaussian, and made of so few waves (19)
    that a module of more units than that says each of them exactly.
    """
    own = np.column_stack([phases, -phases.sum(axis=1)])
    total = np.cos(2 * np.pi * (turns[..., None, :] - own)).sum(axis=-1)
    return ((total + 1.5) / 4.5) ** 2


def _readouts():
    """Of each module the weights (units, 2) with which its activity says the first two waves, as complex numbers."""
    steps = np.stack(np.meshgrid(np.arange(12), np.arange(12), indexing="ij"), axis=-1).reshape(-1, 2) / 12
    turns = np.column_stack([steps, -steps.sum(axis=1)])
    return [np.linalg.lstsq(bumps(turns, phases), np.exp(2j * np.pi * steps), rcond=1e-9)[0] for phases in PHASES]


READOUTS = _readouts()


def states_at(turns):
    """States of length 1 from the turns (..., 3) along the waves of each module; the last unit is silent."""
    cells = [bumps(*module) for module in zip(turns, PHASES, strict=True)]
    states = np.concatenate([*cells, 0 * cells[0][..., :1]], axis=-1)
    return states / np.linalg.norm(states, axis=-1, keepdims=True)


def step(states, displacements):
    """Read the phase of each module off the states, and move it."""
    moved = []
    modules = np.split(states[:, :-1], [COUNTS[0]], axis=1)
    for cells, readout, waves in zip(modules, READOUTS, WAVES, strict=True):
        first = np.angle(cells @ readout) / (2 * np.pi) + displacements @ waves[:2].T
        moved.append(np.column_stack([first, -first.sum(axis=1)]))
    return states_at(moved)


def analyzed_run(folder) -> RunResults:
    """The network walked through three boxes, all parts computed, as a page reads it."""
    start = states_at([np.zeros((1, 3))] * 2)[0]
    run = Run.from_network(step, start, folder / "ideal", arenas=SIDES, name="two ideal modules", settings=SETTINGS)
    run.analyze(processes=1)
    return read_results(run.path)
