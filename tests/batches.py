"""Training batches of known draws, in double precision."""

import torch

from sicgrid.trajectories import PermutedVelocities


def batch_of(batch_size=4, length=5, seed=0):
    sampler = PermutedVelocities(batch_size=batch_size, length=length, dtype=torch.float64)
    return sampler.sample(torch.Generator().manual_seed(seed))
