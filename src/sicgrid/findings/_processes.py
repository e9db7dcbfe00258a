"""The parts of an analysis, computed by this process and by others at once."""

import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ..storage import available_memory, recording_file
from ._compute import compute_part
from ._events import NO_RESULT, Events
from ._part import Part
from ._schedule import Job, Schedule
from ._sources import Sources
from ._stamps import Stamp
from ._worker import Worker

FEWEST_BYTES = 4 * 2**20  # of recordings on disk; less is analyzed before another process has started
MOST = 4  # more gain nothing: the longest chain of parts takes a third of the time of all
PROCESS_BYTES = 500 * 2**20  # of a process without a recording
UNPACKED = 32  # most bytes of activity in memory per byte on disk: a float32 zero is stored as one bit

_log = logging.getLogger(__name__)


def affordable_processes(sources: Sources, asked: int) -> int:
    """How many processes an analysis uses: at most ``asked`` (0: one a core), fewer for small recordings or memory."""
    sizes = [recording_file(sources.run, arena).stat().st_size for arena in sources.arenas]
    if sum(sizes) < FEWEST_BYTES:
        return 1
    return max(
        1,
        min(asked or len(os.sched_getaffinity(0)), MOST, available_memory() // (PROCESS_BYTES + UNPACKED * max(sizes))),
    )


def compute_parts(
    parts: Mapping[str, Part],
    decide: Callable[[Part], Job | None],
    sources: Sources,
    events: Events,
    stamps: dict[str, Stamp],
    processes: int,
) -> None:
    """Compute the parts in the order of `Schedule`, here and in ``processes`` - 1 others, and fill in ``stamps``.

    If another process fails, its part is computed here.
    """
    from threadpoolctl import threadpool_limits  # here, since importing it sets an environment variable

    # An external network lives in this process alone.
    main_only = [part.name for part in parts.values() if part.network and sources.kind == "network"]
    schedule = Schedule(parts, decide, several=processes > 1, main_only=main_only)

    def settle(job: Job, stamp: Stamp) -> None:
        stamps[job.part.name] = stamp
        reason = stamp["reason"]
        events.tell(job.part, "done", f"{stamp['seconds']:.1f} s" + (f"{NO_RESULT}{reason}" if reason else ""))
        schedule.settled(job.part)

    def serve(worker: Worker) -> None:
        try:
            while (job := schedule.next(worker=True, started=worker.started)) is not None:
                events.tell(job.part, "computing", job.why)
                stamp = worker.compute(job, *_callbacks(job, events))
                if stamp is None:
                    if not schedule.stopped:
                        _log.warning(
                            "another process failed (%s); its part is computed here", worker.failure or "ended"
                        )
                    schedule.put_back(job)
                    return
                settle(job, stamp)
        except BaseException:
            schedule.stop()  # or all would wait for this part
            raise

    limited = False
    workers = [Worker(sources) for _ in range(processes - 1)]
    # The matrices are small: more BLAS threads gain nothing, and wait by spinning where another process has the core.
    with (
        threadpool_limits(1, user_api="blas"),
        contextlib.ExitStack() as limits,
        ThreadPoolExecutor(max(1, len(workers))) as pool,
    ):
        try:
            served = [pool.submit(serve, worker) for worker in workers]
            while (job := schedule.next()) is not None:
                if workers and not limited:  # not before: what is up to date needs no torch
                    limits.enter_context(_one_thread())
                    limited = True
                events.tell(job.part, "computing", job.why)
                settle(job, compute_part(job.part, sources, job.expected, *_callbacks(job, events)))
        finally:
            schedule.stop()
            for worker in workers:
                worker.end()
        for future in served:
            future.result()  # raises what was raised there


def _one_thread() -> contextlib.AbstractContextManager[None]:
    from ..kernels import limited_threads  # here, since it brings torch

    return limited_threads(1)


def _callbacks(job: Job, events: Events) -> tuple[Callable[[str], None], Callable[[int, int], None]]:
    """Called with a part's plan, and with its progress, while it is computed."""
    return lambda plan: events.tell(job.part, "plan", plan), events.progress(job.part)
