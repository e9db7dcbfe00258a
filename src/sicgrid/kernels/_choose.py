"""Which implementation runs, and why."""

import importlib.util
from typing import NamedTuple

NAMES = ("auto", "reference", "numba", "triton")
DEVICES = {"numba": "cpu", "triton": "cuda"}


class Choice(NamedTuple):
    """The implementation that runs and the reason for it, as recorded in a run's provenance."""

    name: str
    reason: str


def choose(device: str, requested: str = "auto") -> Choice:
    """Name of the implementation for `device` ("cpu", "cuda", ...) and the reason for it.

    `requested` is "auto", "reference", "numba" (cpu) or "triton" (cuda).

    Raises
    ------
    ValueError
        For another name, or for one that cannot run there.

    """
    if requested not in NAMES:
        raise ValueError(f"kernels must be one of {', '.join(NAMES)}, got {requested!r}")
    needed = DEVICES.get(requested, device)
    if device != needed:
        raise ValueError(
            f"kernels={requested!r} runs on {needed}, the tensors are on {device}; use 'auto' or 'reference'"
        )
    if requested == "triton" and not _has_triton():
        raise ValueError("kernels='triton' needs the package triton, which PyTorch's CUDA builds bring along")
    if requested != "auto":
        return Choice(requested, "requested")
    if device == "cpu":
        return Choice("numba", "fastest on this device (cpu)")
    if device == "cuda" and _has_triton():
        return Choice("triton", "fastest on this device (cuda)")
    return Choice("reference", "no triton here" if device == "cuda" else f"no kernel for {device}")


def _has_triton() -> bool:
    return importlib.util.find_spec("triton") is not None
