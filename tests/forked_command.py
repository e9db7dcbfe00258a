"""The command in a process of its own, forked off one that has imported everything: imports would take longest."""

import multiprocessing
import os
import sys
from typing import NamedTuple

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["sicgrid.cli", "sicgrid.experiment"])


class Ended(NamedTuple):
    """A process that has ended, or the command where it runs in the test's own."""

    code: int
    out: str
    err: str


class Command:
    """`sicgrid` at work in a folder."""

    def __init__(self, arguments, folder, streams):
        self._streams = [streams / name for name in ("out", "err")]
        self.process = _SERVER.Process(target=_work, args=(arguments, folder, self._streams))
        self.process.start()

    def send(self, number):
        os.kill(self.process.pid, number)

    def is_alive(self):
        return self.process.is_alive()

    def end(self, timeout=100):
        """Wait for it."""
        self.process.join(timeout)
        assert not self.process.is_alive()
        return Ended(self.process.exitcode, *(file.read_text(encoding="utf-8") for file in self._streams))

    def kill(self):
        self.process.kill()
        self.process.join()


def _work(arguments, folder, streams):
    from sicgrid.cli import main

    os.chdir(folder)
    for number, file in enumerate(streams, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    sys.exit(main(arguments))
