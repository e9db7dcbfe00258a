"""Settings of the parts of the analysis, each beside the others under ``analysis`` of a run's settings."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..analysis import AnalysisConfig, TopologyConfig


class ModulesConfig(BaseModel):
    """How modules are sought."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alpha: float = Field(
        0.01, gt=0, lt=1, description="Level of each test against a continuum of spacings. Source: ours."
    )
    least: int = Field(
        3, ge=2, description="Fewest units with a lattice of their own that make a module, units. Source: ours."
    )
    draws: int = Field(199, ge=19, description="Continua that p is counted among; above 1 / alpha. Source: ours.")


class PeriodsConfig(BaseModel):
    """How the units' own lattices are sought in their module's; what a group is has the settings of `ModulesConfig`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most: int = Field(
        12, ge=2, le=16, description="Largest index that is sought. Source: ours (beyond the 9 of the paper's figure)."
    )
    draws: int = Field(
        999, ge=19, description="Units with fields at random phases, for each p. Source: ours (p down to 0.001)."
    )


class FourierConfig(BaseModel):
    """How the power of rate maps is sampled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pad: int = Field(
        8, ge=1, le=32, description="Side of the padded map in sides of the map. Source: ours (8 samples a resolution)."
    )
    highest: float = Field(
        5.0, gt=0, description="Highest frequency that is kept, cycles per meter. Source: ours (spacings of 0.23 m)."
    )


class PhasesConfig(BaseModel):
    """How the tiling of the unit cell is tested."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    draws: int = Field(999, ge=99, description="Sets of random phases. Source: ours (p down to 0.001).")


class StateSpaceConfig(BaseModel):
    """How a module's states are pictured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["spectral", "isomap"] = Field("spectral", description="Embedding. Source: paper (either).")
    components: int = Field(6, ge=3, description="Principal components kept first. Source: paper.")
    neighbors: int = Field(15, ge=2, description="Of the neighborhood graph. Source: ours.")
    points: int = Field(1500, ge=50, description="States shown, at most. Source: ours (memory grows with the square).")


class GeneralisationConfig(BaseModel):
    """How a network is compared between boxes and along walks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: int = Field(
        50_000, ge=1000, description="States of each box whose distance from the start is taken. Source: ours (time)."
    )
    jerky_animals: int = Field(
        100, ge=2, description="Animals on jerky (i.i.d.) paths, in a box of up to 2 m. Source: ours (time)."
    )
    jerky_steps: int = Field(150, ge=10, description="Steps of each of them. Source: ours (time).")
    classes: int = Field(8, ge=1, description="Classes of distance of the path-integration error. Source: ours.")
    batches: int = Field(10, ge=1, description="Training batches for the training's distances. Source: ours.")


class UniqueRangeConfig(BaseModel):
    """How far the code is called unique."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confusion: float = Field(
        0.01, gt=0, lt=0.5, description="Probability of mistaking one place for another still allowed. Source: ours."
    )
    references: int = Field(400, ge=1, description="Places compared with all others. Source: ours (time).")
    at_noise: float = Field(
        0.05,
        gt=0,
        description="Noise for the one number of the summary, standard deviation per unit; the nearest level is taken. "
        "Source: ours (0.57 in norm for 128 units, two thirds of the 0.8 between states of far places).",
    )


class ErrorCorrectionConfig(BaseModel):
    """How well places are read from damaged states."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    samples: int = Field(1000, ge=10, description="States sent at each level of damage. Source: ours.")


class IntrinsicCorrectionConfig(BaseModel):
    """How disturbed states are followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(20, ge=1, description="Steps after the disturbance. Source: ours.")
    samples: int = Field(200, ge=1, description="Disturbed states at each level of noise. Source: ours.")
    manifold_states: int = Field(
        5000, ge=10, description="Undisturbed states that stand for the manifold. Source: ours (time)."
    )


class RunAnalysisConfig(AnalysisConfig):
    """The analysis of a run: of its units (the fields of `AnalysisConfig`), and of all further parts."""

    other_boxes_shuffles: int = Field(
        20,
        ge=2,
        description="Maps in each null distribution in boxes other than the main one, never more than shuffles. "
        "Source: ours (time, which grows with a box's area; the nulls that are quoted are the main box's).",
    )
    modules: ModulesConfig = Field(ModulesConfig(), description="Modules.")
    periods: PeriodsConfig = Field(PeriodsConfig(), description="Periods and index spectrum.")
    fourier: FourierConfig = Field(FourierConfig(), description="Fourier power.")
    phases: PhasesConfig = Field(PhasesConfig(), description="Phases of the units.")
    state_space: StateSpaceConfig = Field(StateSpaceConfig(), description="Principal components and embedding.")
    topology: TopologyConfig = Field(TopologyConfig(), description="Persistent homology.")
    generalisation: GeneralisationConfig = Field(GeneralisationConfig(), description="Other boxes, other walks.")
    unique_range: UniqueRangeConfig = Field(UniqueRangeConfig(), description="Unique range.")
    error_correction: ErrorCorrectionConfig = Field(ErrorCorrectionConfig(), description="Decoding under damage.")
    intrinsic_correction: IntrinsicCorrectionConfig = Field(
        IntrinsicCorrectionConfig(), description="What the network makes of a disturbance."
    )

    def units_only(self) -> AnalysisConfig:
        """The settings of the analysis of units alone."""
        return AnalysisConfig(**{name: getattr(self, name) for name in AnalysisConfig.model_fields})
