"""The command `sweep`: what would run, or run it, with a line of progress."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..run import LINE_EVERY, describe_duration, say
from ..storage import UserError, shell_word
from ..sweeps import (
    Estimate,
    Plan,
    Progress,
    Stopped,
    SweepEvent,
    changed,
    check_disk,
    estimate,
    is_url,
    load_plan,
    local_copy,
    run_sweep,
    size_text,
    trial_count,
    trials_of,
)
from ._arguments import Sweep
from ._display import make_console
from ._parse import parse, sort_words
from ._training import INTERRUPTED

MOST_LINES = 200  # of trials that --dry-run lists


def sweep(arguments: Sequence[str]) -> int:
    """Train the networks of a plan, or say what would be trained."""
    console = make_console()
    if not sort_words(Sweep, arguments).positional:
        raise UserError("which plan? give a file or a name: `sicgrid sweep PLAN.yaml --out SWEEP`")
    options = parse(Sweep, arguments)
    plan = load_plan(options.plan, options.size)
    if options.dry_run:
        _dry_run(plan, options, console)
        return 0
    if options.out is None:
        raise UserError("where to? give the sweep's folder: `sicgrid sweep PLAN.yaml --out SWEEP`")
    if not is_url(options.out):
        check_disk(plan, Path(options.out))
    local_folder = local_copy(options.out)
    # Workers inherit it: threads that wait for work give up their core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    resume_command = f"sicgrid sweep {shell_word(local_folder / 'plan.yaml')} --out {shell_word(options.out)}"
    say(console, f"sweep: {options.out}, {trial_count(plan)} trials of preset {plan.preset}")
    try:
        with SweepDisplay(console) as display:
            outcome = run_sweep(
                plan,
                options.out,
                display.on_event,
                address=options.address,
                cpus=options.cpus,
                dashboard=options.dashboard,
            )
    except Stopped as stop:
        say(console, f"stopped and saved with {stop.done} of {stop.total} trials done; resume with: {resume_command}")
        return INTERRUPTED + stop.signal_number
    kinds = (("finished", outcome.finished), ("diverged", outcome.diverged), ("failed", outcome.failed))
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds if count)
    say(console, f"sweep: {counts}" + (f" ({outcome.skipped} of them before)" if outcome.skipped else ""))
    if outcome.failed:
        say(console, f"the failed ones are tried again with: {resume_command}")
        return 1
    say(console, f"next: sicgrid report {shell_word(options.out)}")
    return 0


class SweepDisplay:
    """A line for each trial that ends; how far all is in a live line, or now and then in a plain one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._line = Text()
        self._live = Live(self._line, console=console, refresh_per_second=4) if console.is_terminal else None
        self._last = time.monotonic()

    def on_event(self, event: SweepEvent) -> None:
        """Show what the engine tells."""
        if event.note:
            say(self._console, event.note)
        if event.record is not None:
            record = event.record
            message = f": {record['message']}" if record["message"] else ""
            say(self._console, f"{record['name']} {record['status']}, {describe_duration(record['seconds'])}{message}")
        if event.progress is not None:
            self._line.plain = describe_progress(event.progress)
            if self._live is None and time.monotonic() - self._last > LINE_EVERY:
                self._last = time.monotonic()
                say(self._console, self._line.plain)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._line.plain = ""
            self._live.stop()


def describe_progress(progress: Progress) -> str:
    """``12 of 50 trials done, 2 under way (34 %, 36 %), 1:02:03 left``."""
    shares = ", ".join(f"{100 * share:.0f} %" for share in list(progress.running.values())[:8])
    more = ", ..." if len(progress.running) > 8 else ""
    running = f", {len(progress.running)} under way ({shares}{more})" if progress.running else ""
    left = "" if progress.left_s is None else f", about {describe_duration(progress.left_s)} left"
    return f"{progress.done} of {progress.total} trials done{running}{left}"


def _dry_run(plan: Plan, options: Sweep, console: Console) -> None:
    if plan.about:
        say(console, plan.about)
    settings = ", ".join(f"{name} {value}" for name, value in plan.settings.items())
    say(console, f"preset {plan.preset}" + (f" with {settings}" if settings else ""))
    if plan.search is None:
        trials = trials_of(plan)
        for trial in trials[:MOST_LINES]:
            say(console, f"  {trial.name}: {changed(trial)}")
        if len(trials) > MOST_LINES:
            say(console, f"  ... and {len(trials) - MOST_LINES} more")
        per_seed = Counter(trial.seed for trial in trials)
        say(console, f"{len(trials)} trials: {len(trials) // len(per_seed)} settings with {len(per_seed)} seeds")
    else:
        for name, chosen in plan.search.items():
            log = ", evenly in the logarithm" if chosen.log else ""
            text = f"one of {list(chosen.choices)}" if chosen.choices else f"{chosen.low:g} to {chosen.high:g}{log}"
            say(console, f"  {name}: {text}")
        aim = f"maximize {plan.maximize}" if plan.maximize else f"minimize {plan.minimize}"
        say(console, f"{plan.samples} points with {len(plan.seeds)} seeds each, to {aim}")
    if options.out is not None and not is_url(options.out):
        check_disk(plan, Path(options.out))  # first: the pilot itself may not fit
    say(console, "pilot of the first trial ...")
    cost = estimate(plan, options.cpus)
    for line in _estimate_lines(cost):
        say(console, line)


def _estimate_lines(cost: Estimate) -> list[str]:
    stages = (("training", cost.train_s), ("walking", cost.evaluate_s), ("analysis", cost.analyze_s))
    times = ", ".join(f"{name} {describe_duration(seconds)}" for name, seconds in stages)
    return [
        f"a trial: {times} ({1000 * cost.step_s:.1f} ms a step), {size_text(cost.disk)}",
        f"the sweep: about {describe_duration(cost.total_s)} with {cost.workers} at a time on this machine, "
        f"{size_text(cost.total_disk)}",
        "extrapolated from 30 steps and one arena of the first trial, with an untrained network, on the machine as it "
        "is now; trials of other sizes take other times",
    ]
