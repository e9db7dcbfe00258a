"""How far a sweep is: read from the metrics files of the trials under way, so that workers need not report."""

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .._repr import brief
from ._directory import SweepDirectory
from ._work import Task

TAIL = 4096  # bytes, more than a line of metrics


@brief
class Progress(NamedTuple):
    """How far a sweep is."""

    done: int
    total: int
    running: dict[str, float]
    """Trials that have begun and not ended, at work or waiting for another worker -> share of their training done."""
    left_s: float | None
    """Seconds left, at the pace since this start; None as long as that is unknown."""


class Watch:
    """Follows the trials. The time left is counted in trials; one that is training counts by its share of steps."""

    def __init__(self, sweep: SweepDirectory, total: int) -> None:
        self._sweep, self._total = sweep, total
        self._began = time.monotonic()
        self._first: dict[str, float] = {}
        self._done_here = 0.0
        self.names: set[str] = set()
        """Trials that have begun or ended."""
        self._ended: set[str] = set()

    def ended(self, record: Mapping[str, Any]) -> None:
        """Take note of a trial's end."""
        name = record["name"]
        self.names.add(name)
        self._ended.add(name)
        if name in self._first:
            self._done_here += 1.0 - self._first.pop(name)

    def look(self, running: Iterable[Task]) -> Progress:
        """The progress of all trials now."""
        shares = {}
        for task in running:
            name = task.described["name"]
            self.names.add(name)
            if name in self._ended:
                continue
            share = self._step(name) / task.settings["training"]["steps"]
            if self._sweep.run(name).metrics.exists():
                shares[name] = share
            self._first.setdefault(name, share)
        done_here = self._done_here + sum(share - self._first[name] for name, share in shares.items())
        trials_left = self._total - len(self._ended) - sum(shares.values())
        seconds = (time.monotonic() - self._began) * trials_left / done_here if done_here > 0 else None
        return Progress(len(self._ended), self._total, shares, seconds)

    def reached(self, name: str) -> tuple[str, int]:
        """A trial's newest checkpoint and number of computed parts; it makes progress if one of them changes."""
        run = self._sweep.run(name)
        newest = max((path.name for path in run.checkpoints.glob("step-*.json")), default="")
        return newest, sum(1 for _ in run.results.glob("*.json"))

    def _step(self, name: str) -> int:
        """The step of the last whole line of the trial's metrics."""
        path: Path = self._sweep.run(name).metrics
        try:
            with path.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return 0
        whole_lines = [line for line in lines if line.endswith(b"\n")]
        try:
            return int(json.loads(whole_lines[-1])["step"]) if whole_lines else 0
        except (ValueError, KeyError):
            return 0
