"""Settings of the training's trajectories."""

from pydantic import Field

from .._settings import Settings


class TrajectoryConfig(Settings):
    """What one batch of training trajectories is made of."""

    batch_size: int = Field(130, ge=1, description="B, trajectories in a batch. Source: paper (130).")
    length: int = Field(60, ge=1, description="T, steps in a trajectory. Source: paper (60).")
    max_speed: float = Field(
        0.15,
        gt=0,
        allow_inf_nan=False,
        description="Largest speed along an axis, meters per step. Source: paper (0.15).",
    )
    permute: bool = Field(
        True,
        description="Walk the velocities in a different order in each trajectory; false repeats one order (claim C10). "
        "Source: paper (true).",
    )
