"""The order in which the parts of an analysis are computed, by one process or by several at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Condition
from typing import NamedTuple

from ._part import Part
from ._stamps import Stamp

WORTH_S = 3.0  # least `usual_s` of a part for which another process is started


class Job(NamedTuple):
    """A part that is to be computed, what its stamp must say of its making, and why it is not up to date."""

    part: Part
    expected: Stamp
    why: str


class Schedule:
    """Gives the parts to the processes that compute them, each part after those that it reads; thread-safe.

    ``decide`` makes the job of a part once all that it reads is settled; None if the part is not to be computed.
    A single process takes the parts in their order; with ``several`` the part that begins the longest chain of parts
    comes first. ``main_only`` names the parts that only the main process, which holds the run, can compute.
    """

    def __init__(
        self,
        parts: Mapping[str, Part],
        decide: Callable[[Part], Job | None],
        several: bool = False,
        main_only: Collection[str] = (),
    ) -> None:
        self._waiting = dict(parts)
        self._unsettled = set(parts)
        self._ready: list[Job] = []
        self._decide = decide
        weights = _weights(list(parts.values())) if several else {name: -place for place, name in enumerate(parts)}
        self._weight: Mapping[str, float] = weights
        self._main_only = main_only
        self._changed = Condition()
        self._stopped = False

    def next(self, worker: bool = False, started: bool = True) -> Job | None:
        """The next part to compute, waiting until one is ready; None when there is no more.

        ``worker``: whether it is for another process than the main one; ``started``: whether that process runs already,
        else it gets only parts that are worth starting it for.
        """
        with self._changed:
            while not self._stopped:
                self._decide_ready()
                fitting = [job for job in self._ready if not worker or self._fits_worker(job.part, started)]
                if fitting:
                    chosen = max(fitting, key=lambda job: self._weight[job.part.name])
                    self._ready.remove(chosen)
                    return chosen
                if not self._unsettled or (worker and not self._waiting and not self._ready):
                    return None
                self._changed.wait()
            return None

    def settled(self, part: Part) -> None:
        """Record that the part is computed, so that those that read it may follow."""
        with self._changed:
            self._unsettled.discard(part.name)
            self._changed.notify_all()

    def put_back(self, job: Job) -> None:
        """Return a part that the process that took it could not compute."""
        with self._changed:
            self._ready.append(job)
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def stop(self) -> None:
        """Give out no further parts; those who wait get None."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _fits_worker(self, part: Part, started: bool) -> bool:
        return part.name not in self._main_only and (started or part.usual_s >= WORTH_S)

    def _decide_ready(self) -> None:
        for name, part in list(self._waiting.items()):
            if self._unsettled.isdisjoint(part.reads):
                del self._waiting[name]
                job = self._decide(part)
                if job is not None:
                    self._ready.append(job)
                else:
                    self._unsettled.discard(name)
                self._changed.notify_all()


def _weights(parts: Sequence[Part]) -> dict[str, float]:
    """For each part, the usual seconds of the longest chain of parts that begins with it."""
    weights: dict[str, float] = {}
    for part in reversed(parts):  # those that read it come after it
        chains = [weights[other.name] for other in parts if part.name in other.reads]
        weights[part.name] = part.usual_s + max(chains, default=0.0)
    return weights
