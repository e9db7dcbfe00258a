"""One thread or two for short steps: whichever is faster at the time."""

import math
import time
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from ._threads import limited_threads, may_choose_threads, suited_threads

Made = TypeVar("Made")

WINDOW = 10
"""Steps that are timed together."""
SOON, SELDOM = 4, 128
"""Windows until the other number of threads is tried again: at first, and at most."""


def same_bits_on_two(work: Callable[[], Sequence[Tensor]]) -> bool:
    """Whether what `work` makes is the same, bit for bit, on one thread and on two."""
    made = []
    for threads in (1, 2):
        with limited_threads(threads):
            made.append(work())
    return all(map(torch.equal, *made))


class Pace:
    """Makes the steps of one loop on one thread or on two, and changes over to what takes less time.

    A second thread gains a third where a core is idle, and makes short steps several times longer where another process
    has that core. So both are timed, now and then again, in windows of ten steps; one with two threads ends as soon as
    it has taken as long as one thread takes for ten. Where `use_threads` was called, its number stands.
    """

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, kind: Hashable) -> None:
        """With steps of a kind of which nothing is known."""
        self._kind = kind
        self._threads = 1
        self._seconds = {1: math.inf, 2: math.inf}  # of a window, when it was last timed; inf: not, or too long
        self._steps, self._elapsed = 0, 0.0  # of the window that is under way
        self._trial = False  # whether this window is to tell if the other number is faster
        self._wait = self._left = SOON  # windows between trials, and until the next

    def run(self, step: Callable[[], Made], same_bits: Callable[[], bool], kind: Hashable = None) -> Made:
        """Make a step; return what it returns.

        `same_bits` says whether two threads give what one gives, bit for bit: without that they are not used, so that
        no result hangs on what else a machine does. It is asked before the first trial, after the step, and holds for
        steps of one `kind`, such as a shape of arrays: those of another begin on one thread.
        """
        if kind != self._kind:
            self._begin(kind)
        if not may_choose_threads():
            with suited_threads(0):
                return step()
        # What one thread works is what its steps would take on an idle core, however much of a core it had.
        clock = time.thread_time if self._threads == 1 else time.perf_counter
        begun = clock()
        with limited_threads(self._threads):
            made = step()
        self._elapsed += clock() - begun
        self._steps += 1
        if self._threads == 2 and self._elapsed > self._seconds[1]:
            self._elapsed = math.inf
        if self._steps == WINDOW or self._elapsed == math.inf:
            self._judge(same_bits)
        return made

    def _judge(self, same_bits: Callable[[], bool]) -> None:
        """At the end of a window: which number of threads the next one has."""
        now, other = self._threads, 3 - self._threads
        self._seconds[now] = self._elapsed
        self._steps, self._elapsed = 0, 0.0
        lost = self._seconds[now] > self._seconds[other]
        if lost or self._trial:
            self._wait = min(2 * self._wait, SELDOM) if lost and self._trial else SOON
            self._threads, self._trial = other if lost else now, False
        elif self._left > 0:
            self._left -= 1
            return
        elif other == 1 or same_bits():
            self._threads, self._trial = other, True
        else:
            self._wait = min(2 * self._wait, SELDOM)
        self._left = self._wait
