"""What a run's folder holds, as findings say and draw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int, Shaped

from .._repr import brief
from ..analysis import RateMaps
from ..experiment import RunConfig
from ..storage import activity_kind, length_name
from ._headline import beat_both
from ._names import MODULES, PERIODS, PHASES

# What nothing can be shown without; other columns of units.csv are shown where they are known.
UNIT_COLUMNS = ("unit", "active", "grid_score", "null_p99", "is_grid", "spacing_m", "orientation_deg")
NOT_COMPUTED = "This part has not been computed yet; `sicgrid analyze` makes it."


@brief
@dataclass(frozen=True)
class RunResults:
    """One run as it is shown.

    Raises
    ------
    ValueError
        If its parts do not belong together.

    """

    name: str
    config: RunConfig
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Shaped[np.ndarray, " records"]]  # may hold no record
    evaluation: Mapping[str, Any]  # path consistency by arena, held-out loss
    summary: Mapping[str, Any]
    units: Mapping[str, Shaped[np.ndarray, " unit"]]
    maps: RateMaps
    parts: Mapping[str, xr.Dataset] = field(default_factory=dict)  # analyses by name; those not done are not in it
    boxes: Mapping[float, RateMaps] = field(default_factory=dict)  # side in meters -> rate maps

    def __post_init__(self) -> None:
        missing = [name for name in UNIT_COLUMNS if name not in self.units]
        if missing:
            raise ValueError(f"the table of units lacks the columns {missing}; it has {list(self.units)}")
        rows, maps = len(self.units["unit"]), len(self.maps.maps)
        if rows != maps:
            raise ValueError(f"the table of units has {rows} rows, but there are {maps} rate maps")
        if self.evaluation and self.summary.get("checkpoint") != self.evaluation.get("checkpoint"):
            raise ValueError("the analysis is of another checkpoint than the evaluation")
        members = self._values(MODULES, "members")
        if members is not None and members.size != rows:
            raise ValueError(f"the table of units has {rows} rows, but modules were sought among {members.size} units")

    @property
    def kind(self) -> str:
        """Who made the activity: "trained", a network of this run; "network", an external one; "code"; "recording"."""
        return activity_kind(self.provenance)

    def module_of_unit(self) -> Int[np.ndarray, " unit"]:
        """Index of each unit's module, in the order of the table; -1 for none."""
        members = self._values(MODULES, "members")
        return np.full(len(self.maps.maps), -1) if members is None else members.astype(int)

    @property
    def arena(self) -> float:
        """Side of the main box, meters."""
        return float(self.summary.get("arena_m") or self.config.evaluation.arenas[0])

    @property
    def paths(self) -> Mapping[str, Any]:
        """How the code held along the walks in the main box; empty where nothing walked."""
        return (self.evaluation.get("arenas") or {}).get(length_name(self.arena)) or {}

    @property
    def active(self) -> Bool[np.ndarray, " unit"]:
        """Units that fire at all."""
        return np.asarray(self.units["active"], dtype=bool)

    @property
    def grid(self) -> Bool[np.ndarray, " unit"]:
        """Units that count as grid cells: beyond both nulls."""
        return beat_both(self.units)

    @property
    def scorer(self) -> str:
        """The scorer's name: of the summary, where it may stand with its parameters, or of the table."""
        stated = self.summary.get("scorer")
        if isinstance(stated, Mapping):
            stated = stated.get("method") or stated.get("name")
        if not stated and "scorer" in self.units and len(self.units["scorer"]):
            stated = self.units["scorer"][0]
        return str(stated or "unnamed")

    def module_spacings(self) -> Float[np.ndarray, " module"]:
        """Spacing of each module, meters; empty where there is none."""
        spacings = self._values(MODULES, "spacing_m")
        return np.empty(0) if spacings is None else spacings.astype(float)

    def module_bases(self) -> Float[np.ndarray, "module 2 2"]:
        """Basis of each module's lattice, meters; empty where there is none."""
        bases = self._values(MODULES, "basis_m")
        return np.empty((0, 2, 2)) if bases is None else bases.astype(float)

    def phases(self) -> Float[np.ndarray, "unit 3"]:
        """Phase of each unit along the three waves of its module, radians; NaN where it has none."""
        phases = self._values(PHASES, "phase")
        return np.full((len(self.maps.maps), 3), np.nan) if phases is None else phases.astype(float)

    def finer_units(self) -> Bool[np.ndarray, " unit"]:
        """Units with several fields in a cell of their module, or with a lattice of their own within it."""
        index, fields = self._values(PERIODS, "index"), self._values(PERIODS, "fields")
        if index is None or fields is None:
            return np.zeros(len(self.maps.maps), dtype=bool)
        return np.asarray((index > 1) | (fields > 1))

    def _values(self, part: str, name: str) -> Shaped[np.ndarray, "..."] | None:
        """A variable of a part's result; None where it was not computed or holds no such."""
        result = self.parts.get(part)
        return None if result is None or name not in result else np.asarray(result[name].values)

    def missing(self, result: str) -> str:
        """Why there is nothing of this result to show; empty if there is."""
        part = self.parts.get(result)
        if has_results(part):
            return ""
        return NOT_COMPUTED if part is None else str(part.attrs.get("reason") or NOT_COMPUTED)


def has_results(part: xr.Dataset | None) -> TypeGuard[xr.Dataset]:
    """Whether a part was computed and holds results."""
    return part is not None and not part.attrs.get("reason") and len(part.variables) > 0
