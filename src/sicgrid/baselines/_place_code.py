"""Coding theory's other extreme: place cells, one field each, whose centers tile the box.

``g_i(x) = exp(-|x - c_i|^2 / (2 width^2))``, c_i on a square raster, each moved a little. The range of such a code is
what its centers cover: it grows with the number of units, and not exponentially. It is the code with which Fiete,
Burak and Brookings 2008 compare the modular one. Outside of its box no unit fires.
"""

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ..analysis.synthetic_cells import place_cells
from ._baseline import Baseline, Code, Progress, Weights


class PlaceCodeConfig(Settings):
    """Units, box and fields."""

    side: int = Field(12, ge=2, description="Units along a side of the raster; side^2 in all. Source: ours.")
    box_m: float = Field(2.0, gt=0, allow_inf_nan=False, description="Side of the box that they tile, m. Source: ours.")
    width_m: float = Field(
        0.12, gt=0, allow_inf_nan=False, description="Standard deviation of a field, m. Source: Sorscher et al. 2019."
    )
    jitter: float = Field(
        0.25,
        ge=0,
        le=0.5,
        description="Largest shift of a center along each axis, in steps of the raster; without any "
        "the units of a row would be a lattice. Source: ours.",
    )


def _fit(config: PlaceCodeConfig, seed: int, progress: Progress | None = None) -> Weights:
    step = config.box_m / config.side
    axis = (np.arange(config.side) + 0.5) * step - config.box_m / 2
    raster = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    moved = np.random.default_rng(seed).uniform(-config.jitter, config.jitter, raster.shape)
    return {"centers_m": raster + step * moved}


def _build(config: PlaceCodeConfig, weights: Weights) -> Code:
    centers = weights["centers_m"]

    def code(positions: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "place unit"]:
        return place_cells(positions, centers, config.width_m)

    return Code(code)


PLACE_CODE = Baseline(
    name="place-code",
    family="coding theory",
    title="Place code",
    citation="O'Keefe and Dostrovsky 1971, Brain Res. 34:171",
    put_in_by_hand="everything: one field for each unit, and the box that they tile",
    published="no modules, no torus; unique within the box, silent outside of it",
    config=PlaceCodeConfig,
    fit=_fit,
    build=_build,
)
