"""Recordings of a network walking: arrays with the run and the checkpoint they come from.

Most activity is 0, since units are rectified. Where that takes fewer bytes, an array is stored as its nonzero values in
order and a mask of one bit an element. For `quick` that is a sixth of the bytes; the array read back is the same bit
for bit, and both ways are faster than any general compression.
"""

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
from ._errors import UserError, shell_word
from ._lengths import length_name, old_length_name
from ._run_directory import RunDirectory

FORMATS = ("sicgrid recording 1", "sicgrid recording 2")  # the first without sparse arrays; the last is written


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
    stored, shapes = _sparse({name: np.asarray(array, order="C") for name, array in arrays.items()})
    described = {"format": FORMATS[-1], "run": run_id, "arena": arena, "checkpoint": checkpoint, **about}
    # One key only: safetensors writes several in an order that changes from process to process.
    metadata = {"sicgrid": json.dumps(described | {"sparse": shapes}, allow_nan=False)}
    content = safetensors.numpy.save(stored, metadata)
    former = recording_file(run, arena)
    write_atomically(run.recording(arena), content)
    if former != run.recording(arena):
        former.unlink(missing_ok=True)


def recorded_arenas(run: RunDirectory) -> list[float]:
    """Sides, in meters, of the arenas that have a recording, ascending.

    Raises
    ------
    UserError
        If an ``arena-*.safetensors`` is not named by a side.

    """
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
    """Arrays and description of the recording of one arena.

    Raises
    ------
    UserError
        As `recording_description`, or if the arrays are damaged.

    """
    described = recording_description(run, run_id, arena, checkpoint)
    stored = safetensors.numpy.load_file(recording_file(run, arena))
    try:
        return _dense(stored, described.pop("sparse", {})), described
    except (KeyError, ValueError):
        raise UserError(
            f"the recording {recording_file(run, arena)} is damaged; {_how_to_record(run, arena)}"
        ) from None


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
    how_to_record = _how_to_record(run, arena)
    if not path.exists():
        raise UserError(f"no recording {path}; {how_to_record}")
    described = _description(path, how_to_record)
    if described.get("run") != run_id:
        raise UserError(f"the recording {path} belongs to another run; {how_to_record}")
    if checkpoint is not None and described.get("checkpoint") != checkpoint:
        raise UserError(f"the recording {path} was made from another checkpoint than the newest; {how_to_record}")
    return described


def _how_to_record(run: RunDirectory, arena: float) -> str:
    return f"record it with `sicgrid evaluate {shell_word(run.path)} --arenas {length_name(arena)}`"


def _sparse(
    arrays: Mapping[str, Shaped[np.ndarray, "..."]],
) -> tuple[dict[str, Shaped[np.ndarray, "..."]], dict[str, list[int]]]:
    """The arrays to store, and the shape of each that is stored as nonzero values and mask."""
    stored: dict[str, Shaped[np.ndarray, ...]] = {}
    shapes: dict[str, list[int]] = {}
    for name, array in sorted(arrays.items()):
        # Compared as bits, not as numbers: -0 equals 0, but must be read back as -0.
        nonzero = array.view(f"u{array.itemsize}") != 0 if array.dtype.kind == "f" else np.ones(0, bool)
        if array.dtype.kind == "f" and nonzero.sum() * array.itemsize + nonzero.size / 8 < array.nbytes:
            stored |= {f"{name}.values": array[nonzero], f"{name}.where": np.packbits(nonzero)}
            shapes[name] = list(array.shape)
        else:
            stored[name] = array
    return stored, shapes


def _dense(
    stored: Mapping[str, Shaped[np.ndarray, "..."]], shapes: Mapping[str, list[int]]
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays that `_sparse` was given; ``KeyError`` or ``ValueError`` if the stored ones do not fit the shapes."""
    arrays = dict(stored)
    for name, shape in shapes.items():
        values, where = arrays.pop(f"{name}.values"), arrays.pop(f"{name}.where")
        array = np.zeros(shape, values.dtype)
        # Assignment by index takes less than assignment by mask, and places are found faster in bools than in bytes.
        array.reshape(-1)[np.flatnonzero(np.unpackbits(where, count=array.size).view(bool))] = values
        arrays[name] = array
    return arrays


def _description(path: Path, how_to_record: str) -> dict[str, Any]:
    try:
        with safe_open(path, framework="numpy") as file:
            described = json.loads((file.metadata() or {}).get("sicgrid", "null"))
    except (SafetensorError, ValueError):
        raise UserError(f"the recording {path} is damaged; {how_to_record}") from None
    if not isinstance(described, dict) or described.get("format") not in FORMATS:
        raise UserError(f"{path} is not a recording of sicgrid; {how_to_record}")
    return described
