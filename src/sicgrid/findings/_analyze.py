"""The analysis stage: from recordings to the parts' results, the table of units, rate maps and a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import model
from .._callbacks import ignore
from ..experiment import RunConfig, check_only_warning, recordings_origin
from ..storage import (
    RunDirectory,
    UserError,
    by_length_name,
    length_name,
    read_json,
    read_provenance,
    read_units,
    recorded_arenas,
    recording_description,
    recording_digest,
    session,
    shell_word,
    write_json,
)
from ._claims import claims
from ._compute import keep_former, remove_part
from ._events import Events, PartEvent
from ._headline import headline, share_beyond
from ._part import Part, Progress, result_file
from ._processes import affordable_processes, compute_parts
from ._registry import PART_NAMES, check_parts, needed_parts, parts_of
from ._schedule import Job
from ._sources import Sources
from ._stamps import Stamp, differing, expected_stamp, stored_stamp


def analyze_run(
    run: RunDirectory,
    config: RunConfig,
    on_part: Callable[[PartEvent], None] = ignore,
    on_progress: Progress = ignore,
    only: Sequence[str] = (),
    network: model.Network | None = None,
    processes: int = 1,
) -> dict[str, object]:
    """Bring the analysis of the run's recordings up to date and return the summary. The caller holds the run's lock.

    A part is computed when it never was, or when its version, its settings, a recording, the checkpoint or a part that
    it reads have changed; a stamp beside each result says from what it was made. ``only`` limits this to the named
    parts, what they read, and the units of the main box. Results that are out of date and were not asked for
    are removed, so that those of a folder always belong together.

    Writes results/PART.nc and results/PART.json; units.csv and maps.npz for the main box (the first of the settings,
    else the smallest recorded), units-ARENA.csv and maps-ARENA.npz for the others; and summary.json: the main box's
    numbers at the top, each box's under ``arenas``, each part's under ``parts``, and the claims (of networks trained
    here, but by a preset that only checks the installation). ``on_part`` is told what becomes of each part,
    ``on_progress`` how much of all work is done and of how much.

    Parts are computed by at most so many ``processes`` at once (0: one a core), with one thread each: by fewer where
    recordings are small or memory is short. Results do not depend on it; the callbacks are called by one thread at a
    time, not always by the same.

    ``network`` is the external one, which its run does not hold. Parts that ask it say so without it; what
    was computed with it stays up to date without it.

    Raises
    ------
    UserError
        If a part is unknown, there is no recording, or one is damaged, of another run or of an older checkpoint, or
        cannot be analyzed (the box has too few bins); if ``network`` is not the one of the recordings.

    """
    check_parts(only)  # a misspelled name must be told before anything is read
    origin = recordings_origin(run, config)
    arenas = recorded_arenas(run)
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    # An external recording has no evaluation: there is no network to evaluate.
    if origin is None or not arenas or (not evaluation and origin.step is not None):
        record = f"sicgrid evaluate {shell_word(run.path)}"
        raise UserError(f"the run {run.path} has no recordings; make them with `{record}`")
    run_id = read_provenance(run)["run"]
    for arena in arenas:
        recording_description(run, run_id, arena, origin.sha256)
    main = config.evaluation.main_arena(arenas)
    sources = Sources(run, config, origin, arenas, main, network)
    if network is not None:
        sources.check_network(network)
    parts = parts_of(arenas, main)
    needed = needed_parts(only, parts)
    recorded = {f"recording of the {length_name(arena)} m box": recording_digest(run, arena) for arena in arenas}
    events = Events([part for part in parts.values() if part.name in needed], on_part, on_progress)
    stamps: dict[str, Stamp] = {}

    def decide(part: Part) -> Job | None:
        stored = stored_stamp(run, part)
        expected = expected_stamp(part, sources, recorded, stamps, stored)
        why = differing(run, part, expected, stored) if expected is not None else "stale"
        if not why:
            assert stored is not None  # else it would differ
            stamps[part.name] = stored
            keep_former([part], sources)
            events.tell(part, "up to date")
        elif part.name in needed:
            assert expected is not None  # what a part reads is needed with it
            return Job(part, expected, why)
        elif stored is not None or result_file(run, part).exists():
            remove_part(run, part.name, part.formerly)
            events.tell(part, "removed", "out of date and not asked for")
        return None

    with session(run, "analyze") as notes:
        run.results.mkdir(exist_ok=True)
        compute_parts(parts, decide, sources, events, stamps, affordable_processes(sources, processes))
        _remove_other_boxes(run, parts)
        notes["parts"] = sorted(stamps)
        summary = _summary(sources, parts, evaluation, stamps, run_id)
        write_json(run.summary, summary)
    return summary


def _remove_other_boxes(run: RunDirectory, parts: Mapping[str, Part]) -> None:
    """Remove results about boxes whose recording is gone."""
    for name in [part.name for part in parts.values() if part.for_box is not None]:
        for path in run.results.glob(f"{name}-*.nc"):
            if path.stem not in parts:
                remove_part(run, path.stem)


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
    results = sources.parts([name for name in PART_NAMES if name in stamps])
    spacings = [module["spacing_m"] for module in named.get("modules") or ()]
    units = read_units(sources.run.units())
    judged = sources.kind == "trained" and not check_only_warning(config)
    return {
        **boxes[length_name(sources.main)],
        "headline": headline(units, spacings, config.analysis.shuffles),
        "fraction_beats_both": share_beyond(units),
        "arena_m": sources.main,
        "step": origin.step,
        "seed": config.seed,
        "preset": config.preset,
        "held_out_loss": evaluation.get("held_out"),
        "run": run_id,
        "checkpoint": origin.sha256,
        **named,
        "claims": claims(results, config.loss.sigma_x) if judged else {},
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
        box_stamps = [stamps[name] for name in about if name in stamps]
        if box_stamps:
            consistency = evaluated.get(length_name(arena), {})
            boxes[length_name(arena)] = {
                **{key: value for stamp in box_stamps for key, value in stamp["summary"].items()},
                "path_integration_error": consistency.get("path_integration_error"),
                "decoding_error_m": consistency.get("decoding_error"),
            }
    return boxes


def _short(part: Part, stamp: Stamp) -> dict[str, Any]:
    """A part's numbers, unless the summary has them elsewhere."""
    return {} if part.top or part.for_box or part.arena is not None else stamp["summary"]
