"""The analysis stage: from recordings to the parts' results, the table of units, rate maps and a summary."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import xarray as xr

from .. import model
from .._settings import Renamed
from ..analysis import UnitTable
from ..experiment import RunConfig, recordings_origin
from ..storage import (
    RunDirectory,
    UserError,
    by_length_name,
    dataset_digest,
    length_name,
    read_dataset,
    read_json,
    read_provenance,
    read_units,
    recorded_arenas,
    recording_description,
    recording_digest,
    session,
    write_dataset,
    write_json,
    write_maps,
    write_units,
)
from ._claims import claims
from ._headline import headline
from ._part import Part, Progress, Result, Unavailable, result_file, stamp_file
from ._registry import PART_NAMES, check_parts, needed_parts, parts_of
from ._sources import Sources

Stamp = dict[str, Any]
State = Literal["up to date", "computing", "plan", "done", "removed"]


NEW = "not there yet"
"""Why a part is computed that never was, in `PartNews`."""


class PartNews(NamedTuple):
    """What has just become of a part; ``text`` is why it is computed, what came of it, or empty.

    It is number ``number`` of ``of`` that are wanted (0: not wanted); ``usual_s`` and ``ahead_s`` are the seconds that
    it and those after it usually take (`Part.usual_s`), for a guess of the time left.
    """

    part: str
    state: State
    text: str = ""
    number: int = 1
    of: int = 1
    usual_s: float = 1.0
    ahead_s: float = 0.0


class Tell(Protocol):
    """Says what has become of one part."""

    def __call__(self, state: State, text: str = "") -> None: ...


def analyze_run(
    run: RunDirectory,
    config: RunConfig,
    on_part: Callable[[PartNews], None],
    on_progress: Progress,
    only: Sequence[str] = (),
    network: model.Network | None = None,
) -> dict[str, object]:
    """Bring the analysis of the run's recordings up to date and return the summary. The caller holds the run's lock.

    A part is computed when it never was, or when its version, its settings, a recording, the checkpoint or a part that
    it reads have changed; a stamp beside each result says from what it was made. ``only`` limits this to the named
    parts, what they read, and the units of the main box. Results that are out of date and were not asked for
    are removed, so that those of a folder always belong together.

    Writes results/PART.nc and results/PART.json; units.csv and maps.npz for the main box (the first of the settings,
    else the smallest recorded), units-ARENA.csv and maps-ARENA.npz for the others; and summary.json: the main box's
    numbers at the top, each box's under ``arenas``, each part's under ``parts``, and the claims (of networks trained
    here). ``on_part`` hears what becomes of each part, ``on_progress`` how much of one is done and of how much.

    ``network`` is the one that a run of somebody's own network does not hold. Parts that ask it say so without it; what
    was computed with it stays up to date without it.

    Raises
    ------
    UserError
        If a part is unknown, there is no recording, or one is damaged, of another run or of an older checkpoint, or
        cannot be analyzed (the box has too few bins); if ``network`` is not the one of the recordings.

    """
    check_parts(only)  # a misspelt name must be told before anything is read
    origin = recordings_origin(run, config)
    arenas = recorded_arenas(run)
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    # An external recording has no evaluation: there is no network to evaluate.
    if origin is None or not arenas or (not evaluation and origin.step is not None):
        raise UserError(f"the run {run.path} has no recordings; make them with `sicgrid evaluate {run.path}`")
    run_id = read_provenance(run)["run"]
    for arena in arenas:
        recording_description(run, run_id, arena, origin.sha256)
    main = config.evaluation.arenas[0] if config.evaluation.arenas[0] in arenas else arenas[0]
    sources = Sources(run, config, origin, arenas, main, network)
    if network is not None:
        sources.check_network(network)
    parts = parts_of(arenas, main)
    needed = needed_parts(only, parts)
    recorded = {f"recording of the {length_name(arena)} m box": recording_digest(run, arena) for arena in arenas}
    from threadpoolctl import threadpool_limits  # here, since importing it sets an environment variable

    # The matrices are small: more BLAS threads gain nothing, and wait by spinning where another process has the core.
    with session(run, "analyze") as notes, threadpool_limits(1, user_api="blas"):
        run.results.mkdir(exist_ok=True)
        stamps: dict[str, Stamp] = {}
        wanted = [part for part in parts.values() if part.name in needed]
        for part in parts.values():
            tell = _teller(part, wanted, on_part)
            stored = _stored(run, part)
            expected = _expected(part, sources, recorded, stamps, stored)
            complete = _complete(run, part, sources)
            differing = _differing(part, expected, stored, complete) if expected is not None else "stale"
            if not differing:
                assert stored is not None  # else it would differ
                stamps[part.name] = stored
                if part.formerly:
                    sources.keep(part.name, read_dataset(result_file(run, part)))
                tell("up to date")
            elif part.name in needed:
                assert expected is not None  # what a part reads is needed with it
                tell("computing", differing)
                stamps[part.name] = _compute(part, sources, expected, tell, on_progress)
            elif stored is not None or result_file(run, part).exists():
                _remove(run, part.name, part.formerly)
                tell("removed", "out of date and not asked for")
        _remove_other_boxes(run, parts)
        notes["parts"] = sorted(stamps)
        summary = _summary(sources, parts, evaluation, stamps, run_id)
        write_json(run.summary, summary)
    return summary


def _teller(part: Part, wanted: Sequence[Part], on_part: Callable[[PartNews], None]) -> Tell:
    """Passes on what becomes of this part, with its place among those that are wanted."""
    number = next((place for place, one in enumerate(wanted, start=1) if one.name == part.name), 0)
    ahead = sum(one.usual_s for one in wanted[number:]) if number else 0.0

    def tell(state: State, text: str = "") -> None:
        on_part(PartNews(part.name, state, text, number, len(wanted), part.usual_s, ahead))

    return tell


def _expected(
    part: Part, sources: Sources, recorded: Mapping[str, str], stamps: Mapping[str, Stamp], stored: Stamp | None
) -> Stamp | None:
    """What the part's stamp must say of its making if it is up to date; None if a part that it reads is missing."""
    if any(name not in stamps for name in part.parts):
        return None
    inputs = {f"part {name}": stamps[name]["digest"] for name in part.parts}
    sides = {"none": (), "main": (sources.main,), "all": sources.arenas}[part.recordings]
    for arena in (*sides, *(() if part.arena is None else (part.arena,))):
        name = f"recording of the {length_name(arena)} m box"
        inputs[name] = recorded[name]
    if part.network:
        inputs["checkpoint"] = sources.origin.sha256
    if sources.kind != "trained":
        inputs["source"] = sources.kind
        had = ((stored or {}).get("inputs") or {}).get("network")
        if part.network and (sources.has_network or had):
            inputs["network"] = "given"
    settings = json.loads(json.dumps(part.settings(sources.config)))
    return {"version": part.version, "inputs": inputs, "settings": settings}


def _stored(run: RunDirectory, part: Part) -> Stamp | None:
    file = stamp_file(run, part)
    if not file.is_file():
        return None
    try:
        return read_json(file)
    except UserError:  # damaged: as good as none
        return None


def _complete(run: RunDirectory, part: Part, sources: Sources) -> bool:
    files = [result_file(run, part)]
    if part.arena is not None or part.for_box is not None:
        files += [run.units(part.arena), run.maps(part.arena)]
    return all(file.is_file() for file in files)


def _differing(part: Part, expected: Stamp, stored: Stamp | None, complete: bool) -> str:
    """Why a part must be computed, in a few words; empty if it is up to date."""
    if stored is None or not complete or "digest" not in stored:
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
    return f"changed: {', '.join(changed)}" if changed else ""


def _compute(part: Part, sources: Sources, expected: Stamp, tell: Tell, on_progress: Progress) -> Stamp:
    run = sources.run
    if not sources.has_network:  # what an earlier result may have had
        expected = expected | {"inputs": {name: of for name, of in expected["inputs"].items() if name != "network"}}
    if part.plan is not None and (plan := part.plan(sources)):
        tell("plan", plan)
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
        result = Result(xr.Dataset(attrs={"reason": _sentence(f"it cannot be computed here: {error}")}), {})
    result = result._replace(dataset=_named(result.dataset, sources))
    if result.table is not None:
        _write_table(run, result.table, part.arena)
    write_dataset(run.result(part.name), result.dataset)
    if part.formerly:
        _remove(run, part.formerly)
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
    tell("done", f"{seconds:.1f} s" + (f"; no result: {reason}" if reason else ""))
    return read_json(run.stamp(part.name))


def _named(dataset: xr.Dataset, sources: Sources) -> xr.Dataset:
    """With the units' names beside their indices: an index says nothing outside of this run."""
    if "unit" not in dataset.dims:
        return dataset
    names = np.array(sources.names(dataset.sizes["unit"]), dtype=object)
    return dataset.assign_coords({"name": ("unit", names)})


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _write_table(run: RunDirectory, table: UnitTable, arena: float | None) -> None:
    write_units(run.units(arena), table.columns)
    write_maps(run.maps(arena), table.maps._replace(names=table["name"]))


def _remove(run: RunDirectory, *names: str) -> None:
    for name in filter(None, names):
        run.stamp(name).unlink(missing_ok=True)
        run.result(name).unlink(missing_ok=True)


def _remove_other_boxes(run: RunDirectory, parts: Mapping[str, Part]) -> None:
    """Remove results about boxes whose recording is gone."""
    for name in [part.name for part in parts.values() if part.for_box is not None]:
        for path in run.results.glob(f"{name}-*.nc"):
            if path.stem not in parts:
                _remove(run, path.stem)


def _summary(
    sources: Sources, parts: Mapping[str, Part], evaluation: Mapping[str, Any], stamps: Mapping[str, Stamp], run_id: str
) -> dict[str, object]:
    config, origin = sources.config, sources.origin
    boxes = _by_box(sources, parts, evaluation, stamps)
    named: dict[str, Any] = {}
    for part in parts.values():
        if part.top is not None:
            stamp = stamps.get(part.name, {})
            named |= part.top(stamp.get("summary", {}), stamp.get("reason"))
    results = {name: sources.part(name) for name in PART_NAMES if name in stamps}
    spacings = [module["spacing_m"] for module in named.get("modules") or ()]
    return {
        **boxes[length_name(sources.main)],
        "headline": headline(read_units(sources.run.units()), spacings, config.analysis.shuffles),
        "arena_m": sources.main,
        "step": origin.step,
        "seed": config.seed,
        "preset": config.preset,
        "held_out_loss": evaluation.get("held_out"),
        "run": run_id,
        "checkpoint": origin.sha256,
        **named,
        "claims": claims(results, config.loss.sigma_x) if sources.kind == "trained" else {},
        "arenas": boxes,
        "parts": {
            name: {"seconds": stamp["seconds"], "reason": stamp["reason"], **_short(parts[name], stamp)}
            for name, stamp in stamps.items()
        },
    }


def _by_box(
    sources: Sources, parts: Mapping[str, Part], evaluation: Mapping[str, Any], stamps: Mapping[str, Stamp]
) -> dict[str, dict[str, Any]]:
    """Numbers of each box: of the parts about one box, and of the walks there."""
    evaluated = by_length_name(evaluation.get("arenas", {}), sources.arenas)
    boxes: dict[str, dict[str, Any]] = {}
    for arena in sources.arenas:
        about = [part.name for part in parts.values() if (part.arena or (part.for_box and sources.main)) == arena]
        known = [stamps[name] for name in about if name in stamps]
        if known:
            consistency = evaluated.get(length_name(arena), {})
            boxes[length_name(arena)] = {
                **{key: value for stamp in known for key, value in stamp["summary"].items()},
                "path_integration_error": consistency.get("path_integration_error"),
                "decoding_error_m": consistency.get("decoding_error"),
            }
    return boxes


def _short(part: Part, stamp: Stamp) -> dict[str, Any]:
    """A part's numbers, unless the summary has them elsewhere."""
    return {} if part.top or part.for_box or part.arena is not None else stamp["summary"]
