"""The training data: one velocity sequence, walked in many orders."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .._repr import brief
from .._settings import settings_repr, takes
from ._config import TrajectoryConfig


@brief
class VelocityBatch(NamedTuple):
    """B trajectories made of the same T velocities.

    ``velocities[b, t] = distinct[order[b, t]]`` is the step that leads to ``positions[b, t]``; all trajectories start
    at position 0 and, when permuted, end at the same place up to rounding.
    Batches of many networks have a leading axis.
    """

    distinct: Float[Tensor, "*networks time 2"]
    order: Int[Tensor, "*networks batch time"]
    velocities: Float[Tensor, "*networks batch time 2"]
    positions: Float[Tensor, "*networks batch time 2"]


class PermutedVelocities:
    """Sampler of training batches: T i.i.d. velocities, uniform on [-max_speed, max_speed]^2, in B random orders.

    Schaeffer et al. 2023, section 3 ("data" and "augmentation"). Trajectories of one batch cross often, which is what
    path invariance learns from.

    Raises
    ------
    ValueError
        For a setting out of range.

    >>> batch = PermutedVelocities(batch_size=4, length=10).sample(torch.Generator().manual_seed(0))
    >>> batch.distinct.shape, batch.positions.shape
    (torch.Size([10, 2]), torch.Size([4, 10, 2]))
    >>> torch.allclose(batch.positions[:, -1], batch.positions[:1, -1], atol=1e-6)  # all end at one place
    True

    """

    @takes(TrajectoryConfig)
    def __init__(self, config: TrajectoryConfig, dtype: torch.dtype = torch.float32) -> None:
        """Velocities and positions will have this `dtype`."""
        self.config = config
        self.dtype = dtype

    def __repr__(self) -> str:
        return settings_repr(self.config, type(self).__name__)

    def of_length(self, length: int) -> "PermutedVelocities":
        """A sampler of trajectories of `length` steps with as many points in a batch as this one, up to rounding down.

        >>> PermutedVelocities(batch_size=16, length=40).of_length(10).sample().positions.shape
        torch.Size([64, 10, 2])
        """
        if length == self.config.length:
            return self
        batch_size = max(1, self.config.batch_size * self.config.length // length)
        return PermutedVelocities(batch_size, length, self.config.max_speed, self.config.permute, dtype=self.dtype)

    def sample(self, generator: torch.Generator | None = None) -> VelocityBatch:
        """Draw a batch; all randomness comes from `generator` (torch's default one if None), on its device."""
        return self._arrange(*self._draw(generator))

    def sample_each(self, generators: Sequence[torch.Generator]) -> VelocityBatch:
        """Draw a batch from each generator: what `sample` gives, bit for bit, along a leading axis."""
        distinct, keys = zip(*(self._draw(generator) for generator in generators), strict=True)
        return self._arrange(torch.stack(distinct), torch.stack(keys))

    def _draw(self, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Uniform numbers on [0, 1): (time, 2) for the velocities, (batch, time) to sort for the orders."""
        config = self.config
        device = generator.device if generator is not None else torch.device("cpu")
        uniform = partial(torch.rand, generator=generator, device=device, dtype=self.dtype)
        distinct = uniform(config.length, 2)
        if config.permute:
            return distinct, uniform(config.batch_size, config.length)
        return distinct, torch.arange(config.length, dtype=self.dtype, device=device).expand(config.batch_size, -1)

    def _arrange(self, distinct: Tensor, keys: Tensor) -> VelocityBatch:
        """The batch that `_draw`'s uniform numbers stand for."""
        # Sorting random keys permutes all rows in one call. On a GPU each call counts: hence one product, and `gather`.
        velocities, order = (distinct - 0.5) * (2 * self.config.max_speed), keys.argsort(dim=-1)
        shape = *order.shape, 2
        walked = velocities.unsqueeze(-3).expand(shape).gather(-2, order.unsqueeze(-1).expand(shape))
        return VelocityBatch(velocities, order, walked, walked.cumsum(dim=-2))
