"""provenance.json: what made a run. No environment variables, user names, host names or paths."""

import contextlib
import os
import platform
import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ._errors import UserError
from ._run_directory import RunDirectory
from ._tables import read_json, write_json

PACKAGES = ("sicgrid", "torch", "numpy", "numba", "scipy", "safetensors")


def machine() -> dict[str, Any]:
    """Versions of Python and of the packages that decide numbers, platform and processor."""
    return {
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": _processor(),
        "cores": os.cpu_count(),
    }


def new_provenance(seed: int, device: str, threads: int, kernel: str, kernel_reason: str) -> dict[str, Any]:
    """The record of a new run, with a fresh identity that its checkpoints and recordings will carry."""
    return {
        "run": uuid.uuid4().hex,
        "created": _time(datetime.now(UTC)),
        "seed": seed,
        "device": device,
        "threads": threads,
        "kernels": {"name": kernel, "reason": kernel_reason},
        **machine(),
        "git": _git(),
        "sessions": [],
    }


def read_provenance(run: RunDirectory) -> dict[str, Any]:
    """The run's record.

    Raises
    ------
    UserError
        If it is missing or has no identity in it.

    """
    if not run.provenance.exists():
        raise UserError(f"{run.provenance} is missing; without it the run's checkpoints cannot be told from others'")
    record = read_json(run.provenance)
    if not isinstance(record.get("run"), str) or not isinstance(record.get("sessions"), list):
        raise UserError(f"{run.provenance} is damaged: it does not say which run this is")
    return record


@contextlib.contextmanager
def session(run: RunDirectory, stage: str) -> Iterator[dict[str, Any]]:
    """Record one process's work on a stage of the run: start, finish, seconds, and what the block notes in the dict.

    The entry is written at the start, ``"ended": null`` (a killed process leaves it so), and completed at the end with
    "done", with what the block noted, or with the name of the error that ended it. Whatever differs from the machine
    and versions that the run began with is noted as "changed".
    """
    began = datetime.now(UTC)
    record = read_provenance(run)
    changed = {name: value for name, value in machine().items() if value != record.get(name)}
    entry: dict[str, Any] = {"stage": stage, "started": _time(began), "finished": None, "seconds": None, "ended": None}
    entry |= {"changed": changed} if changed else {}
    record["sessions"].append(entry)
    write_json(run.provenance, record)
    notes: dict[str, Any] = {}
    try:
        yield notes
    except BaseException as error:
        notes.setdefault("ended", type(error).__name__)
        # The error on its way out matters more than a second one from, say, the same full disk.
        with contextlib.suppress(OSError):
            _finish(run, record, entry, began, notes)
        raise
    _finish(run, record, entry, began, {"ended": "done"} | notes)


def _finish(
    run: RunDirectory, record: dict[str, Any], entry: dict[str, Any], began: datetime, notes: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    entry |= {"finished": _time(now), "seconds": round((now - began).total_seconds(), 3)} | notes
    write_json(run.provenance, record)


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


@lru_cache
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's model as Linux reports it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _git() -> dict[str, Any] | None:
    """Commit of the checkout that the package runs from and whether it has changes; None if installed otherwise."""
    here = Path(__file__).resolve()
    root = here.parents[3]
    if not (root / ".git").exists() or here.parents[2].name != "src":
        return None

    def ask(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
