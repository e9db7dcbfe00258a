"""A trained network along a real animal's path."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from .._repr import brief
from ..analysis import square_box
from ..evaluation import held_out_loss, path_consistency, record_along
from ..storage import (
    RAT_PATHS,
    RunDirectory,
    UserError,
    by_length_name,
    check_time_units,
    length_name,
    load_recording,
    read_external_path,
    read_provenance,
    read_rat_path,
    recording_file,
    save_recording,
    session,
    write_json,
)
from ..trajectories import RealWalk, real_walk
from ._build import trained
from ._checkpoint import required_checkpoint
from ._config import LARGEST_ARENA, RunConfig
from ._evaluate import ARRAYS, evaluation_so_far
from ._external import CLOCK_OPTIONS
from ._path_notes import box_notes, walked_samples


@brief
class WalkedPath(NamedTuple):
    """What was walked: side of the box in the network's meters, stretches of how many steps, seconds a step."""

    arena: float
    stretches: int
    steps: int
    step_s: float
    scale: float
    citation: str | None
    notes: list[str]


def walk_real_path(
    run: RunDirectory,
    config: RunConfig,
    source: str,
    *,
    scale: float = 1.0,
    step_s: float | None = None,
    series: str | None = None,
    time_scale: float | None = None,
    box: Sequence[float] | None = None,
) -> WalkedPath:
    """Record the newest checkpoint along a real path; the caller holds the run's lock.

    ``source`` is "sargolini" (600 s of a rat in a 1 m box, see `read_rat_path`) or a file of positions and times (npz,
    CSV, NWB; see `read_external_path`). ``scale`` are the network's meters per meter of the path, ``step_s`` the
    seconds of a step (default: the longest at which no step exceeds the training's max_speed). ``series``,
    ``time_scale`` and ``box`` are as for `import_recording`; so are the samples left out. Writes
    recordings/arena-SIDE.safetensors, and the arena's entry in evaluation.json, which says under ``path`` what was
    walked.

    Raises
    ------
    UserError
        If there is no checkpoint, the path does not serve, or the run already has an ordinary recording in a box of
        this side, whose place it would take.

    """
    checkpoint = required_checkpoint(run, config)
    path = _stored_path(source, series, time_scale, box)
    walk, arena = _steps(path, config, scale, step_s, box)
    about_path = _written_down(path, walk)
    run_id = read_provenance(run)["run"]
    if recording_file(run, arena).exists() and "path" not in load_recording(run, run_id, arena)[1]:
        raise UserError(
            f"the run {run.path} already has a recording in a {arena:g} m box, and this one would take its place; "
            f"give another scale, or delete {recording_file(run, arena)}"
        )
    of_checkpoint = {"run": run_id, "checkpoint": checkpoint.sha256, "step": checkpoint.step}
    evaluation = evaluation_so_far(run, of_checkpoint)
    parts = trained(config, checkpoint)
    notes = list(path.notes)
    with session(run, "evaluate"):
        try:
            recording = record_along(parts.rnn, walk.positions, walk.velocities, arena)
        except ValueError as error:
            raise UserError(f"the path cannot be walked: {error}") from None
        entry: dict[str, object] = {}
        try:
            entry = asdict(path_consistency(recording, seed=config.seed))
        except ValueError as error:
            notes.append(f"no path consistency: {error}")
        arrays = {name: getattr(recording, name) for name in ARRAYS}
        recorded_as = {"step": checkpoint.step, "path": about_path}
        save_recording(run, run_id, arena, arrays, checkpoint.sha256, recorded_as)
        held_out = evaluation.get("held_out") or held_out_loss(
            parts.rnn, parts.loss, parts.sampler, config.evaluation.held_out_batches, config.seed
        )
        arenas = by_length_name(evaluation.get("arenas", {}), [arena])
        arenas[length_name(arena)] = {**entry, "path": about_path}
        write_json(run.evaluation, {**of_checkpoint, "held_out": held_out, "arenas": arenas})
    stretches, steps, _ = walk.positions.shape
    return WalkedPath(arena, stretches, steps, walk.step_s, walk.scale, path.citation, notes)


class _StoredPath(NamedTuple):
    """A path as its source has it, seconds and meters, and what is known of it."""

    source: str
    times: Float[np.ndarray, " time"]
    positions: Float[np.ndarray, "time 2"]
    box_m: float | None
    """Side of its box; None where the source does not say."""
    citation: str | None
    files: list[dict[str, str]]
    notes: list[str]


def _stored_path(source: str, series: str | None, time_scale: float | None, box: Sequence[float] | None) -> _StoredPath:
    if source in RAT_PATHS:
        if series is not None or time_scale is not None or box is not None:
            raise UserError(f"the path {source} is known: leave out series, time scale and box")
        rat = read_rat_path(source)
        return _StoredPath(source, rat.times, rat.positions, rat.box, rat.citation, rat.files, [])
    external = read_external_path(Path(source), series, time_scale=1.0 if time_scale is None else time_scale)
    if external.times is None:
        raise UserError(f"{source} lacks times: seconds of each position, to tell how far a step leads")
    times, positions, notes = external.times, external.positions, list(external.notes)
    try:
        if not external.ours:
            notes += check_time_units(times, positions, certain=time_scale is not None, scales=CLOCK_OPTIONS)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    return _StoredPath(source, times, positions, None, None, external.files, notes)


def _steps(
    path: _StoredPath, config: RunConfig, scale: float, step_s: float | None, box: Sequence[float] | None
) -> tuple[RealWalk, float]:
    """The path in the network's steps, and the side of its box in the network's meters; adds to the path's notes."""
    try:
        walked = walked_samples(path.times, path.positions, path.notes)
        boxed = square_box(path.positions[walked], config.analysis.bin_size, path.box_m, box=box)
        if path.box_m is None:
            path.notes.extend(box_notes(boxed, place_given=box is not None, side_given=False))
        walk = real_walk(
            path.times[walked][boxed.kept],
            boxed.positions,
            config.trajectories.max_speed,
            step_s=step_s,
            scale=scale,
            stretch=config.evaluation.walk.steps,
        )
    except ValueError as error:
        raise UserError(f"the path {path.source} cannot be walked: {error}") from None
    arena = round(boxed.arena * scale, 9)
    if arena > LARGEST_ARENA:
        raise UserError(f"a scale of {scale:g} makes a box of {arena:g} m, above the {LARGEST_ARENA:g} m allowed")
    return walk, arena


def _written_down(path: _StoredPath, walk: RealWalk) -> dict[str, Any]:
    """What recording and evaluation say of the path."""
    return {
        "name": path.source if path.source in RAT_PATHS else Path(path.source).name,
        "citation": path.citation,
        "files": path.files,
        "step_s": walk.step_s,
        "scale": walk.scale,
        "lead_steps": walk.lead,
        "notes": path.notes,
    }
