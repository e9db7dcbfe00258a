"""The engine: gives trials to Ray and takes their results.

Ray places trials, watches workers and tells which died; all state is in the sweep's folder. Why Ray tasks, with Tune
for search alone:

- A Tuner restores itself from its own record, a pickle written every 10 s or more, beside ours. After a driver's death
  the two disagree about what has ended, and Tune runs such trials again or lists them twice. Here trial.json in the
  run's folder is the only record, written once, atomically.
- Tune works a function in a thread of an actor, where no signal arrives, so stopping costs the steps since the last
  checkpoint. A task works in its process's main thread: `ray.cancel` is a Ctrl-C there, and training saves.
- A task's process is used for the next trial, with torch loaded and kernels compiled; Tune starts an actor a trial.
"""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._callbacks import ignore
from .._repr import brief
from ..experiment import StopRequests
from ..storage import UserError, read_json
from ._cluster import Needs, check_request, check_room, cluster, most_cores, require, slots
from ._directory import FINAL, SweepDirectory, check_place, only_sweep, open_sweep
from ._mirror import HEAVY, Lease, Mirror, clear_copy, is_url, scratch
from ._plan import Plan
from ._progress import Progress, Watch
from ._search import Source, source_of
from ._trials import Trial, check_search, config_at, packs_of, trials_of
from ._work import NotShared, Task, record_end, task_of, work_pack

DEATHS = 5  # of a trial's workers in a row, without a new checkpoint or part, until it is given up
TABLE_EVERY = 60.0  # s, at least, between two tables while the sweep works
LOOK_EVERY = 1.0  # s, at most, between two looks at what the workers have done
GRACE = 60.0  # s, for workers that are asked to stop to finish a step and save


class Stopped(Exception):
    """The sweep was stopped on request; the trials under way are saved. ``signal_number`` gives the exit code."""

    def __init__(self, signal_number: int, done: int, total: int) -> None:
        super().__init__(f"stopped with {done} of {total} trials done")
        self.signal_number, self.done, self.total = signal_number, done, total


@brief
class Outcome(NamedTuple):
    """How many trials ended how, those of earlier starts included."""

    finished: int
    diverged: int
    failed: int
    skipped: int
    """Of the finished and diverged, those that were so before."""


@brief
class SweepEvent(NamedTuple):
    """An event of a sweep: a trial's end (its trial.json), a note, or the progress of all trials."""

    record: Mapping[str, Any] | None = None
    note: str = ""
    progress: Progress | None = None


def run_sweep(
    plan: Plan,
    place: str | Path,
    on_event: Callable[[SweepEvent], None] = ignore,
    *,
    address: str | None = None,
    cpus: int | None = None,
    dashboard: bool = False,
) -> Outcome:
    """Bring a sweep to its end from wherever it is. To be called in the main thread, for Ctrl-C.

    ``place`` is a folder, which all machines of a cluster must share, or a URL that fsspec knows, which they need
    not: then each worker has a copy of its trials and sends what is new with every checkpoint, and the driver has one
    of all but checkpoints and recordings, in ``local_copy(place)``.

    Trials that have finished or diverged are left as they are; others resume from their newest checkpoint; failed ones
    are tried again.

    Raises
    ------
    UserError
        For anything that `trials_of`, `check_room`, `open_sweep`, `only_sweep` and `cluster` refuse; before any trial.
    Stopped
        After Ctrl-C or SIGTERM.

    """
    require("ray", "pyarrow", *(("optuna", "pandas") if plan.search is not None else ()))
    check_request(address, cpus, dashboard)
    check_search(plan)
    trials = trials_of(plan)
    with contextlib.ExitStack() as stack:
        mirror, lease = None, None
        path = Path(place)
        if is_url(str(place)):
            path = scratch(str(place), "driver")
            mirror = Mirror(str(place), path)
        else:
            check_place(SweepDirectory(path), plan)
        stack.enter_context(only_sweep(path))
        if mirror:
            lease = stack.enter_context(mirror.lease())
            clear_copy(path)
            mirror.pull(skip=HEAVY)
        # Ray first: Tune's search, like all of Ray, reads the environment that is set there.
        joined = stack.enter_context(cluster(address, cpus, dashboard))
        threads = [trial.config.threads for trial in trials] or [config_at(plan, {}, plan.seeds[0], "settings").threads]
        check_room(joined, Needs(max(threads), plan.gpus, int(plan.memory_gb * 2**30)))
        sweep = open_sweep(path, plan)
        if joined.dashboard:
            on_event(SweepEvent(note=f"dashboard: {joined.dashboard}"))
        return _Driver(joined.ray, plan, sweep, str(place), on_event, mirror, lease).drive()


class _Driver:
    """The loop that gives trials to Ray and takes what comes back."""

    def __init__(
        self,
        ray: Any,
        plan: Plan,
        sweep: SweepDirectory,
        place: str,
        on_event: Callable[[SweepEvent], None],
        mirror: Mirror | None,
        lease: Lease | None,
    ) -> None:
        self._ray, self._plan, self._sweep, self._tell = ray, plan, sweep, on_event
        self._place, self._mirror, self._lease = place, mirror, lease
        self._source: Source = source_of(plan, sweep)
        self._identity = str(read_json(sweep.about)["sweep"])
        self._running: dict[Any, list[Task]] = {}
        self._deaths: dict[str, tuple[int, Any]] = {}
        self._counts = dict.fromkeys(("finished", "diverged", "failed"), 0)
        self._skipped = 0
        self._table_due = time.monotonic() + TABLE_EVERY
        self._remote = ray.remote(work_pack)
        self._watch = Watch(sweep, self._source.total)

    def drive(self) -> Outcome:
        with StopRequests() as requests:
            self._fill()
            while self._running:
                ready, _ = self._ray.wait(list(self._running), timeout=LOOK_EVERY)
                for reference in ready:
                    self._receive(reference, self._running.pop(reference))
                if self._lease:
                    self._lease.renew()
                if requests.received is not None:
                    self._stop(requests.received)
                self._fill()
                self._tell(
                    SweepEvent(progress=self._watch.look(task for pack in self._running.values() for task in pack))
                )
        self._write_table()
        return Outcome(**self._counts, skipped=self._skipped)

    def _fill(self) -> None:
        """Give Ray the trials that can begin."""
        while True:
            free_places = self._free_places()
            trials = self._source.take(free_places)
            todo = [trial for trial in trials if not self._skip(trial)]
            for pack in packs_of(todo, self._plan.pack):
                self._submit(pack)
            # A search may have more to give where all that it gave had ended before.
            if not trials or todo:
                return

    def _free_places(self) -> int:
        """Trials that a search may begin now; at least one where none is under way: Ray waits until it has room."""
        if self._plan.search is None:
            return 0
        threads = config_at(self._plan, {}, self._plan.seeds[0], "settings").threads
        pack = self._plan.pack
        working = len(self._running) * pack
        places = slots(self._ray, self._needs(self._cores([threads] * pack)))
        return max(places * pack - working, 0 if working else 1)

    def _cores(self, threads: Sequence[int]) -> int:
        """Cores of a pack: on CPUs the threads of all its trials, at most a machine's cores; on a GPU those of one."""
        return max(threads) if self._plan.gpus else min(sum(threads), max(max(threads), most_cores(self._ray)))

    def _needs(self, cpus: int) -> Needs:
        return Needs(cpus, self._plan.gpus, int(self._plan.memory_gb * 2**30))

    def _skip(self, trial: Trial) -> bool:
        ended = self._sweep.read_record(trial.name)
        if ended is None or ended.get("status") not in FINAL:
            return False
        self._skipped += 1
        self._note_end(ended, tell=False)
        return True

    def _submit(self, pack: Sequence[Trial]) -> None:
        parts, record = self._plan.needed_parts(), self._plan.record
        self._send([task_of(trial, self._place, self._identity, parts, record) for trial in pack])

    def _send(self, tasks: list[Task]) -> None:
        needs = self._needs(self._cores([int(task.settings["threads"]) for task in tasks]))
        if not self._running and slots(self._ray, needs) == 0:
            needed = f"{needs.cpus} cores, {needs.gpus:g} GPUs and {self._plan.memory_gb:g} GiB"
            self._tell(
                SweepEvent(note=f"no node has room yet for a worker of {needed} (threads, gpus, memory_gb); waiting")
            )
        if self._mirror:
            self._mirror.push()  # the list of trials, before they begin
        # Ray's own retries are off: they would not tell a trial that kills its workers from a node that was lost.
        options = {"num_cpus": needs.cpus, "num_gpus": needs.gpus, "memory": needs.memory, "max_retries": 0}
        name = tasks[0].described["name"]
        self._running[self._remote.options(name=name, **options).remote(tasks)] = tasks

    def _receive(self, reference: Any, tasks: list[Task]) -> None:
        errors = self._ray.exceptions
        try:
            records = self._ray.get(reference)
        except errors.RayTaskError as error:
            if isinstance(error.cause, NotShared):
                raise UserError(str(error.cause)) from None
            name = "" if isinstance(error.cause, UserError) else f"{type(error.cause).__name__}: "
            self._fail(tasks, f"{name}{error.cause}")
        except errors.RayError as error:
            self._resend(tasks, f"died ({type(error).__name__})")
        else:
            for record in records:
                if self._mirror:
                    self._mirror.pull(f"runs/{record['name']}", HEAVY)
                self._note_end(record)
            ended = {record["name"] for record in records}
            # We have not asked: its machine is being taken away.
            self._resend([task for task in tasks if task.described["name"] not in ended], "was asked to stop")

    def _resend(self, tasks: list[Task], why: str) -> None:
        """Send trials again whose worker is gone; one whose workers die repeatedly without progress has failed."""
        remaining = []
        for task in tasks:
            name = task.described["name"]
            if self._mirror:
                self._mirror.pull(f"runs/{name}", HEAVY)
            ended = self._sweep.read_record(name)
            if ended is not None and ended["status"] in FINAL:
                self._note_end(ended)
                continue
            reached = self._mirror.names(f"runs/{name}") if self._mirror else self._watch.reached(name)
            deaths, before = self._deaths.get(name, (0, None))
            deaths = deaths + 1 if reached == before else 1
            self._deaths[name] = (deaths, reached)
            if deaths > DEATHS:
                self._fail([task], f"its worker {why}, {deaths} times in a row without getting further; out of memory?")
            else:
                remaining.append(task)
                self._tell(SweepEvent(note=f"the worker of {name} {why}; it resumes from its last checkpoint"))
        if remaining:
            self._send(remaining)

    def _fail(self, tasks: list[Task], message: str) -> None:
        for task in tasks:
            ended = self._sweep.read_record(task.described["name"])
            done = ended is not None and ended["status"] in FINAL
            self._note_end(ended if done and ended else record_end(self._sweep, task, "failed", message))
            if self._mirror:
                self._mirror.push(f"runs/{task.described['name']}")

    def _note_end(self, record: Mapping[str, Any], tell: bool = True) -> None:
        self._counts[record["status"]] += 1
        self._watch.ended(record)
        self._source.tell(record)
        if tell:
            self._tell(SweepEvent(record=record))
            if time.monotonic() > self._table_due:
                self._write_table()

    def _stop(self, signal_number: int) -> None:
        """Ask every worker to save, wait for them, and leave."""
        self._tell(SweepEvent(note="stopping: the trials under way finish their step and are saved"))
        for reference in self._running:
            self._ray.cancel(reference)
        until = time.monotonic() + GRACE
        waiting = list(self._running)
        while waiting and time.monotonic() < until:
            _, waiting = self._ray.wait(waiting, num_returns=len(waiting), timeout=1.0)
        done = sum(1 for task in self._watch.names if (self._sweep.read_record(task) or {}).get("status") in FINAL)
        self._write_table()
        raise Stopped(signal_number, done, self._source.total)

    def _write_table(self) -> None:
        from ._table import write_table

        began = time.monotonic()
        write_table(self._sweep.path)
        # Reading a large sweep takes a while: a twentieth of the time at most.
        self._table_due = time.monotonic() + max(TABLE_EVERY, 20 * (time.monotonic() - began))
        if self._mirror:
            self._mirror.push()
