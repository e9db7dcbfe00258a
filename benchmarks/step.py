"""A whole gradient step at paper scale against the two bare matrix products of its pair terms.

A step draws a batch (B=130, T=60), rolls the network out (N=128, MLP of 3 layers, 256 wide), takes the loss, goes
backward, clips the gradient and lets AdamW update: one batch, not the paper's two accumulated ones.

python benchmarks/step.py [--threads 0] [--rounds 20]
"""

import argparse

import torch

import floor
from sicgrid.kernels import use_threads
from sicgrid.losses import SICLoss
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import PermutedVelocities

TARGET = 1.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch and of the kernels; 0: all")
    parser.add_argument("--rounds", type=int, default=20, help="interleaved rounds that count")
    arguments = parser.parse_args()
    use_threads(arguments.threads)
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    sampler, loss = PermutedVelocities(), SICLoss()
    rnn = VelocityRNN(initialisation="identity", velocity_scale=0.15)
    optimizer = torch.optim.AdamW(rnn.parameters(), lr=2e-5, weight_decay=0, fused=True)
    batch = sampler.sample(generator)
    flat = rnn(batch.distinct, batch.order).states.detach().flatten(0, 1)

    def step() -> None:
        batch = sampler.sample(generator)
        states, initial_state = rnn(batch.distinct, batch.order)
        terms = loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=initial_state)
        optimizer.zero_grad()
        terms.total.backward()
        torch.nn.utils.clip_grad_norm_(rnn.parameters(), 0.1)
        optimizer.step()

    name, products = floor.fastest_products(flat)
    above, below = floor.interleaved([step, products], arguments.rounds)
    print(f"gradient step; {len(flat)} points, {flat.shape[1]} units, float32")
    floor.print_machine()
    floor.print_ratio("gradient step", above, name, below, TARGET)


if __name__ == "__main__":
    main()
