"""Trials of a sweep that belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._repr import brief

FINISHED = "finished"
_SEED = "-seed-"


def trial_name(label: str, seed: int) -> str:
    """The name of a trial: its label, which is empty where only seeds vary, and its seed.

    >>> trial_name("no_capacity", 3), trial_name("", 3)
    ('no_capacity-seed-3', 'seed-3')
    """
    return f"{label}{_SEED}{seed}" if label else f"seed-{seed}"


def label_of(name: str) -> str:
    """The label in a trial's name.

    >>> label_of("no_capacity-seed-3"), label_of("seed-3")
    ('no_capacity', '')
    """
    return name.rpartition(_SEED)[0]


@brief
@dataclass(frozen=True)
class Group:
    """Trials that differ in nothing but their seeds: a variant, a point of a grid or of a search."""

    name: str
    settings: Mapping[str, Any]
    """Dotted setting -> value, for those that the sweep varies; None where no run has begun."""
    rows: Sequence[Mapping[str, Any]]

    @property
    def finished(self) -> list[Mapping[str, Any]]:
        """Rows of the trials that have finished."""
        return [row for row in self.rows if row["status"] == FINISHED]

    def by_seed(self, metric: str) -> dict[int, float]:
        """Seed -> value, of the finished trials that have one."""
        return {row["seed"]: float(row[metric]) for row in self.finished if row.get(metric) is not None}
