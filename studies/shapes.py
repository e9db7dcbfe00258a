"""Lattices without their size."""

import numpy as np


def one_size(basis: np.ndarray) -> np.ndarray:
    """The lattice scaled to a unit cell of area 1."""
    return np.asarray(basis / np.sqrt(abs(np.linalg.det(basis))))
