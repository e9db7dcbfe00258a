"""A network that integrates paths exactly, its code known: two angles on two circles, and units that do nothing."""

import numpy as np
import torch

from sicgrid.model import VelocityRNN

TURN = 1.4  # radians per meter: in a 1 m box the angles stay within (0, pi/2), where sine and cosine are positive


class Rotations(torch.nn.Module):
    """M(v): turns each circle by its velocity, keeps a share of the idle units' activity."""

    def __init__(self, idle, kept, error):
        super().__init__()
        self.idle, self.kept, self.error = idle, kept, error

    def forward(self, velocities):
        turn = TURN * (1 + self.error) * velocities
        matrices = velocities.new_zeros(*velocities.shape[:-1], 4 + self.idle, 4 + self.idle)
        for axis in range(2):
            cosine, sine, k = torch.cos(turn[..., axis]), torch.sin(turn[..., axis]), 2 * axis
            matrices[..., k, k] = matrices[..., k + 1, k + 1] = cosine
            matrices[..., k, k + 1], matrices[..., k + 1, k] = sine, -sine
        for k in range(4, 4 + self.idle):
            matrices[..., k, k] = self.kept
        return matrices


def ideal_network(idle=20, kept=0.0, error=0.0):
    """`kept` 0: what disturbs the idle units is gone after one step; 1: it stays. `error`: of every step's length."""
    rnn = VelocityRNN(units=4 + idle, hidden=1, layers=1)
    rnn.transition = Rotations(idle, kept, error)
    angle = np.pi / 4
    with torch.no_grad():
        rnn.start.copy_(torch.tensor([np.cos(angle), np.sin(angle)] * 2 + [0.0] * idle))
    return rnn


class Standing(torch.nn.Module):
    """M(v) = I: nothing ever changes, whatever the velocity."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def forward(self, velocities):
        return torch.eye(self.units).expand(*velocities.shape[:-1], -1, -1)
