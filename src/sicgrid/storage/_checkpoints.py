"""Checkpoints: the tensors in a safetensors file, everything else in a JSON file that is written last.

The JSON holds the SHA-256 of the tensors' file and makes the checkpoint count: tensors without it are the remains of an
interrupted save and are ignored.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors.numpy
from jaxtyping import Shaped
from safetensors import SafetensorError

from .._repr import brief
from ._atomic import write_atomically
from ._errors import UserError
from ._run_directory import RunDirectory

FORMAT = "sicgrid checkpoint 1"
NETWORK = "rnn."
"""How the names of the network's weights begin in checkpoints and snapshots."""
_WORDS = ("float inf", "float -inf", "float nan")
_NAME = re.compile(r"step-(\d{8,})")


@brief
class Checkpoint(NamedTuple):
    """A checkpoint as read back: the step, the training state, the run's settings, the tensors' hash."""

    step: int
    arrays: dict[str, Shaped[np.ndarray, "..."]]
    meta: dict[str, Any]
    config: dict[str, Any]
    sha256: str


def network_arrays(arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Of the arrays of a checkpoint or a snapshot the network's weights, by the names that the network has for them.

    >>> network_arrays({"rnn.start": np.zeros(3), "objective.gain": np.ones(1)})
    {'start': array([0., 0., 0.])}
    """
    return {name.removeprefix(NETWORK): array for name, array in arrays.items() if name.startswith(NETWORK)}


def save_checkpoint(
    run: RunDirectory,
    run_id: str,
    step: int,
    arrays: Mapping[str, Shaped[np.ndarray, "..."]],
    meta: Mapping[str, Any],
    config: Mapping[str, Any],
    keep: int = 2,
) -> None:
    """Write the checkpoint of ``step`` and delete all but the newest ``keep`` (0 keeps all).

    Killed at any moment, it leaves the previous checkpoints whole and this one whole or absent. ``meta`` and ``config``
    must be JSON-able.

    Raises
    ------
    OSError
        If it cannot be written (a full disk); the older checkpoints are then untouched.

    """
    run.checkpoints.mkdir(exist_ok=True)
    tensors, marker = _paths(run, step)
    content = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()})
    described = {
        "format": FORMAT,
        "run": run_id,
        "step": step,
        "sha256": hashlib.sha256(content).hexdigest(),
        "meta": _to_json(meta),
        "config": _to_json(config),
    }
    # A marker of the same step, as a resumed run may find, must not vouch for the new tensors while they are written.
    marker.unlink(missing_ok=True)
    try:
        write_atomically(tensors, content)
        write_atomically(marker, json.dumps(described, indent=1, allow_nan=False).encode() + b"\n")
    except OSError:
        if not marker.exists():
            tensors.unlink(missing_ok=True)
        raise
    _prune(run, keep)


def newest_checkpoint(run: RunDirectory, run_id: str) -> Checkpoint | None:
    """The newest complete checkpoint, None if the run has none yet.

    Raises
    ------
    UserError
        If it is damaged (truncated, altered), belongs to another run or is not one of ours. An older one is not taken
        instead: whoever asked for the newest state would get another without noticing.

    """
    steps = _steps(run)
    return _load(run, run_id, steps[-1], steps[:-1]) if steps else None


def _prune(run: RunDirectory, keep: int) -> None:
    for old in _steps(run)[:-keep] if keep else []:
        _paths(run, old)[1].unlink(missing_ok=True)
    # Also those whose marker an interrupted save never wrote, or an interrupted pruning deleted.
    for tensors in run.checkpoints.glob("step-*.safetensors"):
        if not tensors.with_suffix(".json").exists():
            tensors.unlink(missing_ok=True)


def _load(run: RunDirectory, run_id: str, step: int, older: list[int]) -> Checkpoint:
    tensors, marker = _paths(run, step)
    remedy = f"delete step-{step:08d}.* to go back to " + (f"step {older[-1]}" if older else "the start")
    try:
        described = json.loads(marker.read_bytes())
    except ValueError:
        raise UserError(f"the checkpoint {marker} is damaged (not readable as JSON); {remedy}") from None
    if not isinstance(described, dict) or described.get("format") != FORMAT or described.get("step") != step:
        raise UserError(f"{marker} is not a checkpoint of sicgrid for step {step}; {remedy}")
    if described.get("run") != run_id:
        raise UserError(f"the checkpoint {marker} belongs to another run; {remedy}")
    content = tensors.read_bytes() if tensors.exists() else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != described.get("sha256"):
        raise UserError(
            f"the checkpoint {tensors} is damaged or of another origin: it does not match {marker.name}; {remedy}"
        )
    try:
        arrays = safetensors.numpy.load(content)
    except SafetensorError:
        raise UserError(f"the checkpoint {tensors} is not a safetensors file; {remedy}") from None
    return Checkpoint(step, arrays, _from_json(described["meta"]), _from_json(described["config"]), digest)


def _to_json(value: Any) -> Any:
    """Replace infinities and NaN, which JSON lacks and a schedule's state may hold, by text ("float inf")."""
    if isinstance(value, Mapping):
        return {name: _to_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return f"float {value}" if isinstance(value, float) and not math.isfinite(value) else value


def _from_json(value: Any) -> Any:
    """Invert `_to_json`."""
    if isinstance(value, dict):
        return {name: _from_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return float(value[6:]) if value in _WORDS else value


def _steps(run: RunDirectory) -> list[int]:
    """Steps of the complete checkpoints, ascending."""
    names = [_NAME.fullmatch(path.stem) for path in run.checkpoints.glob("step-*.json")]
    return sorted(int(name[1]) for name in names if name)


def _paths(run: RunDirectory, step: int) -> tuple[Path, Path]:
    stem = run.checkpoints / f"step-{step:08d}"
    return stem.with_suffix(".safetensors"), stem.with_suffix(".json")
