"""Pair terms, value and gradient, against the two bare matrix products that they need.

python benchmarks/pairs.py [--threads 0] [--rounds 20]
"""

import torch

import floor
from sicgrid.kernels import pair_sums
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import PermutedVelocities

TARGET = 1.1
SIGMA_X, SIGMA_G = 0.05, 0.4


def main() -> None:
    arguments = floor.parse(floor.make_parser(__doc__))
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    batch = PermutedVelocities().sample(generator)
    states = VelocityRNN(initialization="identity", velocity_scale=0.15)(batch.distinct, batch.order).states.detach()
    flat = states.flatten(0, 1)
    leaf = states.clone().requires_grad_()

    def pair_terms() -> None:
        leaf.grad = None
        sums = pair_sums(batch.positions, leaf, SIGMA_X, SIGMA_G)
        (sums.far / sums.far_count + 0.1 * sums.near / max(sums.near_count, 1)).backward()

    floor.compare("pair terms, value and gradient", pair_terms, flat, arguments.rounds, TARGET)


if __name__ == "__main__":
    main()
