"""Ctrl-C and SIGTERM during training: finish the step, save, leave."""

import signal
from types import FrameType, TracebackType
from typing import Self


class Interrupted(Exception):
    """Work was stopped on request; the state is saved. ``signal_number`` gives the exit code, 128 + it."""

    def __init__(self, signal_number: int, step: int) -> None:
        super().__init__(f"stopped after step {step}")
        self.signal_number = signal_number
        self.step = step


class StopRequests:
    """While entered, SIGINT and SIGTERM set ``received`` and nothing else; a second one acts as it would have.

    Only the main thread can be asked so; elsewhere entering does nothing.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, signal.Handlers] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[number] = signal.signal(number, self._note)  # type: ignore[assignment]
            except ValueError:
                break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        # The impatient press twice: then the process ends at once, with the files still whole.
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
