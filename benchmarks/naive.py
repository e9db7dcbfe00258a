"""The step as one would first write it in PyTorch: what the kernels are measured against, and equal to in value.

W(v) for every step of every trajectory, a Python loop over time, the matrix of all pairs through its Gram matrix, and
autograd through all of it. (`sicgrid.losses` has the readable reference, which holds n x n x N differences; at paper
scale these would be 31 GB.)
"""

import torch
from torch import Tensor

from sicgrid.losses import LossConfig
from sicgrid.model import VelocityRNN, norm_relu
from sicgrid.trajectories import VelocityBatch


def naive_states(rnn: VelocityRNN, batch: VelocityBatch) -> Tensor:
    """States (batch, time, units), each step with a W(v) of its own."""
    state = rnn.initial_state.expand(len(batch.velocities), -1)
    states = []
    for t in range(batch.velocities.shape[1]):
        matrices = rnn.transition(batch.velocities[:, t])
        state = norm_relu(torch.einsum("bn,bnm->bm", state, matrices))
        states.append(state)
    return torch.stack(states, dim=1)


def naive_loss(positions: Tensor, states: Tensor, config: LossConfig) -> Tensor:
    """Separation, invariance and capacity over the full matrix of pairs; conformal isometry is left out."""
    x, g = positions.reshape(-1, 2), states.reshape(-1, states.shape[-1])
    squared = g.square().sum(dim=1)
    state_distance = (squared[:, None] + squared[None, :] - 2 * g @ g.T).clamp(min=0)
    distance = (x[:, None] - x[None, :]).square().sum(dim=-1)
    distinct = ~torch.eye(len(x), dtype=torch.bool, device=x.device)
    far, near = (distance > config.sigma_x**2) & distinct, (distance < config.sigma_x**2) & distinct
    separation = torch.exp(-state_distance / (2 * config.sigma_g**2))[far].mean()
    invariance = state_distance[near].mean()
    capacity = -g.mean(dim=0).square().sum()
    return config.separation * separation + config.invariance * invariance + config.capacity * capacity


def naive_step(
    rnn: VelocityRNN, batch: VelocityBatch, config: LossConfig, optimizer: torch.optim.Optimizer, clip: float
) -> Tensor:
    """One gradient step; returns the loss before it."""
    loss = naive_loss(batch.positions, naive_states(rnn, batch), config)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(rnn.parameters(), clip)
    optimizer.step()
    return loss.detach()
