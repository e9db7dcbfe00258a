"""Recordings of known content: three walks of a network, and one of an animal with spikes."""

import numpy as np
import scipy.sparse

from sicgrid.evaluation import Recording


def walks(animals=3, steps=20, units=4):
    generator = np.random.default_rng(0)
    moved = generator.uniform(-0.1, 0.1, (animals, steps, 2)).astype(np.float32)
    states = generator.random((animals, steps, units), dtype=np.float32)
    return Recording(np.cumsum(moved, axis=1), moved, states, states[0, 0], 2.0)


def spiking(samples=30):
    """Spikes of two units: one at samples 3, 3 and 10, one at 29; every sample lasts 0.02 s."""
    moved = np.random.default_rng(0).uniform(-0.05, 0.05, (1, samples, 2)).astype(np.float32)
    counts = np.zeros((samples, 2), dtype=np.float32)
    counts[[3, 10, 29], [0, 0, 1]] = 2, 1, 1
    rates = scipy.sparse.csr_array(counts / np.float32(0.02))
    seconds = np.full(samples, 0.02)
    return Recording(np.cumsum(moved, axis=1), moved, rates, np.zeros(2, np.float32), 1.0, seconds)
