r"""Coding theory: the place as its residues modulo several periods, one module of ideal grid cells each.

Fiete, Burak and Brookings 2008 (J. Neurosci. 28:6858) read grid cells as a residue number system: module m says the
place modulo its lattice. What the modules say together is unique far beyond the largest period, up to about the product
of the periods over the precision; Sreenivasan and Fiete 2011 (Nat. Neurosci. 14:1330) add that the code corrects errors
when only a part of that range is used. The ratio of neighboring periods is a setting: sqrt(e), which Wei, Prentice and
Balasubramanian 2015 (eLife 4:e08362) find best in two dimensions, 1.42, the mean of what Stensola et al. 2012 (Nature
492:72) measured, or drawn at random.

A unit of a module with wave vectors k_1, k_2, k_3 (120 degrees apart, |k| = 4 pi / (sqrt(3) spacing)) and preferred
place u fires with

    ``g(x) = exp(sharpness (sum_j cos(k_j . (x - u)) - 3) / 3)``,

which is 1 at its fields. That form is ours: nearly a Gaussian in a field, and periodic everywhere. Preferred places
tile the unit cell evenly.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._even_points import even_points
from .._settings import Settings
from ..analysis.synthetic_cells import lattice_basis
from ._baseline import Baseline, Code, Progress, Weights

_RATIOS = {"sqrt(e)": float(np.exp(0.5)), "1.42": 1.42}
_AT_RANDOM = (1.2, 2.0)  # about the range of the ratios measured in rats


class ResidueConfig(Settings):
    """Modules, their periods, and their units."""

    modules: int = Field(3, ge=1, description="Modules. Source: ours (a 2 m box shows three).")
    units: int = Field(32, ge=3, description="Units of each module. Source: ours.")
    smallest_m: float = Field(
        0.35,
        gt=0,
        allow_inf_nan=False,
        description="Spacing of the finest module, m. Source: ours (rats: 0.35 to 0.4).",
    )
    ratio: Literal["sqrt(e)", "1.42", "random"] = Field(
        "sqrt(e)",
        description="Spacing of each module over that of the next finer one; random: uniform from 1.2 to 2. "
        "Source: Wei et al. 2015, Stensola et al. 2012, ours.",
    )
    spacings_m: tuple[float, ...] = Field(
        (), description="Spacings, m, in place of modules, smallest_m and ratio. Source: ours."
    )
    parallel: bool = Field(
        False, description="All modules at 0 degrees; else each at an angle of its own. Source: ours."
    )
    sharpness: float = Field(
        4.0,
        gt=0,
        allow_inf_nan=False,
        description="Of the fields; 4 gives a standard deviation of 0.17 spacings. Source: ours.",
    )


def residue_bases(config: ResidueConfig, seed: int) -> Float[np.ndarray, "module 2 2"]:
    """Lattice of each module, rows in meters, from the finest to the coarsest.

    >>> np.linalg.norm(residue_bases(ResidueConfig(), seed=0)[:, 0], axis=-1).round(2)  # ratios of sqrt(e)
    array([0.35, 0.58, 0.95])
    """
    generator = np.random.default_rng(seed)
    spacings = np.asarray(config.spacings_m, dtype=np.float64)
    if not len(spacings):
        ratios = generator.uniform(*_AT_RANDOM, config.modules - 1)
        if config.ratio != "random":
            ratios[:] = _RATIOS[config.ratio]
        spacings = config.smallest_m * np.cumprod(np.append(1.0, ratios))
    angles = np.zeros(len(spacings)) if config.parallel else generator.uniform(0, 60, len(spacings))
    return np.stack([lattice_basis(spacing, angle) for spacing, angle in zip(spacings, angles, strict=True)])


def _fit(config: ResidueConfig, seed: int, progress: Progress | None = None) -> Weights:
    bases = residue_bases(config, seed)
    origins = np.random.default_rng([seed, 1]).random((len(bases), 1, 2))
    return {"bases_m": bases, "phases": even_points(np.arange(config.units), origins)}


def _build(config: ResidueConfig, weights: Weights) -> Code:
    bases, phases = weights["bases_m"], weights["phases"]
    # Waves along the reciprocal vectors and their sum: three directions, 120 degrees apart up to sign.
    reciprocal = 2 * np.pi * np.linalg.inv(bases).transpose(0, 2, 1)
    waves = np.concatenate([reciprocal, -reciprocal.sum(axis=1, keepdims=True)], axis=1)
    # k . u of each unit, from its phase.
    phase_angles = 2 * np.pi * np.concatenate([phases, -phases.sum(axis=2, keepdims=True)], axis=2)

    def code(positions: Float[np.ndarray, "place 2"]) -> Float[np.ndarray, "place unit"]:
        activity = []
        for module_waves, module_phases in zip(waves, phase_angles, strict=True):
            angle = np.asarray(positions) @ module_waves.T
            # cos(a - b) of every place and unit is two products of matrices.
            total = np.cos(angle) @ np.cos(module_phases).T + np.sin(angle) @ np.sin(module_phases).T
            activity.append(np.exp(config.sharpness * (total - 3) / 3))
        return np.concatenate(activity, axis=1)

    return Code(code)


RESIDUE = Baseline(
    name="residue",
    family="coding theory",
    title="Modular residue code",
    citation="Fiete, Burak and Brookings 2008, J. Neurosci. 28:6858",
    put_in_by_hand="everything: hexagonal lattices, the number of modules, their periods and phases",
    published="as many modules and tori as were put in; unique range near the product of the periods; corrects errors "
    "where only a part of that range is used",
    config=ResidueConfig,
    fit=_fit,
    build=_build,
)
