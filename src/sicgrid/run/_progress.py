"""Progress of stages that have parts: the arenas of a walk, the parts of an analysis, the sections of a page."""

import contextlib
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from .._durations import describe_duration as describe_duration
from ..findings import NEW, NO_RESULT, PartEvent

LINE_EVERY = 10.0  # s, between plain lines
WIDTH = 20  # of a bar, so that all beside it fits in 80 columns
# Share of the work after which the time left is shown. Earlier, another process is still starting, and the estimate
# would rest on a single part, whose speed on this run may not be that of the others.
ESTIMATE_FROM = 0.2


class _Stages:
    """A live bar of the parts of a stage, with the time left of all of them; a line for each part that has ended.

    Where the output is no terminal there is no bar: the lines, and one now and then while a part takes long.
    """

    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn(name),
            BarColumn(WIDTH),
            TextColumn("{task.fields[counted]}"),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=1.0, counted="", left="")
        self._began = self._last_line = time.monotonic()
        self._before: float | None = None

    def show(self, what: str, ended: int, of: int) -> None:
        """Show what is being done, and how many of the parts have ended."""
        self._what, self._counted = what, f"{ended} of {of} done{':' if what else ''}"
        self._bar.update(self._task, description=what, counted=self._counted)

    def begin(self, what: str, ended: int, of: int, done: float, total: float) -> None:
        """Show that another part begins; ``done`` of the ``total`` work of all parts is done by then."""
        self._total = total
        if self._before is None:
            self._began, self._before = time.monotonic(), done
        self._last_line = time.monotonic()
        self.show(what, ended, of)
        self.advance(done)

    def advance(self, done: float, total: float | None = None) -> None:
        """Show how much of all work is done; ``total`` where that has changed."""
        self._total = self._total if total is None else total
        time_left = self._time_left(done)
        self._bar.update(self._task, completed=done, total=self._total, left=time_left)
        if not self._console.is_terminal and time.monotonic() - self._last_line > LINE_EVERY:
            self._last_line = time.monotonic()
            say(self._console, ", ".join(filter(None, (f"{self._name}, {self._counted} {self._what}", time_left))))

    def end(self, line: str) -> None:
        """Print the line of a part that has ended."""
        say(self._console, line)

    def _time_left(self, done: float) -> str:
        """The time left at the pace so far in words; empty until `ESTIMATE_FROM` of the work is done."""
        passed = time.monotonic() - self._began
        work_done = done - (self._before or 0.0)
        if work_done <= ESTIMATE_FROM * (self._total - (self._before or 0.0)):
            return ""
        seconds = passed / work_done * (self._total - done)
        # What is estimated as done may take a little more, and nobody believes "about 0:00 left" for long.
        return f"about {describe_duration(seconds)} left" if seconds >= 1 else "nearly done"

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class WalkingDisplay(_Stages):
    """Progress of the walks: a line for each arena, with its time.

    >>> with WalkingDisplay([2.0], Console(width=80)) as display:
    ...     display.arena(2.0)
    1 of 1 walked the 2 m arena: 0.0 s
    """

    def __init__(self, arenas: Sequence[float], console: Console) -> None:
        super().__init__("walking", console)
        self._sides = list(arenas)
        self._begun = 0
        self._since = time.monotonic()

    def arena(self, side: float) -> None:
        """Show that the walks in an arena begin."""
        self._finish()
        self._begun += 1
        self._since = time.monotonic()
        self.begin(f"the {side:g} m arena", self._begun - 1, len(self._sides), *self._work(0.0))

    def progress(self, done: int, total: int) -> None:
        """Say how much of the walks in this arena is done."""
        self.advance(self._work(done / total)[0])

    def _work(self, share: float) -> tuple[float, float]:
        """The work done and the work in all, in square meters: the number of animals grows with the area."""
        areas = [side**2 for side in self._sides]
        return sum(areas[: self._begun - 1]) + share * areas[self._begun - 1], sum(areas)

    def _finish(self) -> None:
        if self._begun:
            passed = time.monotonic() - self._since
            side = self._sides[self._begun - 1]
            self.end(f"{self._begun} of {len(self._sides)} walked the {side:g} m arena: {passed:.1f} s")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()
        super().__exit__(kind, error, trace)


class AnalysisDisplay(_Stages):
    """Progress of the analysis: a line for each part that is computed, with its time, and why where it was before.

    ``on_part`` is told too.

    >>> with AnalysisDisplay(Console(width=80)) as display:
    ...     display.part(PartEvent("units", "computing", NEW, 0, 1))
    ...     display.part(PartEvent("units", "done", "3.2 s", 1, 1))
    1 of 1 units: 3.2 s
    analysis: 0:00
    """

    def __init__(self, console: Console, on_part: Callable[[PartEvent], None] | None = None) -> None:
        super().__init__("analysis", console)
        self._on_part = on_part
        self._current: list[str] = []
        self._why: dict[str, str] = {}  # of each part that is being computed
        self._most = 0  # that were at once, each by a process of its own
        self._reasons: dict[str, str] = {}
        self._since = time.monotonic()
        self._work = (0, 1)

    def part(self, event: PartEvent) -> None:
        """Say what has become of a part."""
        if self._on_part is not None:
            self._on_part(event)
        if event.state == "up to date":
            self._current.append(event.part)
        elif event.state == "computing":
            self._why[event.part] = f" ({event.text})" if event.text != NEW else ""
            self._most = max(self._most, len(self._why))
            self.begin(", ".join(self._why), event.number, event.of, *self._work)
        elif event.state == "plan":
            self._bar.update(self._task, description=f"{', '.join(self._why)} ({event.part}: {event.text})")
        elif event.state == "done":
            why = self._why.pop(event.part)
            self.end(f"{event.number} of {event.of} {event.part}: {self._shortened(event)}{why}")
            self.show(", ".join(self._why), event.number, event.of)
        else:
            self.end(f"{event.part}: removed, {event.text}")

    def _shortened(self, event: PartEvent) -> str:
        """A part's outcome; where an earlier part has no result for the same reason, a reference to that part."""
        time_taken, without, reason = event.text.partition(NO_RESULT)
        if not without:
            return event.text
        first = self._reasons.setdefault(reason.rstrip("."), event.part)
        return event.text if first == event.part else f"{time_taken}; no result, as {first}"

    def progress(self, done: int, total: int) -> None:
        """Say how much of all the work is done."""
        self._work = (done, total)
        self.advance(done, total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if error is None:
            if self._current:
                self.end(f"up to date: {', '.join(self._current)}")
            processes = f" in {self._most} processes" if self._most > 1 else ""
            self.end(f"analysis: {describe_duration(time.monotonic() - self._since)}{processes}")


class PageDisplay(_Stages):
    """Progress of a page that is drawn section by section; prints no line in the end.

    >>> with PageDisplay(Console(width=80)) as display:
    ...     display.section("units", 0, 13)
    """

    def __init__(self, console: Console) -> None:
        super().__init__("page", console)
        self._begun = False

    def section(self, name: str, drawn: int, of: int) -> None:
        """Say which section is being drawn, after so many."""
        if not self._begun:
            self._begun = True
            self.begin(name, drawn, of, drawn, of)
        self.show(name, drawn, of)
        self.advance(drawn)


def working(what: str, console: Console) -> contextlib.AbstractContextManager[object]:
    """A spinner in a terminal, for work that reports no progress of its own.

    >>> with working("packing", Console(width=80)):
    ...     pass
    """
    return console.status(what) if console.is_terminal else contextlib.nullcontext()


def console_for(progress: bool | None) -> Console:
    """Where a library call shows how far it is, stderr; with None only to a person, at a terminal or in a notebook.

    >>> console_for(False).quiet, console_for(True).quiet
    (True, False)
    """
    console = Console(stderr=True)
    shown = console.is_terminal or console.is_jupyter if progress is None else progress
    return console if shown else Console(quiet=True, force_terminal=False)


def say(console: Console, line: str) -> None:
    """Print a line as it is.

    >>> say(Console(width=80), "runs/[a]")
    runs/[a]
    """
    # Unwrapped and without markup: a path is copied from here, and may hold brackets.
    console.print(line, highlight=False, soft_wrap=True, markup=False)
