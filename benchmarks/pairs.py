"""Pair terms, value and gradient, against the two bare matrix products that they need.

python benchmarks/pairs.py [--threads 0] [--rounds 20]
"""

import argparse

import torch

import floor
from sicgrid.kernels import pair_sums, use_threads
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import PermutedVelocities

TARGET = 1.1
SIGMA_X, SIGMA_G = 0.05, 0.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch and of the kernels; 0: all")
    parser.add_argument("--rounds", type=int, default=20, help="interleaved rounds that count")
    arguments = parser.parse_args()
    use_threads(arguments.threads)
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    batch = PermutedVelocities().sample(generator)
    states = VelocityRNN(initialisation="identity", velocity_scale=0.15)(batch.distinct, batch.order).states.detach()
    flat = states.flatten(0, 1)
    leaf = states.clone().requires_grad_()

    def pair_terms() -> None:
        leaf.grad = None
        sums = pair_sums(batch.positions, leaf, SIGMA_X, SIGMA_G)
        (sums.far / sums.far_count + 0.1 * sums.near / max(sums.near_count, 1)).backward()

    name, products = floor.fastest_products(flat)
    above, below = floor.interleaved([pair_terms, products], arguments.rounds)
    print(f"pair terms, value and gradient; {len(flat)} points, {flat.shape[1]} units, float32")
    floor.print_machine()
    floor.print_ratio("pair terms", above, name, below, TARGET)


if __name__ == "__main__":
    main()
