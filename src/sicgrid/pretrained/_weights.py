"""The file of a trained network: its tensors, and in the header the settings, the step and a hash of it all."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors.numpy
from jaxtyping import Float
from safetensors import SafetensorError, safe_open

from ..storage import UserError, shortened, write_atomically

FORMAT = "sicgrid pretrained 1"

Arrays = Mapping[str, Float[np.ndarray, "..."]]


class Weights(NamedTuple):
    """A network as stored: ``arrays`` as float32, with the values that the file holds, under torch's names."""

    name: str
    settings: dict[str, Any]
    """Of the run, as `RunConfig.settings` gives them, without those of its machine."""
    step: int
    """Training steps behind it."""
    arrays: dict[str, Float[np.ndarray, "..."]]
    sha256: str
    """Of the tensors as stored with their names, and of all the above."""


def pack(name: str, settings: Mapping[str, Any], step: int, arrays: Arrays) -> tuple[Weights, bytes]:
    """Round a network to what will be stored; the result and the bytes of its file.

    `UserError` if a weight is not finite, or too large for float16 (65504).
    """
    stored = {key: shortened(array) for key, array in sorted(arrays.items())}
    wrong = [key for key, array in stored.items() if not np.isfinite(array).all()]
    if wrong:
        raise UserError(f"the weights {', '.join(wrong)} are not finite, or too large for float16 (above 65504)")
    described = {"format": FORMAT, "name": name, "settings": dict(settings), "step": step}
    sha256 = _digest(described, stored)
    # One key only: safetensors writes several in an order that changes from process to process.
    metadata = {"sicgrid": json.dumps(described | {"sha256": sha256}, allow_nan=False)}
    content: bytes = safetensors.numpy.save(stored, metadata)
    return Weights(name, dict(settings), step, _widened(stored), sha256), content


def write_weights(path: Path, content: bytes) -> None:
    """Write the file that `pack` made, atomically."""
    write_atomically(path, content)


def read_weights(path: Path) -> Weights:
    """The network in a file; `UserError` if it is damaged or not one of ours."""
    try:
        with safe_open(path, framework="numpy") as file:
            described = json.loads((file.metadata() or {}).get("sicgrid", "null"))
        stored = safetensors.numpy.load_file(path)
    except (SafetensorError, ValueError):
        raise UserError(f"{path} is damaged: not a safetensors file of a network; install sicgrid anew") from None
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise UserError(f"{path} is not a network that sicgrid exported in this format ({FORMAT})")
    sha256 = described.pop("sha256", None)
    if sha256 != _digest(described, stored):
        raise UserError(f"{path} is damaged: its content does not have the hash that it names; install sicgrid anew")
    return Weights(described["name"], described["settings"], described["step"], _widened(stored), sha256)


def _widened(stored: Arrays) -> dict[str, Float[np.ndarray, "..."]]:
    return {key: array.astype(np.float32) for key, array in stored.items()}


def _digest(described: Mapping[str, Any], stored: Arrays) -> str:
    digest = hashlib.sha256(json.dumps(described, sort_keys=True, allow_nan=False).encode())
    for key in sorted(stored):
        array = stored[key]
        digest.update(f"{key} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
