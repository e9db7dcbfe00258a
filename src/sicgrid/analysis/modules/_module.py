"""What is said of modules: one module, and all those of a population."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ..._repr import brief


@brief
@dataclass(frozen=True)
class Module:
    """Units that live on one torus: the unit cell of one lattice."""

    members: Int[np.ndarray, " member"]
    """Unit indices, sorted."""
    spacing_m: float
    orientation_deg: float
    """In [0, 60), as in :class:`Lattice`."""
    ellipticity: float
    basis_m: Float[np.ndarray, "2 2"]
    """Mean lattice of the members whose own lattice it is; rows in meters."""
    spacing_sd_m: float
    """Standard deviation over those members; NaN when fewer than two (their fields may fill finer lattices only)."""
    orientation_sd_deg: float
    phases_per_cell: Int[np.ndarray, " member"]
    """How many times finer each member's own lattice is than the module's: 1 the same lattice (one field per cell, or
    several in no order); 2, 3, 4, ... as many evenly placed fields per cell, on a lattice that contains the module's;
    -1 for members that repeat on the module's lattice without having one of these."""
    dependence: Float[np.ndarray, " member"]
    """How far each member's activity is a function of the phase in the lattice: 1 a function, 0 independent."""
    p_value: float
    """Of the densest group of lattices in it, against a continuum of spacings (see :func:`scan_lattices`)."""

    def __len__(self) -> int:
        """Number of members."""
        return len(self.members)


@brief
@dataclass(frozen=True)
class Modules:
    """What :func:`find_modules` found; the modules from the smallest spacing to the largest."""

    modules: tuple[Module, ...]
    unassigned: dict[int, str]
    """Unit -> why it belongs to no module."""
    dependence: Float[np.ndarray, "module module"]
    """[i, j]: how far the states of module i are a function of the phase in module j (0 independent; the diagonal
    near 1)."""
    scale_ratios: Float[np.ndarray, " ratio"]
    """Spacing of each module over that of the next smaller one."""
    rest_p_value: float
    """p of the densest group of lattices left over, against a continuum; NaN when there were too few to ask."""
    verdict: str
    """One sentence."""

    def __len__(self) -> int:
        """Number of modules."""
        return len(self.modules)

    def labels(self) -> Int[np.ndarray, " unit"]:
        """Index of each unit's module, -1 for none."""
        labels = np.full(len(self.unassigned) + sum(len(module) for module in self.modules), -1)
        for index, module in enumerate(self.modules):
            labels[module.members] = index
        return labels

    def summary(self) -> dict[str, Any]:
        """JSON-able numbers for summary.json; None where there is no number."""
        return {
            "modules": [
                {
                    "spacing_m": module.spacing_m,
                    "spacing_sd_m": module.spacing_sd_m if np.isfinite(module.spacing_sd_m) else None,
                    "orientation_deg": module.orientation_deg,
                    "ellipticity": module.ellipticity,
                    "units": module.members.tolist(),
                    "phases_per_cell": module.phases_per_cell.tolist(),
                    "p_value": module.p_value,
                }
                for module in self.modules
            ],
            "scale_ratios": self.scale_ratios.tolist(),
            "unassigned": {str(unit): reason for unit, reason in self.unassigned.items()},
            "verdict": self.verdict,
        }
