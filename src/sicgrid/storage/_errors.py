"""The one error meant for the person at the shell."""

import errno
import os
import shlex
import sys


class UserError(Exception):
    """Something the user can put right; its text is one line that says what was found and what to do.

    The command line catches it once, prints that line to stderr and exits with code 2. Code that raises it has
    changed nothing on disk, or has undone what it had.
    """

    exit_code = 2


class FolderTaken(UserError):
    """Something is in the folder that a new run was to be made in; `run` says whether that is a run."""

    def __init__(self, message: str, *, run: bool) -> None:
        super().__init__(message)
        self.run = run


def shell_word(path: str | os.PathLike[str]) -> str:
    """A path as one word of a command line, for messages that name the command to run.

    >>> print(shell_word("runs/quick"), shell_word("my runs/a"))
    runs/quick 'my runs/a'
    """
    return shlex.quote(os.fspath(path))


def install_command(requirement: str) -> str:
    """How to install something beside this sicgrid, whatever other Python the shell would find.

    >>> print(install_command("sicgrid[nwb]"))  # doctest: +ELLIPSIS
    `... -m pip install 'sicgrid[nwb]'`
    """
    return f"`{shell_word(sys.executable or 'python')} -m pip install '{requirement}'`"


def describe_os_error(error: OSError) -> str:
    """One line for an error of the file system, naming the file and, for a full disk, the way on."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full{where}: free some space; files already written are intact"
    return f"{error.strerror or error}{where}"
