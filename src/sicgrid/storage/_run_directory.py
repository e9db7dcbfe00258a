"""One run's folder: the names of its files, how it comes into being, and who may write to it."""

import contextlib
import fcntl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._repr import brief
from ._atomic import is_leftover, remove_leftovers, write_atomically
from ._errors import FolderTaken, UserError, shell_word
from ._lengths import length_name
from ._tables import write_json

LOCK = ".lock"


@brief
@dataclass(frozen=True)
class RunDirectory:
    """The places in a run's folder; opens and checks nothing."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))  # text serves too

    @property
    def config(self) -> Path:
        """The complete settings; its presence makes the folder a run."""
        return self.path / "config.yaml"

    @property
    def provenance(self) -> Path:
        """What made the run: versions, machine, kernels, seed, git state, sessions."""
        return self.path / "provenance.json"

    @property
    def metrics(self) -> Path:
        """One JSON object a line and training step."""
        return self.path / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Folder of step-XXXXXXXX.safetensors with a .json each."""
        return self.path / "checkpoints"

    @property
    def snapshots(self) -> Path:
        """Folder of step-XXXXXXXX.safetensors: weights on the way, to be looked at and not to resume from."""
        return self.path / "snapshots"

    @property
    def recordings(self) -> Path:
        """Folder of one recording an arena."""
        return self.path / "recordings"

    @property
    def results(self) -> Path:
        """Folder of one netCDF file and one stamp (JSON) for each part of the analysis."""
        return self.path / "results"

    @property
    def evaluation(self) -> Path:
        """Path-integration error and held-out loss, by arena."""
        return self.path / "evaluation.json"

    @property
    def summary(self) -> Path:
        """The run in a few numbers."""
        return self.path / "summary.json"

    @property
    def report(self) -> Path:
        """The page."""
        return self.path / "report.html"

    @property
    def explorer(self) -> Path:
        """The live page."""
        return self.path / "explorer.html"

    def recording(self, arena: float) -> Path:
        """Recording in a square arena of ``arena`` meters a side."""
        return self.recordings / f"arena-{length_name(arena)}.safetensors"

    def units(self, arena: float | None = None) -> Path:
        """Table of the units; without ``arena`` that of the main arena."""
        return self.path / ("units.csv" if arena is None else f"units-{length_name(arena)}.csv")

    def maps(self, arena: float | None = None) -> Path:
        """Rate maps; without ``arena`` those of the main arena."""
        return self.path / ("maps.npz" if arena is None else f"maps-{length_name(arena)}.npz")

    def result(self, part: str) -> Path:
        """Labeled arrays of one part of the analysis."""
        return self.results / f"{part}.nc"

    def stamp(self, part: str) -> Path:
        """What that part was computed from, how long it took, and its numbers."""
        return self.results / f"{part}.json"


def create_run(path: Path, config: str, provenance: Mapping[str, Any]) -> RunDirectory:
    """Make a new run's folder with its settings (YAML) and its provenance.

    Raises
    ------
    FolderTaken
        If the folder is not empty.
    UserError
        If a file is there.
    OSError
        If the files cannot be written; then what was made is removed again.

    """
    run = check_unused(path)
    new_folders = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
        write_json(run.provenance, provenance)
        # Last, because it is what makes the folder a run: a kill in between leaves none.
        write_atomically(run.config, config.encode())
    except OSError:
        with contextlib.suppress(OSError):
            run.config.unlink(missing_ok=True)
            run.provenance.unlink(missing_ok=True)
            for folder in new_folders:
                folder.rmdir()
        raise
    return run


def refuse_file(folder: Path) -> None:
    """Check that a folder can be made: that neither it nor what it would lie in is a file.

    Raises
    ------
    UserError
        If one of them is.

    >>> refuse_file(Path("/dev/null/runs"))
    Traceback (most recent call last):
    sicgrid.storage._errors.UserError: /dev/null is a file, not a folder; choose another folder

    """
    nearest = next(place for place in (folder, *folder.parents) if place.exists() or place == place.parent)
    if not nearest.is_dir():
        raise UserError(f"{nearest} is a file, not a folder; choose another folder")


def check_unused(path: Path) -> RunDirectory:
    """The run that could be made in a folder that is new or empty.

    Raises
    ------
    FolderTaken
        If anything else is there, a run or not.
    UserError
        If it, or what it would lie in, is a file.

    """
    refuse_file(path)
    run = RunDirectory(path)
    if path.is_dir() and not _is_unused(run):
        holds_run = run.config.exists()
        raise FolderTaken(
            f"the output folder {path} is not empty" + (" (it holds a run)" if holds_run else ""), run=holds_run
        )
    return run


def _is_unused(run: RunDirectory) -> bool:
    """Whether the folder holds nothing but what a creation that was killed may have left."""
    remains = {LOCK, run.provenance.name}
    entries = list(run.path.iterdir())
    unfinished = LOCK not in {entry.name for entry in entries}
    return all(is_leftover(entry) or (entry.name in remains and unfinished) for entry in entries)


def open_run(path: Path | str) -> RunDirectory:
    """The run in the folder ``path``.

    Raises
    ------
    UserError
        If there is none.

    """
    path = Path(path)
    run = RunDirectory(path)
    if not run.config.is_file():
        if path.is_file():
            raise UserError(f"no run in {path}: it is a file; give the folder of a run")
        refuse_file(path)
        fault = "has no config.yaml" if path.is_dir() else "does not exist"
        raise UserError(f"no run in {path}: it {fault}; make one with `sicgrid train --out {shell_word(path)}`")
    return run


@contextlib.contextmanager
def exclusive(run: RunDirectory) -> Iterator[None]:
    """Be the only process that writes to the run, until the block is left or the process dies.

    The lock is the kernel's (flock on the run's .lock file), so a killed process never leaves it behind. Whoever
    gets it also removes the temporary files that a killed process may have left.

    Raises
    ------
    UserError
        If another process has it.

    """
    with (run.path / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"another process is working on the run {run.path}; wait for it or stop it") from None
        remove_leftovers(run.path)
        yield
