"""Another process that computes parts of a run's analysis: `Worker` starts it, and `main` is what it runs.

They exchange messages as lines of JSON. A part's result is not among them: it is read from the run's folder.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from ..experiment import checked_config, recordings_origin
from ..storage import RunDirectory, read_json
from ._compute import compute_part, keep_former
from ._part import Progress
from ._registry import parts_of
from ._schedule import Job
from ._sources import Sources

TELL_EVERY = 0.2  # s, between two messages of progress
# Messages go to a copy of stdout made before anything is imported that might print; what is printed goes to stderr.
START = (
    "import json, os, sys; answers = os.dup(1); os.dup2(2, 1); sys.path[:] = json.loads(sys.argv[1]); "
    f"from {__name__} import main; main(answers)"
)


class Worker:
    """A process that is started for its first part. After a failure it is ended and not started again."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()  # so that none is started while it is ended
        self._ended = False
        self.failure = ""
        """Why it failed, if it did and said so."""

    @property
    def started(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def compute(self, job: Job, on_plan: Callable[[str], None], on_progress: Progress) -> dict[str, Any] | None:
        """`compute_part` there; None if the process could not be started or has failed, and then it is ended."""
        for answer in self._answers(job):
            if "plan" in answer:
                on_plan(answer["plan"])
            elif "progress" in answer:
                on_progress(*answer["progress"])
            elif answer.get("done") == job.part.name:
                return read_json(self._sources.run.stamp(job.part.name))
            elif "failure" in answer:
                self.failure = str(answer["failure"])
        self.end()  # or it would go on, and two would write the same files
        return None

    def end(self) -> None:
        """Kill the process, whatever it is doing; none is started after this."""
        with self._lock:
            self._ended = True
        process = self._process
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError, ValueError):  # what was not sent any more
                    pipe.close()  # type: ignore[union-attr]

    def _answers(self, job: Job) -> Iterator[dict[str, Any]]:
        """Ask for the part; the messages that come until the process ends."""
        try:
            process = self._process or self._start()
            assert process.stdout is not None  # it is a pipe
            _send(process, {"part": job.part.name, "expected": job.expected})
            for line in process.stdout:
                with contextlib.suppress(json.JSONDecodeError):  # printed as Python started
                    answer = json.loads(line)
                    if isinstance(answer, dict):
                        yield answer
        except (OSError, ValueError):  # it has ended, or is being ended
            return

    def _start(self) -> "subprocess.Popen[str]":
        if not sys.executable or getattr(sys, "frozen", False):
            raise OSError("there is no Python to start")
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with self._lock:
            if self._ended:
                raise OSError("the analysis has ended")
            # Not -m: a module of a package that has imported it would be there twice.
            process = self._process = subprocess.Popen(
                [sys.executable, "-c", START, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | threads,
                text=True,
                encoding="utf-8",
            )
        sources = self._sources
        run, settings = str(sources.run.path.resolve()), sources.config.settings()
        _send(process, {"run": run, "settings": settings, "arenas": sources.arenas, "main": sources.main})
        return process


def _send(process: "subprocess.Popen[str]", message: dict[str, Any]) -> None:
    assert process.stdin is not None  # it is a pipe
    print(json.dumps(message), file=process.stdin, flush=True)


def main(answers: int) -> None:
    """Compute the parts that come in, one after the other, until nothing more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    with os.fdopen(answers, "w", encoding="utf-8") as pipe:
        try:
            _compute(_messages(), pipe)
        except BaseException as error:
            _tell(pipe, {"failure": f"{type(error).__name__}: {error}"})
            raise


def _compute(messages: "queue.Queue[dict[str, Any]]", answers: TextIO) -> None:
    from ..kernels import use_threads  # here: the process that starts this one may need no torch

    use_threads(1)
    first_message = messages.get()
    run, config = RunDirectory(Path(first_message["run"])), checked_config(first_message["settings"])
    origin = recordings_origin(run, config)
    assert origin is not None  # else nothing would be asked for
    sources = Sources(run, config, origin, first_message["arenas"], first_message["main"])
    parts = parts_of(sources.arenas, sources.main)
    while True:
        message = messages.get()
        part = parts[message["part"]]
        keep_former((parts[name] for name in part.reads), sources)
        on_progress = _teller(answers)
        compute_part(part, sources, message["expected"], lambda plan: _tell(answers, {"plan": plan}), on_progress)
        _tell(answers, {"done": part.name})


def _messages() -> "queue.Queue[dict[str, Any]]":
    """Messages from the main process. When that ends, in whatever way, so does this one: the run is no longer held."""
    messages: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        try:
            for line in sys.stdin:
                messages.put(json.loads(line))
        finally:
            os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return messages


def _teller(answers: TextIO) -> Progress:
    """Sends messages of progress, at most one every `TELL_EVERY` seconds."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > TELL_EVERY:
            last = time.monotonic()
            _tell(answers, {"progress": [done, total]})

    return tell


def _tell(answers: TextIO, message: dict[str, Any]) -> None:
    print(json.dumps(message), file=answers, flush=True)
