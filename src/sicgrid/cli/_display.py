"""What a person sees while a command works: a live bar in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import logging
import statistics
import time
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from .. import training
from ..findings import RESULT_LINES, Record
from ..losses import TERM_LABELS
from ..run import LINE_EVERY, describe_duration, say


class _ToConsole(logging.Handler):
    """Prints the library's log, for example that kernels are being compiled."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        say(self._console, self.format(record))


class _Terminal(Console):
    """A console that raises `BrokenPipeError` when its reader has gone, as plain output does."""

    def on_broken_pipe(self) -> None:
        """Leave it to `main`: Rich would exit with code 1, as after a failure."""
        raise BrokenPipeError


def make_console() -> Console:
    """The terminal of a command, where the library's log goes too."""
    console = _Terminal()
    logger = logging.getLogger("sicgrid")
    logger.setLevel(logging.INFO)
    # Replaces the handler of an earlier command in the same process.
    logger.handlers = [handler for handler in logger.handlers if not isinstance(handler, _ToConsole)]
    logger.addHandler(_ToConsole(console))
    return console


class _Compiling(logging.Handler):
    """Keeps the latest message of the kernel compiler, for a live display."""

    def __init__(self) -> None:
        super().__init__()
        self.now = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.INFO:
            self.now = record.getMessage()


class TrainingDisplay:
    """Progress of training: steps, steps per second, time left and the loss with its terms.

    ``weights`` are those of the loss; a term of weight 0 is not shown. Of several networks it shows the steps of the
    slowest and the median terms. Where training ends early the number of steps shrinks. Until the first step has been
    made it says which kernel is being compiled.
    """

    def __init__(
        self, steps: int, console: Console, networks: int = 1, weights: Mapping[str, float] | None = None
    ) -> None:
        self._steps = steps
        self._console = console
        self._networks = networks
        self._weightless = {name for name in TERM_LABELS if (weights or {}).get(name) == 0}
        self._began = self._last_line = 0.0
        self._done: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._first = 0
        self._terms: dict[int, Mapping[str, float]] = {}
        self._compiling = _Compiling()
        self._live: Live | None = None
        self._bar = Progress(
            TextColumn("training" if networks == 1 else f"training {networks} networks"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            speed_estimate_period=60.0,
        )
        self._task: TaskID | None = None

    def start(self, index: int, first: int, changed: Sequence[str]) -> None:
        """Begin network ``index`` at step ``first``; ``changed`` differs from where the run began."""
        self._done[index], self._ends[index] = first, self._steps
        self._first = min(self._done.values())
        self._began = self._last_line = time.monotonic()
        if first and len(self._done) == 1:
            self._console.print(f"resuming from step {first:,}", highlight=False)
            if changed:
                note = f"note: not bit for bit as if uninterrupted, since these changed: {', '.join(changed)}"
                self._console.print(note, highlight=False, markup=False, soft_wrap=True)
        if self._console.is_terminal and self._live is None:
            logger = logging.getLogger("sicgrid.kernels")
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self._compiling)
            self._task = self._bar.add_task("", total=self._steps, completed=first, speed="")
            self._live = Live(console=self._console, get_renderable=self._render, refresh_per_second=4)
            self._live.start()

    def step(self, index: int, record: training.StepRecord) -> None:
        """Show a record."""
        if not self._terms:
            # The first step includes compilation; the speed is measured from there on.
            self._began = self._last_line = time.monotonic()
            self._first = record.step
        self._done[index], self._ends[index] = record.step, record.steps
        self._terms[index] = {name: term for name, term in record.terms.items() if name not in self._weightless}
        self._steps = max(self._ends.values())
        done = self._steps - max(end - self._done[network] for network, end in self._ends.items())
        if self._live is not None and self._task is not None:
            self._bar.update(self._task, total=self._steps, completed=done, speed=f"{self._speed(done):.1f}/s")
        elif time.monotonic() - self._last_line > LINE_EVERY or done >= self._steps:
            self._last_line = time.monotonic()
            remaining_s = (self._steps - done) / max(self._speed(done), 1e-9)
            self._console.print(
                f"step {done:,} of {self._steps:,}, {self._speed(done):.1f} steps/s, "
                f"{describe_duration(remaining_s)} left, {self._describe()}",
                highlight=False,
                soft_wrap=True,
            )

    def leave_out(self, index: int) -> None:
        """Forget a network that trains no longer."""
        self._done.pop(index, None)
        self._ends.pop(index, None)
        self._terms.pop(index, None)

    def _render(self) -> Group:
        return Group(self._bar, Text(self._describe() if self._terms else self._preparing()))

    def _preparing(self) -> str:
        passed = describe_duration(time.monotonic() - self._began)
        return f"{self._compiling.now or 'first step'}, {passed}"

    def _describe(self) -> str:
        latest = list(self._terms.values())
        medians = {name: statistics.median(terms[name] for terms in latest) for name in latest[0]}
        return f"{'' if self._networks == 1 else 'medians: '}{describe_terms(medians)}"

    def _speed(self, done: int) -> float:
        return max(done - self._first, 0) / max(time.monotonic() - self._began, 1e-9)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            logger = logging.getLogger("sicgrid.kernels")
            logger.removeHandler(self._compiling)
            logger.setLevel(logging.NOTSET)


def describe_terms(terms: Mapping[str, float]) -> str:
    """Loss and its terms, e.g. ``loss -0.2031  separation 0.05  ...``; they are unweighted."""
    names = {"total": "loss"} | {name: label or name for name, label in TERM_LABELS.items()}
    ordered = {"total": terms["total"]} | dict(terms)
    return "  ".join(f"{names.get(name, name)} {value:.3f}" for name, value in ordered.items())


def results_table(summary: Mapping[str, Any]) -> Table:
    """The run in a few numbers: those that its summary has, which may be of an earlier version."""
    record = Record(summary, {})
    rows = [row for line in RESULT_LINES if (row := line.line(record)) is not None]
    arena = f"{summary.get('arena_m', 0):g} m arena"
    title = f"{summary['headline']} ({arena})" if "headline" in summary else arena
    table = Table(show_header=False, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table


def open_page(page: Path, console: Console) -> None:
    """Open a page in the browser, or say that there is none."""
    if not webbrowser.open(page.resolve().as_uri()):
        say(console, "note: no browser was found here; open the page by hand")
