"""Networks and codes of one's own whose answers are known."""

import numpy as np
import torch

SPACING = 0.5
WAVES = np.array([[1, 0], [0, 1], [-1, -1]])
PHASES = np.stack(np.meshgrid(np.arange(4) / 4, np.arange(4) / 4, indexing="ij"), axis=-1).reshape(-1, 2)
TO_PHASE = np.linalg.inv(SPACING * np.array([[1, 0], [0.5, np.sqrt(3) / 2]]))
FEW = {
    "evaluation": {"walk": {"animals": 20, "steps": 120}},
    "analysis": {"shuffles": 2, "bin_size": 0.1},
}
"""Settings of runs that take a second: few walks, coarse maps, hardly a null."""


def bumps(phase):
    """Grid cells of one lattice (k, 16), from phases (k, 2) in turns."""
    turns = 2 * np.pi * (phase[:, None] - PHASES) @ WAVES.T
    return np.exp(np.cos(turns).sum(axis=-1) - 3)


def grid_code(positions):
    """Sixteen grid cells of 0.5 m."""
    return bumps(positions @ TO_PHASE)


def twisted_step(states, displacements):
    """Path integration on the torus: reads the phase off the states and moves it."""
    phase = np.angle(states @ np.exp(2j * np.pi * PHASES)) / (2 * np.pi)
    return bumps(phase + displacements @ TO_PHASE)


TWISTED_START = grid_code(np.zeros((1, 2)))[0]


def phasor_step(states, displacements):
    """Complex units, each a wave along its own direction: of modulus 1 everywhere."""
    waves = 2 * np.pi * np.array([[2.0, 0], [-1, np.sqrt(3)], [-1, -np.sqrt(3)]])
    return states * np.exp(1j * displacements @ waves.T)


def torch_step(states, displacements):
    """The same in torch, real: each wave's cosine and sine."""
    waves = 2 * torch.pi * torch.tensor([[2.0, 0], [-1, 3**0.5], [-1, -(3**0.5)]], dtype=states.dtype)
    turns = displacements @ waves.T
    cosine, sine = states[:, :3], states[:, 3:]
    return torch.cat([cosine * turns.cos() - sine * turns.sin(), cosine * turns.sin() + sine * turns.cos()], dim=1)


class Remembers:
    """Keeps a state of its own from call to call, walk to walk."""

    initial_state = np.ones(4)

    def __init__(self):
        self.calls = 0

    def step(self, states, displacements):
        self.calls += 1
        return states + 0.01 * self.calls
