from typing import NamedTuple

import torch

from sicgrid.trajectories import Batch, PermutedVelocities, Sampler, network_inputs


class Straight(NamedTuple):
    positions: torch.Tensor
    velocities: torch.Tensor
    heading: torch.Tensor


def test_ours_is_a_sampler_of_distinct_velocities_and_their_order():
    sampler = PermutedVelocities(3, 4)
    batch = sampler.sample(torch.Generator().manual_seed(0))
    assert isinstance(sampler, Sampler)
    assert isinstance(batch, Batch)
    distinct, order = network_inputs(batch)
    assert torch.equal(distinct[order], batch.velocities)


def test_a_batch_without_an_order_is_walked_by_its_velocities():
    batch = Straight(torch.zeros(2, 3, 2), torch.ones(2, 3, 2), torch.zeros(2))
    assert isinstance(batch, Batch)
    (velocities,) = network_inputs(batch)
    assert velocities is batch.velocities
