"""A sweep at a URL (s3://, gs://, sftp://, ...): work in a local copy, and mirror it with fsspec.

Object stores have neither locks nor renaming. In their place, files that vouch for others are sent last, and a lease
that its holder renews serves as the lock.
"""

import hashlib
import importlib
import json
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from ..storage import UserError
from ._cluster import require
from ._directory import only_sweep

LEASE = 120.0  # s, after which a lease that was not renewed is void
RENEW = 30.0  # s
HEAVY = ("checkpoints", "recordings")  # of a run; a report does without


def is_url(place: str) -> bool:
    """Whether a sweep's place is a URL and not a folder."""
    return "://" in place


def scratch(url: str, role: str) -> Path:
    """The local copy on this machine, for the driver or for its workers: the same one each time."""
    digest = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / "sicgrid-sweeps" / f"{digest}-{role}"


def local_copy(place: str) -> Path:
    """The folder in which a sweep is to be read on the driver's machine: its own, or the copy of a URL's."""
    return scratch(place, "driver") if is_url(place) else Path(place)


def clear_copy(path: Path) -> None:
    """Empty the local copy, but for its lock."""
    for entry in path.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != ".lock":
            entry.unlink()


class Mirror:
    """A folder at a URL and its local copy; names are relative to both."""

    def __init__(self, url: str, local: Path) -> None:
        require("fsspec")
        core = importlib.import_module("fsspec.core")
        try:
            self._files, root = core.url_to_fs(url.rstrip("/"))
        except (ImportError, ValueError) as error:
            raise UserError(f"{url} cannot be reached: {error}") from None
        self._root, self._local = PurePosixPath(root), local
        self._sent: dict[str, tuple[int, int]] = {}

    def pull(self, under: str = "", skip: Sequence[str] = ()) -> None:
        """Download all files except those in folders named in ``skip``; local files are replaced."""
        for name in self.names(under):
            if not set(PurePosixPath(name).parts[:-1]) & set(skip) and name != Lease.name:
                self.pull_file(name)

    def pull_file(self, name: str) -> None:
        """Download one file if it exists, atomically, since several workers read the same sweep.json."""
        target = self._local / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
        try:
            self._files.get_file(str(self._root / name), str(partial))
        except FileNotFoundError:
            partial.unlink(missing_ok=True)
            return
        partial.replace(target)
        self._sent[name] = _state(target)

    def push(self, under: str = "") -> None:
        """Upload files that have changed; remove at the URL those once sent or downloaded that are gone locally.

        Tensors go before the checkpoint's JSON that vouches for them, and everything before trial.json.
        """
        folder = self._local / under
        paths = folder.rglob("*") if under else folder.glob("*")
        local_files = {path.relative_to(self._local).as_posix(): path for path in paths if path.is_file()}
        for name in sorted(local_files, key=_late):
            if PurePosixPath(name).name.startswith("."):
                continue  # locks and files half written
            try:
                state = _state(local_files[name])
                if self._sent.get(name) == state:
                    continue
                self._files.makedirs(str((self._root / name).parent), exist_ok=True)
                self._files.put_file(str(local_files[name]), str(self._root / name))
            except FileNotFoundError:
                continue  # pruned meanwhile
            self._sent[name] = state
        removed = [
            name for name in self._sent if name not in local_files and (not under or name.startswith(f"{under}/"))
        ]
        for name in sorted(removed, key=_late, reverse=True) if under else ():
            if self._files.exists(str(self._root / name)):
                self._files.rm_file(str(self._root / name))
            del self._sent[name]

    def names(self, under: str = "") -> list[str]:
        """Files at the URL now, sorted."""
        self._files.invalidate_cache()
        folder = self._root / under
        paths = self._files.find(str(folder)) if self._files.exists(str(folder)) else []
        return sorted(PurePosixPath(path).relative_to(self._root).as_posix() for path in paths)

    @contextmanager
    def lease(self) -> "Iterator[Lease]":
        """Be the only driver, as long as the lease is renewed; `UserError` if another one has it."""
        lease = Lease(self._files, str(self._root / Lease.name))
        lease.take()
        try:
            yield lease
        finally:
            lease.drop()


@contextmanager
def reading_copy(place: str) -> Iterator[Path]:
    """The folder in which to read a sweep from any machine: its own, or a copy of what is at its URL now.

    The copy is a new one each time, without checkpoints and recordings, and not that of a driver that may be working.
    Files written at its top, such as a table or a page, are uploaded in the end.

    Raises
    ------
    UserError
        If no sweep is at the URL, or another process of this machine has the copy.

    """
    if not is_url(place):
        yield Path(place)
        return
    copy = scratch(place, "reader") / (PurePosixPath(place).name or "sweep")
    with only_sweep(copy, f"another process on this machine is reading {place}; wait for it or stop it"):
        clear_copy(copy)
        mirror = Mirror(place, copy)
        mirror.pull(skip=HEAVY)
        if not (copy / "sweep.json").is_file():
            raise UserError(f"{place} holds no sweep: sweep.json is missing")
        yield copy
        mirror.push()


class Lease:
    """A file that names the driver at a URL and the time at which it last renewed the lease."""

    name = "lease.json"

    def __init__(self, files: Any, path: str) -> None:
        self._files, self._path = files, path
        self._holder = uuid.uuid4().hex
        self._renewed = 0.0

    def take(self) -> None:
        """Take it; `UserError` if another driver has it."""
        lease = self._read()
        age = time.time() - float(lease.get("renewed", 0.0))
        if lease and age < LEASE:
            raise UserError(
                f"another sweep was working at {self._path} {age:.0f} s ago; if it is dead, start again in "
                f"{LEASE - age:.0f} s, else stop it or choose another folder"
            )
        self._write()
        if self._read().get("holder") != self._holder:
            raise UserError(f"another sweep began at {self._path} at the same moment; choose another folder")

    def renew(self) -> None:
        """Write the current time into the lease, if that is due."""
        if time.monotonic() - self._renewed > RENEW:
            self._write()

    def drop(self) -> None:
        """Remove the lease, if this driver still has it."""
        if self._read().get("holder") == self._holder:
            self._files.rm_file(self._path)

    def _write(self) -> None:
        self._files.makedirs(str(PurePosixPath(self._path).parent), exist_ok=True)
        self._files.pipe_file(self._path, json.dumps({"holder": self._holder, "renewed": time.time()}).encode())
        self._renewed = time.monotonic()

    def _read(self) -> dict[str, Any]:
        self._files.invalidate_cache()
        try:
            lease = json.loads(self._files.cat_file(self._path))
        except (FileNotFoundError, ValueError):
            return {}
        return lease if isinstance(lease, dict) else {}


def _late(name: str) -> tuple[int, str]:
    """Sort key for the order in which files are sent."""
    path = PurePosixPath(name)
    vouches = path.suffix == ".json" and "checkpoints" in path.parts
    return (2 if path.name == "trial.json" else 1 if vouches else 0), name


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
