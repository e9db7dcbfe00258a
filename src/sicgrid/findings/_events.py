"""Events of the parts during an analysis, and how much of all the work is done."""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Literal, NamedTuple

from .._repr import brief
from ._part import Part, Progress

State = Literal["up to date", "computing", "plan", "done", "removed"]

NO_RESULT = "; no result: "
"""Between the time of a part that is done and the reason why it has no result, in `PartEvent`."""


@brief
class PartEvent(NamedTuple):
    """A change of a part's state; ``text`` is why it is computed, what came of it, or empty.

    ``number`` of the ``of`` wanted parts are done by then or were up to date; 0 for a part that was removed.
    """

    part: str
    state: State
    text: str = ""
    number: int = 1
    of: int = 1


class Events:
    """Reports the states of the ``wanted`` parts to the callbacks; thread-safe.

    ``on_progress`` gets the work done and the work in all, in milliseconds of `Part.usual_s`.
    """

    def __init__(self, wanted: Sequence[Part], on_part: Callable[[PartEvent], None], on_progress: Progress) -> None:
        self._on_part, self._on_progress = on_part, on_progress
        self._of = len(wanted)
        self._to_do = {part.name: part.usual_s for part in wanted}
        self._shares: dict[str, float] = {}
        self._ended = 0
        self._lock = RLock()

    def tell(self, part: Part, state: State, text: str = "") -> None:
        """Report a part's new state."""
        with self._lock:
            if state == "up to date" and part.name in self._to_do:
                del self._to_do[part.name]
                self._ended += 1
            elif state == "computing":
                self._shares[part.name] = 0.0
            elif state == "done":
                self._shares[part.name] = 1.0
                self._ended += 1
            number = self._ended if state != "removed" else 0
            self._on_part(PartEvent(part.name, state, text, number, self._of))
            if state in ("computing", "done"):
                self._tell_work()

    def progress(self, part: Part) -> Progress:
        """The callback with which the part reports how much of it is done."""

        def on_progress(done: int, total: int) -> None:
            with self._lock:
                self._shares[part.name] = done / total
                self._tell_work()

        return on_progress

    def _tell_work(self) -> None:
        done = sum(share * self._to_do[name] for name, share in self._shares.items())
        self._on_progress(round(1000 * done), round(1000 * sum(self._to_do.values())))
