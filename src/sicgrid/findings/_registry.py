"""The registry: every finding, and the parts of the analysis that they are made of."""

import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from ..experiment import did_you_mean
from ..storage import UserError
from ._finding import CardRow, ComparedNumber, Finding, Metric, ResultLine
from ._part import Part
from ._rule import Rule
from ._verdict import Claim, claim_order


def _registered() -> tuple[Finding, ...]:
    """The ``FINDING`` of every public file of this room, in the order of the page."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    files = [import_module(f".{name}", __package__) for name in names if not name.startswith("_")]
    return tuple(sorted((file.FINDING for file in files), key=lambda finding: finding.place))


def _in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Each part after those that it reads, and else as they come."""
    waiting, ordered = list(parts), list[Part]()
    while waiting:
        done = {part.name for part in ordered}
        ready = next((part for part in waiting if done.issuperset(part.reads)), None)
        if ready is None:
            raise ValueError(
                f"the parts {', '.join(part.name for part in waiting)} read each other, or what is missing"
            )
        waiting.remove(ready)
        ordered.append(ready)
    return tuple(ordered)


FINDINGS = _registered()
PARTS = _in_order(part for finding in FINDINGS for part in finding.parts)

PART_NAMES = tuple(part.name for part in PARTS)
"""Names that `--only` takes."""

SWEPT_PARTS = tuple(part.name for part in PARTS if part.swept)
"""What a sweep computes whose plan names no parts."""

USUAL_BYTES = {part.name: part.usual_bytes for part in PARTS}
"""Part -> about how large its result is."""

FORMER_PARTS = {part.formerly: part.name for part in PARTS if part.formerly}
"""What parts were called before -> what they are called; `--only` and plans take both."""

METRICS: tuple[Metric, ...] = tuple(
    sorted((metric for finding in FINDINGS for metric in finding.metrics), key=lambda metric: metric.place)
)
"""Columns of a sweep's table, from the left."""

CARD_ROWS: tuple[CardRow, ...] = tuple(
    sorted((row for finding in FINDINGS for row in finding.card), key=lambda row: row.place)
)
"""Of a network's card, from the top."""

RESULT_LINES: tuple[ResultLine, ...] = tuple(
    sorted((line for finding in FINDINGS for line in finding.lines), key=lambda line: line.place)
)
"""Of what a command ends with, from the top."""

COMPARED_NUMBERS: tuple[ComparedNumber, ...] = tuple(
    sorted((number for finding in FINDINGS for number in finding.compared), key=lambda number: number.place)
)
"""Of several systems side by side, from the left."""

CLAIMS: tuple[Claim, ...] = tuple(
    sorted((claim for finding in FINDINGS for claim in finding.claims), key=lambda claim: claim_order(claim.id))
)
"""Of the paper, that a single run can be judged by."""

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for finding in FINDINGS for rule in finding.rules), key=lambda rule: claim_order(rule.claim))
)
"""For claims that take a sweep to judge."""


def parts_of(arenas: Sequence[float], main: float) -> dict[str, Part]:
    """All parts for a run with these recordings: those about one box once more for each box other than the main one."""
    names: tuple[str, ...] = ()
    made: dict[str, Part] = {}
    for part in PARTS:
        others = [part.for_box(arena) for arena in arenas if arena != main] if part.for_box is not None else []
        names += tuple(other.name for other in others)
        reads = part.reads + names if part.recordings == "all" else part.reads
        made[part.name] = replace(part, reads=reads)
        made |= {other.name: other for other in others}
    return made


def check_parts(names: Sequence[str]) -> None:
    """Check that each name is that of a part, now or formerly.

    Raises
    ------
    UserError
        For one that is not; the nearest part is named.

    """
    for name in names:
        if FORMER_PARTS.get(name, name) not in PART_NAMES:
            parts = ", ".join(PART_NAMES)
            raise UserError(f"unknown part {name!r}{did_you_mean(name, list(PART_NAMES))} (parts: {parts})")


def needed_parts(only: Sequence[str], parts: dict[str, Part]) -> set[str]:
    """Names of the parts asked for (all when none is named) and of those that they read.

    Those about the main box itself are always among them, because the summary begins with them.

    Raises
    ------
    UserError
        For an unknown name, with the nearest known one.

    """
    check_parts(only)
    only = [FORMER_PARTS.get(name, name) for name in only]
    waiting = list(only) if only else list(parts)
    for part in parts.values():
        if part.for_box is not None or (part.arena is not None and part.of in only):
            waiting.append(part.name)
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += parts[name].reads
    return needed
