"""Settings of the network."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .._settings import Renamed

ABOUT_POPULATIONS = {"populations", "population_units"}  # settings of `PopulationRNN` alone
ABOUT_PLACES = {"coupling_range", "norm_range", "sheet"}  # settings of `RingRNN` alone


class ModelConfig(Renamed):
    """Size and start of the velocity-driven recurrent network."""

    FORMER = {"initialisation": "initialization"}

    units: int = Field(128, ge=1, description="N, recurrent units. Source: paper (128).")
    hidden: int = Field(256, ge=1, description="Width of the MLP's hidden layers. Source: ours (unsaid in the paper).")
    layers: int = Field(3, ge=1, description="Linear layers of the MLP that makes W(v). Source: paper (3).")
    activation: Literal["relu", "gelu", "tanh", "silu"] = Field(
        "relu", description="Nonlinearity of the MLP. Source: ours (unsaid in the paper)."
    )
    initialization: Literal["default", "identity"] = Field(
        "default",
        description="Start of W(v): 'default' is PyTorch's own, 'identity' adds the identity to the last bias, so that "
        "standing still changes nothing. Source: ours (unsaid in the paper).",
    )
    velocity_scale: float = Field(
        1.0,
        gt=0,
        allow_inf_nan=False,
        description="The MLP sees v / velocity_scale, meters per step; the largest speed gives inputs in [-1, 1]. "
        "Source: ours (1.0 is the paper's unscaled velocity).",
    )
    populations: int = Field(
        1,
        ge=1,
        description="Groups into which the units are dealt, each with a NormReLU of its own and not coupled to the "
        "others. Source: paper (1).",
    )
    population_units: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (),
        description="Units of each population, N in all; none given: as even as can be. Source: ours.",
    )
    coupling_range: int = Field(
        0,
        ge=0,
        description="Units lie side by side, and W(v) couples those at most so many places apart; 0 couples all. "
        "Source: ours.",
    )
    norm_range: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="NormReLU divides each unit by the activity around it, under a Gaussian of this standard deviation "
        "in units; 0 is the paper's, by that of all. Source: ours.",
    )
    sheet: Literal["ring", "line"] = Field(
        "ring", description="Whether the last unit is the first one's neighbor, for local couplings. Source: ours."
    )
    train_initial_state: bool = Field(
        False, description="Whether g0 is learned; else it stays as drawn. Source: ours (unsaid in the paper)."
    )

    @property
    def local(self) -> bool:
        """Whether units have places on a ring or a line, so that the distance between two of them matters."""
        return self.coupling_range > 0 or self.norm_range > 0 or self.sheet == "line"

    @field_validator("coupling_range", "norm_range")
    @classmethod
    def _of_one_population(cls, reach: int | float, info: Any) -> int | float:
        populations = info.data.get("populations", 1)
        if reach > 0 and populations > 1:
            raise ValueError(f"must be 0 with several populations ({populations}), whose units have no places")
        return reach

    @field_validator("populations")
    @classmethod
    def _with_a_unit_each(cls, populations: int, info: Any) -> int:
        units = info.data.get("units", populations)
        if populations > units:
            raise ValueError(f"must be at most the number of units, {units}")
        return populations

    @field_validator("population_units")
    @classmethod
    def _all_units(cls, sizes: tuple[int, ...], info: Any) -> tuple[int, ...]:
        # `info.data` lacks a field that failed its own validation; that field's error is raised anyway.
        units, populations = info.data.get("units", sum(sizes)), info.data.get("populations", len(sizes))
        if sizes and (sum(sizes), len(sizes)) != (units, populations):
            raise ValueError(f"must be {populations} numbers (populations) whose sum is {units} (units)")
        return sizes
