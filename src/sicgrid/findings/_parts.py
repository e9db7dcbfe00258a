"""The registry: every part of the analysis of a run, in an order in which each comes after what it reads."""

from collections.abc import Sequence
from dataclasses import replace

from ..experiment import nearest
from ..storage import UserError
from . import _parts_boxes, _parts_capacity, _parts_lattices, _parts_torus
from ._part import Part
from ._parts_units import FIELDS, UNITS, unit_part

_OF_THE_MAIN_BOX = (
    unit_part(None),
    *_parts_lattices.PARTS,
    FIELDS,
    *_parts_torus.PARTS,
    *_parts_boxes.PARTS,
    *_parts_capacity.PARTS,
)

PART_NAMES = tuple(part.name for part in _OF_THE_MAIN_BOX)
"""Names that `--only` takes."""


def parts_of(arenas: Sequence[float], main: float) -> dict[str, Part]:
    """All parts for a run with these recordings: ``units`` once more for each box other than the main one."""
    others = [unit_part(arena) for arena in arenas if arena != main]
    first, *rest = _OF_THE_MAIN_BOX
    names = tuple(part.name for part in others)
    rest = [replace(part, parts=part.parts + names) if part.recordings == "all" else part for part in rest]
    return {part.name: part for part in (first, *others, *rest)}


def needed_parts(only: Sequence[str], parts: dict[str, Part]) -> set[str]:
    """Names of the parts asked for (all when none is named) and of those that they read.

    The units of the main box are always among them, because the summary begins with them.

    Raises
    ------
    UserError
        For an unknown name, with the nearest known one.

    """
    for name in only:
        if name not in PART_NAMES:
            known = ", ".join(PART_NAMES)
            raise UserError(f"unknown part {name!r}{nearest(name, list(PART_NAMES))} (parts: {known})")
    waiting = [UNITS, *only] if only else list(parts)
    if UNITS in only:
        waiting += [part.name for part in parts.values() if part.arena is not None]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += parts[name].parts
    return needed
