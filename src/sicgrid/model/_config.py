"""Settings of the network."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class ModelConfig(BaseModel):
    """Size and start of the velocity-driven recurrent network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: int = Field(128, ge=1, description="N, recurrent units. Source: paper (128).")
    hidden: int = Field(256, ge=1, description="Width of the MLP's hidden layers. Source: ours (unsaid in the paper).")
    layers: int = Field(3, ge=1, description="Linear layers of the MLP that makes W(v). Source: paper (3).")
    activation: Literal["relu", "gelu", "tanh", "silu"] = Field(
        "relu", description="Nonlinearity of the MLP. Source: ours (unsaid in the paper)."
    )
    initialisation: Literal["default", "identity"] = Field(
        "default",
        description="Start of W(v): 'default' is PyTorch's own, 'identity' adds the identity to the last bias, so that "
        "standing still changes nothing. Source: ours (unsaid in the paper).",
    )
    velocity_scale: float = Field(
        1.0,
        gt=0,
        allow_inf_nan=False,
        description="The MLP sees v / velocity_scale, metres per step; the largest speed gives inputs in [-1, 1]. "
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
    train_initial_state: bool = Field(
        False, description="Whether g0 is learned; else it stays as drawn. Source: ours (unsaid in the paper)."
    )

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
        # A number that was itself refused is not there, and has its own error.
        units, populations = info.data.get("units", sum(sizes)), info.data.get("populations", len(sizes))
        if sizes and (sum(sizes), len(sizes)) != (units, populations):
            raise ValueError(f"must be {populations} numbers (populations) whose sum is {units} (units)")
        return sizes
