"""Another process that computes parts of a run's analysis: `Worker` starts it, and `main` is what it runs.

They speak in lines of JSON. What a part finds goes through the run's folder, where the next part reads it in any case.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from ..experiment import checked_config, recordings_origin
from ..storage import RunDirectory, UserError, read_json
from ._compute import compute_part, keep_former
from ._part import Progress
from ._registry import parts_of
from ._schedule import Job
from ._sources import Sources

TELL_EVERY = 0.2  # s, of progress
PACKAGES = Path(__file__).parents[2]  # where this package lies


class Worker:
    """A process that is started with its first part. One that fails has computed nothing: its part is taken back."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()  # so that none is started while it is ended
        self._ended = False

    @property
    def started(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def compute(self, job: Job, on_plan: Callable[[str], None], on_progress: Progress) -> dict[str, Any] | None:
        """`compute_part` there; None if the process could not be started, or has ended before it was done."""
        try:
            process = self._process or self._start()
            _send(process, {"part": job.part.name, "expected": job.expected})
            assert process.stdout is not None  # it is a pipe
            for line in process.stdout:
                news = json.loads(line)
                if "done" in news:
                    return read_json(self._sources.run.stamp(job.part.name))
                if "plan" in news:
                    on_plan(news["plan"])
                else:
                    on_progress(*news["progress"])
        except (OSError, ValueError, UserError):
            pass
        return None

    def end(self) -> None:
        """End the process, whatever it does; none is started any more."""
        with self._lock:
            self._ended = True
        if self._process is not None:
            self._process.kill()
            with self._process:  # which closes its pipes and waits for its end
                pass

    def _start(self) -> "subprocess.Popen[str]":
        path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with self._lock:
            if self._ended:
                raise ProcessLookupError("the analysis has ended")
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],  # -P: nothing is imported from the folder one happens to be in
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | threads | {"PYTHONPATH": path},
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


def main() -> None:
    """Compute the parts that come in, one after the other, until nothing more can come."""
    from ..kernels import use_threads  # here: the process that starts this one may need no torch

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    use_threads(1)
    messages = _messages()
    begun = messages.get()
    run, config = RunDirectory(Path(begun["run"])), checked_config(begun["settings"])
    origin = recordings_origin(run, config)
    assert origin is not None  # else nothing would be asked for
    sources = Sources(run, config, origin, begun["arenas"], begun["main"])
    parts = parts_of(sources.arenas, sources.main)
    while True:
        message = messages.get()
        part = parts[message["part"]]
        keep_former((parts[name] for name in part.parts), sources)
        told = _teller(answers)
        compute_part(part, sources, message["expected"], lambda plan: _tell(answers, {"plan": plan}), told)
        _tell(answers, {"done": part.name})


def _messages() -> "queue.Queue[dict[str, Any]]":
    """What comes in. When its sender ends, however it ends, so does this process: nobody holds the run any more."""
    messages: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            messages.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    return messages


def _teller(answers: TextIO) -> Progress:
    """Tells how much is done, now and then."""
    last = 0.0

    def told(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > TELL_EVERY:
            last = time.monotonic()
            _tell(answers, {"progress": [done, total]})

    return told


def _tell(answers: TextIO, news: dict[str, Any]) -> None:
    print(json.dumps(news), file=answers, flush=True)


if __name__ == "__main__":
    main()
