"""The section ``analysis`` of a run's settings: those of the units, and a section for each further part."""

from pydantic import Field

from .._settings import Renamed
from ..analysis import (
    AnalysisConfig,
    ErrorCorrectionConfig,
    FourierConfig,
    ModulesConfig,
    PeriodsConfig,
    PhasesConfig,
    StateSpaceConfig,
    TopologyConfig,
    UniqueRangeConfig,
)
from ..evaluation import GeneralizationConfig, IntrinsicCorrectionConfig


class RunAnalysisConfig(Renamed, AnalysisConfig):
    """The analysis of a run: of its units (the fields of `AnalysisConfig`), and of all further parts."""

    FORMER = {"generalisation": "generalization"}

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
    generalization: GeneralizationConfig = Field(GeneralizationConfig(), description="Other boxes, other walks.")
    unique_range: UniqueRangeConfig = Field(UniqueRangeConfig(), description="Unique range.")
    error_correction: ErrorCorrectionConfig = Field(ErrorCorrectionConfig(), description="Decoding under damage.")
    intrinsic_correction: IntrinsicCorrectionConfig = Field(
        IntrinsicCorrectionConfig(), description="What the network makes of a disturbance."
    )

    def units_only(self) -> AnalysisConfig:
        """The settings of the analysis of units alone."""
        return AnalysisConfig(**{name: getattr(self, name) for name in AnalysisConfig.model_fields})
