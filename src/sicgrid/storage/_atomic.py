"""Writing a file so that at every moment its name holds either the old content or the new one."""

import contextlib
import os
from pathlib import Path

TEMPORARY = ".tmp"


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at ``path`` by ``content``; the folder must exist.

    Written to a hidden temporary file beside it, flushed to the disk, renamed, and the folder flushed in turn: after
    a kill or a power cut the name holds all of the old content or all of the new.

    Raises
    ------
    OSError
        If the disk is full or the place is not writable; the temporary file is gone and the old content untouched.

    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            # A failed write() does not know its file's name, and the user needs it.
            error.filename = str(path)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_leftover(path: Path) -> bool:
    """Whether ``path`` is a temporary file that a killed process left behind."""
    return path.name.startswith(".") and path.name.endswith(TEMPORARY)


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files of killed processes, in ``folder`` and below; only for the holder of the run's lock."""
    for path in list(folder.rglob(f".*{TEMPORARY}")):
        path.unlink(missing_ok=True)
