"""One part of a run's analysis, computed and written: its result, its tables, its stamp."""

import time
from collections.abc import Callable, Iterable

import numpy as np
import xarray as xr

from ..analysis import UnitTable
from ..storage import (
    RunDirectory,
    dataset_digest,
    read_dataset,
    read_json,
    write_dataset,
    write_json,
    write_maps,
    write_units,
)
from ._part import Part, Progress, Result, Unavailable, result_file, stamp_file
from ._sources import Sources
from ._stamps import Stamp
from ._wording import sentence


def compute_part(
    part: Part, sources: Sources, expected: Stamp, on_plan: Callable[[str], None], on_progress: Progress
) -> Stamp:
    """Compute a part and write what comes of it; the stamp, which is ``expected`` with what was found."""
    run = sources.run
    if not sources.has_network:  # what an earlier result may have had
        expected = expected | {"inputs": {name: of for name, of in expected["inputs"].items() if name != "network"}}
    if part.plan is not None and (plan := part.plan(sources)):
        on_plan(plan)
    # Without its stamp a result counts as none: a kill from here on costs this part only.
    stamp_file(run, part).unlink(missing_ok=True)
    began = time.perf_counter()
    try:
        sources.check_units(part.fewest)
        result = part.compute(sources, on_progress)
    except Unavailable as why:
        result = Result(xr.Dataset(attrs={"reason": str(why)}), {})
    except ValueError as error:
        # The analyses check what they are given and say in one sentence what is wrong with it.
        result = Result(xr.Dataset(attrs={"reason": sentence(f"it cannot be computed here: {error}")}), {})
    result = result._replace(dataset=_named(result.dataset, sources))
    if result.table is not None:
        _write_table(run, result.table, part.arena)
    write_dataset(run.result(part.name), result.dataset)
    if part.formerly:
        remove_part(run, part.formerly)
    sources.keep(part.name, result.dataset)
    seconds = time.perf_counter() - began
    reason = str(result.dataset.attrs.get("reason", ""))
    stamp = expected | {
        "seconds": round(seconds, 3),
        "digest": dataset_digest(result.dataset),
        "reason": reason or None,
        "summary": dict(result.summary),
    }
    write_json(run.stamp(part.name), stamp)
    return read_json(run.stamp(part.name))


def keep_former(parts: Iterable[Part], sources: Sources) -> None:
    """Have results that are there under a former name alone read under their present one."""
    for part in parts:
        file = result_file(sources.run, part)
        if part.formerly and file.is_file() and file != sources.run.result(part.name):
            sources.keep(part.name, read_dataset(file))


def _named(dataset: xr.Dataset, sources: Sources) -> xr.Dataset:
    """With the units' names beside their indices: an index says nothing outside of this run."""
    if "unit" not in dataset.dims:
        return dataset
    names = np.array(sources.names(dataset.sizes["unit"]), dtype=object)
    return dataset.assign_coords({"name": ("unit", names)})


def _write_table(run: RunDirectory, table: UnitTable, arena: float | None) -> None:
    write_units(run.units(arena), table.columns)
    write_maps(run.maps(arena), table.maps._replace(names=table["name"]))


def remove_part(run: RunDirectory, *names: str) -> None:
    """Remove the stamps and results of these names."""
    for name in filter(None, names):
        run.stamp(name).unlink(missing_ok=True)
        run.result(name).unlink(missing_ok=True)
