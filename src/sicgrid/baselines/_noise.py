"""Chance: rate maps of smooth noise, which share an animal's map's smoothness and nothing else.

``g_i(x) = max(0, f_i(x))`` with f_i a Gaussian random field, white noise smoothed by a Gaussian; see
`sicgrid.analysis.synthetic_cells.noise_cells`. It is defined at any place.
"""

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ..analysis.synthetic_cells import noise_cells
from ._baseline import Baseline, Code, Progress, Weights

_CHUNK = 4096  # places at once: 512 waves of each are 16 MB


class NoiseConfig(Settings):
    """Units and their smoothness."""

    units: int = Field(100, ge=1, description="Units. Source: ours.")
    smoothing_m: float = Field(
        0.15,
        gt=0,
        allow_inf_nan=False,
        description="Standard deviation of the smoothing, m; fields then are as wide as "
        "those of a lattice of about 0.8 m. Source: ours.",
    )


def _fit(config: NoiseConfig, seed: int, progress: Progress | None = None) -> Weights:
    return {"seed": np.array(seed)}


def _build(config: NoiseConfig, weights: Weights) -> Code:
    seed = int(weights["seed"])

    def code(positions: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "place unit"]:
        points = np.asarray(positions)
        # The same generator for every chunk: the field is the seed's, wherever it is asked for.
        parts = [
            noise_cells(points[start : start + _CHUNK], config.units, config.smoothing_m, np.random.default_rng(seed))
            for start in range(0, max(len(points), 1), _CHUNK)
        ]
        return np.concatenate(parts)

    return Code(code)


NOISE = Baseline(
    name="noise",
    family="chance",
    title="Smooth noise",
    citation="ours",
    put_in_by_hand="the smoothness",
    published="no grid cells beyond chance, no modules, no torus",
    config=NoiseConfig,
    fit=_fit,
    build=_build,
)
