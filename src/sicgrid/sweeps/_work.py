"""What a worker does with a trial: begin or resume, train, evaluate, analyze, and say how it ended."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..experiment import (
    Diverged,
    Interrupted,
    RunConfig,
    checked_config,
    differences,
    evaluate_run,
    load_run_config,
    start_run,
    train_runs,
)
from ..findings import analyze_run
from ..storage import RunDirectory, UserError, describe_os_error, exclusive, read_json, write_json
from ..training import StepRecord
from ._directory import FINAL, SweepDirectory, only_worker
from ._metrics import METRICS, run_metrics
from ._mirror import Mirror, is_url, scratch
from ._trials import Trial

PATIENCE = 120.0  # s, to wait for a dying worker to release a trial


@dataclass(frozen=True)
class Task:
    """A trial as it travels to a worker: plain values only, so that nothing of ours is pickled."""

    sweep: str
    """Folder of the sweep, the same on all machines, or its URL."""
    identity: str
    """Of the sweep, as in its sweep.json."""
    described: Mapping[str, Any]
    settings: Mapping[str, Any]
    parts: tuple[str, ...]
    record: tuple[str, ...]


class NotShared(UserError):
    """A machine that does not see the sweep's folder: no trial can end there."""


class End(NamedTuple):
    """How a trial ended: finished, diverged or failed, and why."""

    status: str
    message: str


def task_of(trial: Trial, place: str, identity: str, parts: Sequence[str], record: Sequence[str]) -> Task:
    """A trial of the sweep at ``place`` (folder or URL), ready to travel."""
    return Task(
        place if is_url(place) else str(Path(place).resolve()),
        identity,
        trial.described(),
        trial.config.settings(),
        tuple(parts),
        tuple(record),
    )


def work_pack(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Bring trials of one shape to their ends from wherever they are; return (and leave as trial.json) how they ended.

    Those that still train do so at once (`sicgrid.experiment.train_runs`), then each is evaluated and analyzed. A trial
    that has ended is left as it is. One whose worker died resumes from its newest checkpoint, a trial of a pack of one
    bit for bit as if nothing had happened; walking and analysis that were under way are done again. Asked to stop (by
    SIGINT or SIGTERM) while it trains, it saves, and returns the ends that there are.

    Raises
    ------
    NotShared
        If this machine does not see the sweep's folder.
    UserError
        If another process does not let go of a trial.
    KeyboardInterrupt
        When asked to stop outside of training.

    """
    place = tasks[0].sweep
    mirror = Mirror(place, scratch(place, "work")) if is_url(place) else None
    sweep = SweepDirectory(scratch(place, "work") if mirror else Path(place))
    if mirror:
        mirror.pull_file(sweep.about.name)
    _check_shared(sweep, tasks[0].identity)
    sweep.runs.mkdir(exist_ok=True)
    records: dict[str, dict[str, Any]] = {}
    with contextlib.ExitStack() as locks:
        for task in tasks:
            name = task.described["name"]
            locks.enter_context(only_worker(sweep, name, PATIENCE))
            if mirror:
                shutil.rmtree(sweep.run(name).path, ignore_errors=True)  # the copy at the URL is the one that counts
                mirror.pull(f"runs/{name}")
            record = sweep.read_record(name)
            if record is not None and record.get("status") in FINAL:
                records[name] = record
            else:
                # An attempt that failed is forgotten; without its run the file would be in the way of a new one.
                sweep.record(name).unlink(missing_ok=True)
        todo = [task for task in tasks if task.described["name"] not in records]
        keep = partial(_send, mirror)
        try:
            for task, (status, message) in _ends_of(sweep, todo, keep):
                records[task.described["name"]] = record_end(sweep, task, status, message)
                keep(task.described["name"])
        except Interrupted:
            # Their states are saved; the driver sees that they have not ended.
            for task in todo:
                keep(task.described["name"])
        if mirror:
            for name in records:
                shutil.rmtree(sweep.run(name).path, ignore_errors=True)
    return list(records.values())


def _send(mirror: Mirror | None, name: str) -> None:
    if mirror:
        mirror.push(f"runs/{name}")


def _check_shared(sweep: SweepDirectory, identity: str) -> None:
    sweep_id = read_json(sweep.about).get("sweep") if sweep.about.is_file() else None
    if sweep_id != identity:
        raise NotShared(
            f"a worker does not see the sweep's folder {sweep.path}; on several machines it must lie on a disk that "
            "all of them share, under the same path"
        )


def _ends_of(sweep: SweepDirectory, tasks: Sequence[Task], keep: Callable[[str], None]) -> Iterator[tuple[Task, End]]:
    """Each trial with how it ended, as soon as it has; ``keep`` is called with its name after each new checkpoint."""
    begun: list[tuple[Task, RunDirectory, RunConfig]] = []
    with contextlib.ExitStack() as locks:
        for task in tasks:
            try:
                run, config = _open_run(sweep, task, len(tasks))
                locks.enter_context(exclusive(run))
            except (UserError, OSError) as error:
                yield task, _failed(error)
            else:
                begun.append((task, run, config))
        trained = _train([(run, config) for _, run, config in begun], keep)
        for (task, run, config), end in zip(begun, trained, strict=True):
            yield task, end or _evaluate_and_analyze(run, config, task.parts)


def _open_run(sweep: SweepDirectory, task: Task, together: int) -> tuple[RunDirectory, RunConfig]:
    """The trial's run and settings; the run is started if it does not exist."""
    run, config = sweep.run(task.described["name"]), checked_config(task.settings)
    if not run.config.is_file():
        start_run(config, run.path, together)
    against = differences(config.settings(), load_run_config(run).settings())
    if against:
        raise UserError(f"the run in {run.path} has other settings: {', '.join(against)}; move it away")
    return run, config


def _train(runs: Sequence[tuple[RunDirectory, RunConfig]], keep: Callable[[str], None]) -> list[End | None]:
    """Train runs to their last step; for each, how it ended if it did not get there, else None."""
    sent: dict[int, int] = {}

    def after(index: int, record: StepRecord) -> None:
        run, config = runs[index]
        reached = record.step // config.checkpoint_every
        if reached > sent.setdefault(index, reached):
            sent[index] = reached
            keep(run.path.name)

    try:
        outcomes = train_runs(runs, lambda index, first, changed: None, after)
    except (UserError, OSError) as error:
        # The error of one stops all: each is trained alone, so that only that one fails.
        return [_failed(error)] if len(runs) == 1 else [_train([run], keep)[0] for run in runs]
    return [End("diverged", str(outcome)) if isinstance(outcome, Diverged) else None for outcome in outcomes]


def _evaluate_and_analyze(run: RunDirectory, config: RunConfig, parts: Sequence[str]) -> End:
    """Record the trained network walking and analyze it; how that ended."""
    try:
        evaluate_run(run, config, config.evaluation.arenas)
        analyze_run(run, config, only=parts)
    except (UserError, OSError) as error:
        return _failed(error)
    return End("finished", "")


def _failed(error: UserError | OSError) -> End:
    return End("failed", describe_os_error(error) if isinstance(error, OSError) else str(error))


def record_end(sweep: SweepDirectory, task: Task, status: str, message: str) -> dict[str, Any]:
    """Write a trial's trial.json, atomically, and return it.

    ``status`` is finished, diverged or failed. ``seconds`` and ``stages`` (seconds of each) are the time worked,
    without the attempts that were killed; metrics are those that the plan records, of a finished trial, else null.
    """
    run = sweep.run(task.described["name"])
    metrics = run_metrics(run) if status == "finished" else {}
    stages: dict[str, float] = {}
    for session in read_json(run.provenance)["sessions"] if run.provenance.is_file() else ():
        stages[session["stage"]] = round(stages.get(session["stage"], 0.0) + (session["seconds"] or 0.0), 3)
    record = {
        **task.described,
        "status": status,
        "message": message,
        "seconds": round(sum(stages.values()), 3),
        "stages": stages,
        "metrics": {name: metrics.get(name) for name in task.record or METRICS},
    }
    run.path.mkdir(parents=True, exist_ok=True)
    write_json(sweep.record(task.described["name"]), record)
    return record
