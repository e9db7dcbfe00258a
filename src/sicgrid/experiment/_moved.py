"""Names that lived in this room before they had a better place, for programs that still ask for them here."""

from importlib import import_module
from typing import Any

MOVED = {
    **dict.fromkeys(("PART_NAMES", "PartNews", "analyze_run", "claims"), "findings"),
    **dict.fromkeys(
        ("ErrorCorrectionConfig", "FourierConfig", "ModulesConfig", "PhasesConfig", "StateSpaceConfig"), "analysis"
    ),
    **dict.fromkeys(("PeriodsConfig", "UniqueRangeConfig"), "analysis"),
    "IntrinsicCorrectionConfig": "evaluation",
}
"""Name -> room in which it is now."""


def __getattr__(name: str) -> Any:
    """Of `sicgrid.experiment`: a name of `MOVED` from its room, where new programs import it from.

    At first use, since that room may stand above this one.
    """
    if name not in MOVED:
        raise AttributeError(f"module 'sicgrid.experiment' has no attribute {name!r}")
    return getattr(import_module(f"sicgrid.{MOVED[name]}"), name)
