"""What a search may choose a setting from."""

from typing import Any, Self

from pydantic import Field, model_validator

from .._settings import Settings


class Range(Settings):
    """Values that a search may choose: an interval, or a list."""

    low: float | None = Field(None, allow_inf_nan=False, description="Smallest value.")
    high: float | None = Field(None, allow_inf_nan=False, description="Largest value.")
    log: bool = Field(False, description="Draw evenly in the logarithm.")
    choices: tuple[Any, ...] = Field((), description="Or: the values themselves.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.choices) == (self.low is not None or self.high is not None):
            raise ValueError("must have either low and high or choices")
        if not self.choices:
            if self.low is None or self.high is None or not self.low < self.high:
                raise ValueError("must have low < high")
            if self.log and self.low <= 0:
                raise ValueError("with log must have low > 0")
        return self

    def ends(self) -> tuple[Any, ...]:
        """The values that must be allowed for all of them to be."""
        return self.choices or (self.low, self.high)
