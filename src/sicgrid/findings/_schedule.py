"""The order in which the parts of an analysis are computed, by one process or by several at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Condition
from typing import NamedTuple

from ._part import Part
from ._stamps import Stamp

WORTH_S = 3.0  # `usual_s` of a part that is worth the start of another process


class Job(NamedTuple):
    """A part that is to be computed, what its stamp must say of its making, and why it is not up to date."""

    part: Part
    expected: Stamp
    why: str


class Schedule:
    """Hands out the parts, each after those that it reads. Every method may be called from any thread.

    ``decide`` makes the job of a part, once all that it reads is settled; None if it is not to be computed.
    One process takes the parts as they stand; of several each takes the part that most of the rest waits for.
    ``at_home`` names those that only the process can compute that holds the run.
    """

    def __init__(
        self,
        parts: Mapping[str, Part],
        decide: Callable[[Part], Job | None],
        several: bool = False,
        at_home: Collection[str] = (),
    ) -> None:
        self._waiting = dict(parts)
        self._unsettled = set(parts)
        self._ready: list[Job] = []
        self._decide = decide
        weights = _weights(list(parts.values())) if several else {name: -place for place, name in enumerate(parts)}
        self._weight: Mapping[str, float] = weights
        self._at_home = at_home
        self._changed = Condition()
        self._stopped = False

    def next(self, away: bool = False, started: bool = True) -> Job | None:
        """The next part to compute, waited for if need be; None when there is no more.

        ``away``: for another process than the one that holds the run; ``started``: whether it runs already, else only
        parts that are worth its start are for it.
        """
        with self._changed:
            while not self._stopped:
                self._decide_ready()
                fitting = [job for job in self._ready if not away or self._can_go(job.part, started)]
                if fitting:
                    chosen = max(fitting, key=lambda job: self._weight[job.part.name])
                    self._ready.remove(chosen)
                    return chosen
                if not self._unsettled or (away and not self._waiting and not self._ready):
                    return None
                self._changed.wait()
            return None

    def settled(self, part: Part) -> None:
        """The part is computed."""
        with self._changed:
            self._unsettled.discard(part.name)
            self._changed.notify_all()

    def give_back(self, job: Job) -> None:
        """The part could not be computed by who took it."""
        with self._changed:
            self._ready.append(job)
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether it hands out nothing more."""
        return self._stopped

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _can_go(self, part: Part, started: bool) -> bool:
        return part.name not in self._at_home and (started or part.usual_s >= WORTH_S)

    def _decide_ready(self) -> None:
        for name, part in list(self._waiting.items()):
            if self._unsettled.isdisjoint(part.parts):
                del self._waiting[name]
                job = self._decide(part)
                if job is not None:
                    self._ready.append(job)
                else:
                    self._unsettled.discard(name)
                self._changed.notify_all()


def _weights(parts: Sequence[Part]) -> dict[str, float]:
    """Of each part the usual seconds of the longest chain of parts that it begins."""
    weights: dict[str, float] = {}
    for part in reversed(parts):  # those that read it come after it
        after = [weights[other.name] for other in parts if part.name in other.parts]
        weights[part.name] = part.usual_s + max(after, default=0.0)
    return weights
