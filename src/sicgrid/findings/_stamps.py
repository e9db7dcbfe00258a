"""Stamps: what each result was made from, by which a part is up to date or has a reason why it is not."""

import json
from collections.abc import Mapping
from typing import Any

from .._settings import Renamed
from ..storage import RunDirectory, UserError, length_name, read_json, read_maps, read_units
from ._part import Part, result_file, stamp_file
from ._sources import Sources

Stamp = dict[str, Any]

NEW = "not there yet"
"""Why a part is computed that never was, in `PartEvent`."""


def expected_stamp(
    part: Part, sources: Sources, recorded: Mapping[str, str], stamps: Mapping[str, Stamp], stored: Stamp | None
) -> Stamp | None:
    """What the part's stamp must hold if it is up to date; None if a part that it reads is missing."""
    if any(name not in stamps for name in part.reads):
        return None
    inputs = {f"part {name}": stamps[name]["digest"] for name in part.reads}
    arenas = {"none": (), "main": (sources.main,), "all": sources.arenas}[part.recordings]
    for arena in (*arenas, *(() if part.arena is None else (part.arena,))):
        name = f"recording of the {length_name(arena)} m box"
        inputs[name] = recorded[name]
    if part.network:
        inputs["checkpoint"] = sources.origin.sha256
    if sources.kind != "trained":
        inputs["source"] = sources.kind
        had_network = ((stored or {}).get("inputs") or {}).get("network")
        if part.network and (sources.has_network or had_network):
            inputs["network"] = "given"
    settings = json.loads(json.dumps(part.settings(sources.config)))
    return {"version": part.version, "inputs": inputs, "settings": settings}


def stored_stamp(run: RunDirectory, part: Part) -> Stamp | None:
    """What a part's stored result was made from; None if there is none, or its file is damaged."""
    file = stamp_file(run, part)
    if not file.is_file():
        return None
    try:
        return read_json(file)
    except UserError:  # damaged: as good as none
        return None


def _has_its_units(run: RunDirectory, part: Part) -> bool:
    """Whether beside the Dataset of a part about one box there are a table and maps of as many units."""
    if part.arena is None and part.for_box is None:
        return True
    try:
        return len(read_units(run.units(part.arena))["unit"]) == len(read_maps(run.maps(part.arena)).maps)
    except (OSError, KeyError, UserError):
        return False


def differing(run: RunDirectory, part: Part, expected: Stamp, stored: Stamp | None) -> str:
    """Why a part must be computed, in a few words; empty if it is up to date."""
    dataset = result_file(run, part)
    if stored is None or "digest" not in stored or not dataset.is_file() or not dataset.stat().st_size:
        return NEW
    inputs, before = expected["inputs"], stored.get("inputs") or {}
    changed = [name for name in inputs if before.get(name) != inputs[name]]
    changed += [f"no {name}" for name in before if name not in inputs]
    settings = stored.get("settings")
    if isinstance(settings, dict) and part.model is not None and issubclass(part.model, Renamed):
        settings = part.model.present(settings)
    if expected["settings"] != settings:
        changed.append("settings")
    if expected["version"] != stored.get("version"):
        changed.append("its procedure")
    if changed:
        return f"changed: {', '.join(changed)}"
    return "" if _has_its_units(run, part) else NEW  # the last question, since it reads all maps of a box
