"""Settings of what is measured on a walking network."""

from pydantic import Field

from .._settings import Settings


class GeneralizationConfig(Settings):
    """How a network is compared between boxes and along walks."""

    samples: int = Field(
        50_000, ge=1000, description="States of each box whose distance from the start is taken. Source: ours (time)."
    )
    jerky_animals: int = Field(
        100, ge=2, description="Animals on jerky (i.i.d.) paths, in a box of up to 2 m. Source: ours (time)."
    )
    jerky_steps: int = Field(150, ge=10, description="Steps of each of them. Source: ours (time).")
    classes: int = Field(8, ge=1, description="Classes of distance of the path-integration error. Source: ours.")
    batches: int = Field(
        100,
        ge=1,
        description="The training's distances are those of as many walks as so many batches have. Source: ours.",
    )


class IntrinsicCorrectionConfig(Settings):
    """How disturbed states are followed."""

    steps: int = Field(20, ge=1, description="Steps after the disturbance. Source: ours.")
    samples: int = Field(200, ge=1, description="Disturbed states at each level of noise. Source: ours.")
    manifold_states: int = Field(
        5000, ge=10, description="Undisturbed states that stand for the manifold. Source: ours (time)."
    )
