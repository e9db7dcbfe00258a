"""The training data: one velocity sequence, walked in many orders."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor


class TrajectoryConfig(BaseModel):
    """What one batch of training trajectories is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(130, ge=1, description="B, trajectories in a batch. Source: paper (130).")
    length: int = Field(60, ge=1, description="T, steps in a trajectory. Source: paper (60).")
    max_speed: float = Field(
        0.15,
        gt=0,
        allow_inf_nan=False,
        description="Largest speed along an axis, metres per step. Source: paper (0.15).",
    )
    permute: bool = Field(
        True,
        description="Walk the velocities in a different order in each trajectory; false repeats one order (claim C10). "
        "Source: paper (true).",
    )


class VelocityBatch(NamedTuple):
    """B trajectories made of the same T velocities.

    ``velocities[b, t] = distinct[order[b, t]]`` is the step that leads to ``positions[b, t]``; all trajectories start
    at position 0 and, when permuted, end at the same place up to rounding.
    """

    distinct: Float[Tensor, "time 2"]
    order: Int[Tensor, "batch time"]
    velocities: Float[Tensor, "batch time 2"]
    positions: Float[Tensor, "batch time 2"]


class PermutedVelocities:
    """Sampler of training batches: T i.i.d. velocities, uniform on [-max_speed, max_speed]^2, in B random orders.

    Schaeffer et al. 2023, section 3 ("data" and "augmentation"). Trajectories of one batch cross often, which is what
    path invariance learns from. Arguments are those of `TrajectoryConfig`; out-of-range values raise ``ValueError``.
    """

    def __init__(
        self,
        batch_size: int = 130,
        length: int = 60,
        max_speed: float = 0.15,
        permute: bool = True,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.config = TrajectoryConfig(batch_size=batch_size, length=length, max_speed=max_speed, permute=permute)
        self.dtype = dtype

    def sample(self, generator: torch.Generator | None = None) -> VelocityBatch:
        """Draw a batch; all randomness comes from `generator` (torch's default one if None), on its device."""
        config = self.config
        device = generator.device if generator is not None else torch.device("cpu")

        def uniform(*shape: int) -> Tensor:
            return torch.rand(*shape, generator=generator, device=device, dtype=self.dtype)

        distinct = (2 * uniform(config.length, 2) - 1) * config.max_speed
        if config.permute:
            # Sorting random keys permutes all B rows in one call.
            order = uniform(config.batch_size, config.length).argsort(dim=1)
        else:
            order = torch.arange(config.length, device=device).expand(config.batch_size, -1)
        velocities = distinct[order]
        return VelocityBatch(distinct, order, velocities, velocities.cumsum(dim=1))
