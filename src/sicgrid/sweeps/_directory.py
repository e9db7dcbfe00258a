"""The folder of a sweep: its plan, its list of trials, one run a trial, and who may work on it."""

import contextlib
import fcntl
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..experiment import differences
from ..storage import (
    RunDirectory,
    UserError,
    machine,
    read_json,
    refuse_file,
    remove_leftovers,
    shell_word,
    write_atomically,
    write_json,
)
from ._plan import HARMLESS, Plan, load_plan
from ._trials import Trial

FINAL = ("finished", "diverged")  # what is not tried again


@dataclass(frozen=True)
class SweepDirectory:
    """The places in a sweep's folder; opens and checks nothing."""

    path: Path

    @property
    def plan(self) -> Path:
        """The plan, every field written out; its presence makes the folder a sweep."""
        return self.path / "plan.yaml"

    @property
    def about(self) -> Path:
        """The sweep's identity, the versions and the machine it began with, and its trials."""
        return self.path / "sweep.json"

    @property
    def runs(self) -> Path:
        """Folder of one run a trial."""
        return self.path / "runs"

    @property
    def locks(self) -> Path:
        """Folder of one file a trial, locked by the worker that has it."""
        return self.path / "locks"

    def run(self, name: str) -> RunDirectory:
        """The run of a trial."""
        return RunDirectory(self.runs / name)

    def record(self, name: str) -> Path:
        """How a trial ended: trial.json in its run's folder."""
        return self.runs / name / "trial.json"

    def read_record(self, name: str) -> dict[str, Any] | None:
        """How a trial ended, None if it has not; `UserError` if the file is damaged."""
        return read_json(self.record(name)) if self.record(name).is_file() else None


def open_sweep(path: Path, plan: Plan) -> SweepDirectory:
    """The sweep of ``plan`` in the folder ``path``, begun there before or now.

    Raises
    ------
    UserError
        If the folder holds something else, or a sweep of another plan.

    """
    sweep = SweepDirectory(path)
    check_place(sweep, plan)
    for folder in (path, sweep.runs, sweep.locks):
        folder.mkdir(parents=True, exist_ok=True)
    if not sweep.about.is_file():
        began = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(sweep.about, {"sweep": uuid.uuid4().hex, "created": began, **machine(), "trials": []})
    write_atomically(sweep.plan, plan.to_yaml().encode())
    return sweep


def check_place(sweep: SweepDirectory, plan: Plan) -> None:
    """`UserError` if the sweep's folder holds something else, or a sweep of another plan; writes nothing."""
    path = sweep.path
    refuse_file(path)
    if not sweep.plan.is_file():
        # What a start that was killed may leave: everything but the plan, which comes last.
        own_names = {sweep.about.name, sweep.runs.name, sweep.locks.name, ".lock"}
        if path.is_dir() and any(entry.name not in own_names and entry.suffix != ".tmp" for entry in path.iterdir()):
            raise UserError(f"the folder {path} is not empty and holds no sweep; choose another folder")
        return
    existing, asked = load_plan(sweep.plan).typed(), plan.typed()
    for name in HARMLESS:
        existing.pop(name), asked.pop(name)
    against = differences(asked, existing)
    if against:
        raise UserError(
            f"{path} holds a sweep of another plan: {', '.join(against)}; choose another folder, or resume its own: "
            f"`sicgrid sweep {shell_word(sweep.plan)} --out {shell_word(path)}`"
        )


@contextlib.contextmanager
def only_sweep(path: Path, refusal: str = "") -> Iterator[None]:
    """Be the only one who works in the folder, until the block is left or the process dies.

    The lock is the kernel's, so a killed process never leaves it behind. `UserError`, with the refusal or else one for
    sweeps, if another process has it.
    """
    path.mkdir(parents=True, exist_ok=True)
    with (path / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                refusal or f"another sweep is working in {path}; wait for it, stop it or choose another folder"
            ) from None
        for entry in path.glob(".*.tmp"):
            entry.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def only_worker(sweep: SweepDirectory, name: str, patience: float) -> Iterator[None]:
    """Be the only process that works on a trial. Waits: a worker whose node was lost may live on for a moment.

    `UserError` if it is not to be had within ``patience`` seconds.
    """
    sweep.locks.mkdir(exist_ok=True)
    with (sweep.locks / name).open("w") as file:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise UserError(
                        f"another process has been working on {sweep.run(name).path} all the time"
                    ) from None
                time.sleep(0.2)
        remove_leftovers(sweep.run(name).path)
        yield


def add_trials(sweep: SweepDirectory, trials: Sequence[Trial]) -> None:
    """Note trials in sweep.json before they begin; those that are there already stay as they are."""
    about = read_json(sweep.about)
    listed = {entry["name"] for entry in about["trials"]}
    about["trials"] += [trial.described() for trial in trials if trial.name not in listed]
    write_json(sweep.about, about)


def noted_trials(sweep: SweepDirectory) -> list[Mapping[str, Any]]:
    """The trials in sweep.json, as `Trial.described` wrote them."""
    trials: list[Mapping[str, Any]] = read_json(sweep.about)["trials"]
    return trials
