"""Recordings of a network walking: arrays with the run and the checkpoint they come from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from jaxtyping import Shaped
from safetensors import SafetensorError, safe_open

from ._atomic import write_atomically
from ._errors import UserError
from ._lengths import length_name, old_length_name
from ._run_directory import RunDirectory

FORMAT = "sicgrid recording 1"


def save_recording(
    run: RunDirectory,
    run_id: str,
    arena: float,
    arrays: Mapping[str, Shaped[np.ndarray, "..."]],
    checkpoint: str,
    about: Mapping[str, Any],
) -> None:
    """Write the recording of one arena, atomically.

    ``checkpoint`` is the SHA-256 of the checkpoint's tensors; ``about`` (JSON-able) says how it was made.
    """
    run.recordings.mkdir(exist_ok=True)
    described = {"format": FORMAT, "run": run_id, "arena": arena, "checkpoint": checkpoint, **about}
    # One key only: safetensors writes several in an order that changes from process to process.
    metadata = {"sicgrid": json.dumps(described, allow_nan=False)}
    content = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()}, metadata)
    former = recording_file(run, arena)
    write_atomically(run.recording(arena), content)
    if former != run.recording(arena):
        former.unlink(missing_ok=True)


def recorded_arenas(run: RunDirectory) -> list[float]:
    """Sides, in meters, of the arenas that have a recording, ascending."""
    sides = []
    for path in run.recordings.glob("arena-*.safetensors"):
        try:
            sides.append(_old_side(path) or float(path.stem.removeprefix("arena-")))
        except ValueError:
            raise UserError(f"{path} is not named as a recording is (arena-2.safetensors); move it away") from None
    return sorted(set(sides))


def recording_file(run: RunDirectory, arena: float) -> Path:
    """The file of the recording of one arena: `RunDirectory.recording`, or one that version 0.1 named."""
    path = run.recording(arena)
    old = run.recordings / f"arena-{old_length_name(arena)}.safetensors"
    return path if path.exists() or _old_side(old) != arena else old


def _old_side(path: Path) -> float | None:
    """Side of the arena of a recording whose name has only six digits of it; None for any other file."""
    try:
        side = _description(path, "").get("arena")
    except (UserError, OSError):
        return None
    shortened = (
        isinstance(side, float) and path.stem == f"arena-{old_length_name(side)}" != f"arena-{length_name(side)}"
    )
    return side if shortened else None


def recording_digest(run: RunDirectory, arena: float) -> str:
    """SHA-256 of the recording of one arena, of the whole file."""
    with recording_file(run, arena).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_recording(
    run: RunDirectory, run_id: str, arena: float, checkpoint: str | None = None
) -> tuple[dict[str, Shaped[np.ndarray, "..."]], dict[str, Any]]:
    """Arrays and description of the recording of one arena; raises as `recording_description`."""
    described = recording_description(run, run_id, arena, checkpoint)
    return safetensors.numpy.load_file(recording_file(run, arena)), described


def recording_description(
    run: RunDirectory, run_id: str, arena: float, checkpoint: str | None = None
) -> dict[str, Any]:
    """How the recording of one arena was made, without reading its arrays.

    Raises
    ------
    UserError
        If there is none, it is damaged, or it is not of this run or (where ``checkpoint`` is given) of that
        checkpoint.

    """
    path = recording_file(run, arena)
    again = f"record it with `sicgrid evaluate {run.path} --arenas {length_name(arena)}`"
    if not path.exists():
        raise UserError(f"no recording {path}; {again}")
    described = _description(path, again)
    if described.get("run") != run_id:
        raise UserError(f"the recording {path} belongs to another run; {again}")
    if checkpoint is not None and described.get("checkpoint") != checkpoint:
        raise UserError(f"the recording {path} was made from another checkpoint than the newest; {again}")
    return described


def _description(path: Path, again: str) -> dict[str, Any]:
    try:
        with safe_open(path, framework="numpy") as file:
            described = json.loads((file.metadata() or {}).get("sicgrid", "null"))
    except (SafetensorError, ValueError):
        raise UserError(f"the recording {path} is damaged; {again}") from None
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise UserError(f"{path} is not a recording of sicgrid; {again}")
    return described
