"""Settings of the optimization."""

import math
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .._settings import Settings

Rate = Annotated[float, Field(ge=0, lt=1)]


class TrainConfig(Settings):
    """Optimizer, schedule and length of the training."""

    steps: int = Field(2_000_000, ge=1, description="Gradient steps. Source: paper (2e6).")
    learning_rate: float = Field(2e-5, gt=0, allow_inf_nan=False, description="AdamW step size. Source: paper (2e-5).")
    betas: tuple[Rate, Rate] = Field(
        (0.9, 0.999), description="AdamW's averaging constants, in [0, 1). Source: ours (PyTorch's defaults)."
    )
    weight_decay: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="AdamW's decoupled decay. Source: ours (unsaid in the paper)."
    )
    gradient_clip: float = Field(
        0.1, gt=0, description="Largest Euclidean norm of the whole gradient; .inf is none. Source: paper (0.1)."
    )
    accumulate: int = Field(2, ge=1, description="Batches averaged in one gradient step. Source: paper (2).")
    schedule: Literal["constant", "cosine", "plateau"] = Field(
        "plateau",
        description="Learning rate over time: 'cosine' falls to 0 at the last step, 'plateau' is ReduceLROnPlateau. "
        "Source: paper (plateau).",
    )
    warmup_steps: int = Field(0, ge=0, description="Steps of linear rise of the learning rate. Source: ours.")
    apart_steps: int = Field(
        0,
        ge=0,
        description="First steps in which each population of the network learns alone, the loss being the mean of "
        "their own losses; after them the loss is that of all units together. Source: ours.",
    )
    window: int = Field(
        0,
        ge=0,
        description="Neighboring units that are asked to be a code by themselves, early on: the loss is then the mean "
        "over two such windows at random places; 0 never asks. Source: ours.",
    )
    window_share: float = Field(
        2 / 3,
        ge=0,
        le=1,
        description="Share of the steps that have the loss of windows; after them it is that of all units. "
        "Source: ours.",
    )
    first_length: int = Field(
        0,
        ge=0,
        description="Steps of a trajectory in the first batches. It grows evenly to trajectories.length, the batch "
        "shrinking so that as many points stay; 0: that length from the start. Source: ours.",
    )
    growth_share: float = Field(
        0.6, gt=0, le=1, description="Share of the steps in which trajectories grow. Source: ours."
    )
    late_invariance: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="Weight of invariance in the last steps, when there are lattices to keep: with more of it, paths "
        "are integrated for longer. 0: loss.invariance throughout. Source: ours.",
    )
    late_share: float = Field(0.6, gt=0, le=1, description="Share of the steps that are the last. Source: ours.")
    plateau_factor: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Learning rate after a plateau over before. Source: ours (unsaid in the paper).",
    )
    plateau_patience: int = Field(
        20, ge=0, description="Windows without a better loss before that. Source: ours (unsaid in the paper)."
    )
    plateau_window: int = Field(
        1000,
        ge=1,
        description="Steps in one reading of the mean loss for the plateau. Source: ours (unsaid in the paper).",
    )
    stop: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="Training ends early where the mean loss over training.stop_window steps is less than this below "
        "the mean before. The rate, constant until then, falls to 0 by half a cosine, after training.steps at the "
        "latest; 0: never early. Source: ours.",
    )
    stop_window: int = Field(
        500, ge=1, description="Steps in one reading of the mean loss for training.stop. Source: ours."
    )
    stop_fall: float = Field(
        0.5,
        gt=0,
        allow_inf_nan=False,
        description="With training.stop, steps in which the rate falls at the end over the steps before. Source: ours.",
    )
    log_every: int = Field(10, ge=1, description="Steps between two records of the loss. Source: ours.")

    @field_validator("window")
    @classmethod
    def _of_one_kind(cls, window: int, info: Any) -> int:
        apart = info.data.get("apart_steps", 0)
        if window and apart:
            raise ValueError(f"must be 0 where populations learn apart (training.apart_steps is {apart})")
        return window

    @field_validator("stop")
    @classmethod
    def _falls_at_the_end(cls, stop: float, info: Any) -> float:
        schedule = info.data.get("schedule", "cosine")
        if stop and schedule != "cosine":
            raise ValueError(f"needs training.schedule 'cosine' (it is {schedule!r}), or must be 0")
        return stop

    @property
    def window_steps(self) -> int:
        """First steps that have the loss of windows."""
        return round(self.window_share * self.steps) if self.window else 0

    @property
    def growth_steps(self) -> int:
        """First steps in which trajectories grow."""
        return max(1, round(self.growth_share * self.steps)) if self.first_length else 0

    @property
    def early_steps(self) -> int:
        """Steps before `late_invariance` takes over; 0 where it never does, or from the first step on."""
        return self.steps - round(self.late_share * self.steps) if self.late_invariance else 0

    @property
    def changes(self) -> tuple[int, int, int, int]:
        """Steps after which the loss changes or trajectories stop growing; 0 for a change that never comes."""
        return self.apart_steps, self.window_steps, self.growth_steps, self.early_steps

    @property
    def stop_reads_from(self) -> int:
        """Step from which `training.stop` can use the loss: the end of the warm-up, or the last of the `changes`."""
        return max(self.warmup_steps, *self.changes)

    @property
    def stop_acts_from(self) -> int:
        """Step at which `training.stop` can first act: it takes two whole readings of the mean loss to compare."""
        return (math.ceil(self.stop_reads_from / self.stop_window) + 2) * self.stop_window

    def fall_from(self, ends_at: int) -> int:
        """Step from which the learning rate falls so that it is 0 at step `ends_at`."""
        return round(ends_at / (1 + self.stop_fall)) if self.stop else self.warmup_steps

    def end_after(self, step: int) -> int:
        """Step that training ends with if the learning rate begins to fall after `step`.

        >>> TrainConfig(steps=6000, schedule="cosine", stop=1e-3, stop_fall=0.25).end_after(2000)
        2500
        """
        return min(self.steps, round(step * (1 + self.stop_fall)))

    def length_at(self, step: int, last: int) -> int:
        """Length of the trajectories, in steps, after `step` gradient steps, if they grow to `last`.

        >>> config = TrainConfig(steps=1000, first_length=10, growth_share=0.5)
        >>> [config.length_at(step, 40) for step in (0, 250, 400, 500, 1000)]
        [10, 25, 34, 40, 40]
        """
        if step >= self.growth_steps:
            return last
        return round(self.first_length + (last - self.first_length) * step / self.growth_steps)


def refuse_idle_stop(config: TrainConfig) -> None:
    """Check that `training.stop`, which keeps the learning rate constant, can end the training early.

    Raises
    ------
    ValueError
        If it cannot.

    >>> refuse_idle_stop(TrainConfig(steps=6000, schedule="cosine", stop=1e-3, warmup_steps=3600))
    Traceback (most recent call last):
    ValueError: training.stop comes too late: the loss is read from step 3,600 on, first compared at step 5,000, and \
the learning rate falls from step 4,000 at the latest; lower training.stop_window, 500, or take more training.steps

    """
    falls = config.fall_from(config.steps)
    if config.stop and config.end_after(config.stop_acts_from) == config.steps:
        raise ValueError(
            f"training.stop comes too late: the loss is read from step {config.stop_reads_from:,} on, first compared "
            f"at step {config.stop_acts_from:,}, and the learning rate falls from step {falls:,} at the latest; lower "
            f"training.stop_window, {config.stop_window:,}, or take more training.steps"
        )
