"""Which implementation runs, and why."""

from typing import NamedTuple

NAMES = ("auto", "reference", "numba")


class Choice(NamedTuple):
    """The implementation that runs and the reason for it, as recorded in a run's provenance."""

    name: str
    reason: str


def choose(device: str, requested: str = "auto") -> Choice:
    """Name of the implementation for `device` ("cpu", "cuda", ...) and the reason for it.

    `requested` is "auto", "reference" or "numba". ValueError for another name, or for one that cannot run there.
    """
    if requested not in NAMES:
        raise ValueError(f"kernels must be one of {', '.join(NAMES)}, got {requested!r}")
    if requested == "numba" and device != "cpu":
        raise ValueError(f"kernels='numba' runs on the cpu, the tensors are on {device}; use 'auto' or 'reference'")
    if requested != "auto":
        return Choice(requested, "requested")
    if device == "cpu":
        return Choice("numba", "fastest on this device (cpu)")
    return Choice("reference", f"no kernel for {device} yet")
