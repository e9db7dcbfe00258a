"""From a run's folder to what its findings show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..experiment import load_run_config
from ..storage import (
    RateMaps,
    RunDirectory,
    UserError,
    by_length_name,
    external_source,
    open_run,
    read_dataset,
    read_json,
    read_maps,
    read_metrics,
    read_provenance,
    read_units,
    shell_word,
)
from ._names import MODULES
from ._part import result_file
from ._registry import PARTS
from ._results import RunResults


def read_results(run_dir: Path) -> RunResults:
    """Read all that there is to show of a run.

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
    source = external_source(run)
    external = source is not None
    if source is not None:
        del made_by["train"]  # nothing was trained here
        if source["kind"] != "network":
            del made_by["evaluate"]  # and nothing walks
    for stage, files in made_by.items():
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            where = shell_word(run.path)
            command = f"train --resume --out {where}" if stage == "train" else f"{stage} {where}"
            raise UserError(f"the run {run.path} has no {' and no '.join(missing)} yet; run `sicgrid {command}`")
    config, summary = load_run_config(run), read_json(run.summary)
    try:
        return RunResults(
            name=run.path.resolve().name,
            config=config,
            provenance=read_provenance(run),
            metrics={"step": np.empty(0, dtype=int)} if external else read_metrics(run.metrics),
            evaluation=_evaluation(run, summary) if "evaluate" in made_by else {},
            summary=summary,
            units=read_units(run.units()),
            maps=read_maps(run.maps()),
            parts=read_parts(run),
            boxes=_boxes(run, summary),
        )
    except ValueError as error:
        again = f"sicgrid analyze {shell_word(run.path)}"
        raise UserError(f"the results in {run.path} do not fit: {error}; run `{again}`") from None


def _evaluation(run: RunDirectory, summary: Mapping[str, Any]) -> dict[str, Any]:
    """evaluation.json, its arenas under the names that the summary has for them."""
    evaluation = read_json(run.evaluation)
    sides = [float(side) for side in summary.get("arenas") or {}]
    return {**evaluation, "arenas": by_length_name(evaluation.get("arenas") or {}, sides)}


def _boxes(run: RunDirectory, summary: Mapping[str, Any]) -> dict[float, RateMaps]:
    """Rate maps of every arena of the summary, by side; the main one's are those of maps.npz."""
    main = summary.get("arena_m")
    files = {float(side): run.maps(float(side)) for side in summary.get("arenas") or {}}
    if main is not None:
        files[float(main)] = run.maps()
    return {side: read_maps(file) for side, file in sorted(files.items()) if file.is_file()}


def read_parts(run: RunDirectory) -> dict[str, xr.Dataset]:
    """Every part that has been computed, by name; those by module know the modules' spacings.

    Raises
    ------
    UserError
        If a file is damaged.

    """
    files = {part.name: result_file(run, part) for part in PARTS}
    return with_spacings({name: read_dataset(file) for name, file in files.items() if file.is_file()})


def with_spacings(parts: dict[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """The same parts, those by module with the modules' ``spacing_m``, by which figures name a module."""
    modules = parts.get(MODULES)
    if modules is None or "spacing_m" not in modules:
        return parts
    spacing = np.asarray(modules["spacing_m"].values)
    return {
        name: part.assign(spacing_m=("module", spacing))
        if part.sizes.get("module") == len(spacing) and "spacing_m" not in part
        else part
        for name, part in parts.items()
    }
