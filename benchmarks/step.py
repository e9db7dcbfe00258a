"""A whole gradient step at paper scale against the two bare matrix products of its pair terms.

A step draws a batch (B=130, T=60), rolls the network out (N=128, MLP of 3 layers, 256 wide), takes the loss, goes
backward, clips the gradient and lets AdamW update: one batch, not the paper's two accumulated ones.

python benchmarks/step.py [--threads 0] [--rounds 20]
"""

import torch

import floor
from sicgrid.losses import SICLoss
from sicgrid.model import VelocityRNN
from sicgrid.trajectories import PermutedVelocities

TARGET = 1.3


def main() -> None:
    arguments = floor.parse_arguments(__doc__)
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

    floor.compare("gradient step", step, flat, arguments.rounds, TARGET)


if __name__ == "__main__":
    main()
