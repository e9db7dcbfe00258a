"""Names that lived in this room before the findings had one of their own, for programs that still ask for them here."""

from importlib import import_module
from typing import Any

MOVED = ("PART_NAMES", "PartNews", "analyze_run", "claims")


def __getattr__(name: str) -> Any:
    """Of `sicgrid.experiment`: a name of `MOVED` from `sicgrid.findings`, where new programs import it from.

    At first use, since that room stands above this one.
    """
    if name not in MOVED:
        raise AttributeError(f"module 'sicgrid.experiment' has no attribute {name!r}")
    return getattr(import_module("sicgrid.findings"), name)
