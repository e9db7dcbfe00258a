"""Settings of the loss."""

from typing import Literal

from pydantic import Field

from .._settings import Settings

TERM_LABELS = {
    "separation": "",
    "invariance": "",
    "capacity": "",
    "conformal_isometry": "isometry",
}
"""Name of each term of the loss -> its label in narrow columns, if not its name. Here, for rooms without torch."""


class LossConfig(Settings):
    """Length scales of the SIC loss and the weight of each of its terms, by the term's name."""

    sigma_x: float = Field(
        0.05,
        gt=0,
        allow_inf_nan=False,
        description="Points nearer than this are one place, meters. Source: paper (0.05).",
    )
    sigma_g: float = Field(
        0.4,
        gt=0,
        allow_inf_nan=False,
        description="State-space scale: far places are pushed this far apart, unitless. Source: paper (0.4).",
    )
    separation: float = Field(1.0, ge=0, allow_inf_nan=False, description="Weight of separation. Source: paper (1.0).")
    invariance: float = Field(
        0.1, ge=0, allow_inf_nan=False, description="Weight of path invariance. Source: paper (0.1)."
    )
    capacity: float = Field(0.5, ge=0, allow_inf_nan=False, description="Weight of capacity. Source: paper (0.5).")
    conformal_isometry: float = Field(
        0.01,
        ge=0,
        allow_inf_nan=False,
        description="Weight of conformal isometry. Source: ours (the paper names none; 0.1 and more kept path "
        "integration from being learned in short runs).",
    )
    reduction: Literal["mean", "sum"] = Field(
        "mean",
        description="Mean or sum over the pairs. Source: ours (the paper writes sums; only means make its weights "
        "commensurable).",
    )
