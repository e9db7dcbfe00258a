"""Trajectories that become longer while a network is trained."""

import torch

from sicgrid.trajectories import PermutedVelocities, VelocityBatch


class Growing(PermutedVelocities):
    """T grows evenly from `first` to the setting's over the first 60 % of the batches; B shrinks so that B*T stays."""

    def __init__(self, whole: PermutedVelocities, first: int, batches: int) -> None:
        super().__init__(**whole.config.model_dump())
        self.first, self.batches, self.drawn = first, batches, 0

    def sample(self, generator: torch.Generator | None = None) -> VelocityBatch:
        """A batch of the length that has been reached."""
        points = self.config.batch_size * self.config.length
        grown = min(1.0, self.drawn / (0.6 * self.batches))
        length = round(self.first + grown * (self.config.length - self.first))
        self.drawn += 1
        speed = self.config.max_speed
        return PermutedVelocities(points // length, length, speed, self.config.permute).sample(generator)
