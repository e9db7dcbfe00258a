"""What a run's folder holds, read for the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr
from jaxtyping import Int, Shaped
from numpy import asarray, empty, full, ndarray

from ..experiment import RunConfig, load_run_config
from ..storage import (
    RunDirectory,
    StoredMaps,
    UserError,
    by_length_name,
    external_source,
    open_run,
    read_json,
    read_maps,
    read_metrics,
    read_provenance,
    read_units,
)
from ._parts import read_parts

# What the page cannot do without; other columns of units.csv are shown where they are known.
UNIT_COLUMNS = ("unit", "active", "grid_score", "null_p99", "is_grid", "spacing_m", "orientation_deg")


@dataclass(frozen=True)
class RunResults:
    """One run as the page shows it; ``ValueError`` if its parts do not belong together."""

    name: str
    config: RunConfig
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Shaped[ndarray, " records"]]  # may hold no record
    evaluation: Mapping[str, Any]  # path consistency by arena, held-out loss
    summary: Mapping[str, Any]
    units: Mapping[str, Shaped[ndarray, " unit"]]
    maps: StoredMaps
    parts: Mapping[str, xr.Dataset] = field(default_factory=dict)  # analyses by name; those not done are not in it
    boxes: Mapping[float, StoredMaps] = field(default_factory=dict)  # side in metres -> rate maps

    def __post_init__(self) -> None:
        missing = [name for name in UNIT_COLUMNS if name not in self.units]
        if missing:
            raise ValueError(f"the table of units lacks the columns {missing}; it has {list(self.units)}")
        rows, maps = len(self.units["unit"]), len(self.maps.maps)
        if rows != maps:
            raise ValueError(f"the table of units has {rows} rows, but there are {maps} rate maps")
        if self.evaluation and self.summary.get("checkpoint") != self.evaluation.get("checkpoint"):
            raise ValueError("the analysis is of another checkpoint than the evaluation")
        members = self.parts["modules"].get("members") if "modules" in self.parts else None
        if members is not None and members.size != rows:
            raise ValueError(f"the table of units has {rows} rows, but modules were sought among {members.size} units")

    def module_of_unit(self) -> Int[ndarray, " unit"]:
        """Index of each unit's module, in the order of the table; -1 for none."""
        members = self.parts["modules"].get("members") if "modules" in self.parts else None
        if members is None:
            return full(len(self.maps.maps), -1)
        return asarray(members.values).astype(int)


def read_results(run_dir: Path) -> RunResults:
    """Read all that the page needs.

    Raises
    ------
    UserError
        If there is no run, a stage has not been done yet (its command is named), or a file is damaged.

    """
    run = open_run(run_dir)
    made_by = {
        "train": (run.metrics,),
        "evaluate": (run.evaluation,),
        "analyze": (run.units(), run.maps(), run.summary),
    }
    foreign = external_source(run) is not None
    if foreign:
        del made_by["train"], made_by["evaluate"]  # somebody's recording: no network to train or evaluate
    for stage, files in made_by.items():
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            command = f"train --resume --out {run.path}" if stage == "train" else f"{stage} {run.path}"
            raise UserError(f"the run {run.path} has no {' and no '.join(missing)} yet; run `sicgrid {command}`")
    config, summary = load_run_config(run), read_json(run.summary)
    try:
        return RunResults(
            name=run.path.resolve().name,
            config=config,
            provenance=read_provenance(run),
            metrics={"step": empty(0, dtype=int)} if foreign else read_metrics(run.metrics),
            evaluation={} if foreign else _evaluation(run, summary),
            summary=summary,
            units=read_units(run.units()),
            maps=read_maps(run.maps()),
            parts=read_parts(run),
            boxes=_boxes(run, summary),
        )
    except ValueError as error:
        raise UserError(f"the results in {run.path} do not fit: {error}; run `sicgrid analyze {run.path}`") from None


def _evaluation(run: RunDirectory, summary: Mapping[str, Any]) -> dict[str, Any]:
    """evaluation.json, its arenas under the names that the summary has for them."""
    found = read_json(run.evaluation)
    sides = [float(side) for side in summary.get("arenas") or {}]
    return {**found, "arenas": by_length_name(found.get("arenas") or {}, sides)}


def _boxes(run: RunDirectory, summary: Mapping[str, Any]) -> dict[float, StoredMaps]:
    """Rate maps of every arena of the summary, by side; the main one's are those of maps.npz."""
    main = summary.get("arena_m")
    files = {float(side): run.maps(float(side)) for side in summary.get("arenas") or {}}
    if main is not None:
        files[float(main)] = run.maps()
    return {side: read_maps(file) for side, file in sorted(files.items()) if file.is_file()}
