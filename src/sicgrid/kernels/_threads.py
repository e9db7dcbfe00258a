"""How many threads the kernels and the matrix products between them use."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal

import numba
import torch

from ._waiting import wait_asleep

_numba_config: Any = numba.config  # its annotations leave out what it reads from the environment

FEW = 2000
"""Points of one network up to which a second thread gains less than waiting for it can cost where cores are shared."""

_asked: Literal["", "setting", "caller"] = ""  # who has said how many threads there should be: nobody, a run, a caller
_torch_had = 0  # torch's threads before anybody did: by OMP_NUM_THREADS, torch.set_num_threads, or its own choice


def use_threads(threads: int, *, by_setting: bool = False) -> int:
    """Let torch and the compiled loops use `threads` threads, 0 for one on each core; returns the number in use.

    Process-wide. Before it is called, work on few points takes one thread, or two where `Pace` finds that faster. What
    a run's setting says, `by_setting`, is given back by `leave_threads`; what a caller says stands.

    Raises
    ------
    ValueError
        For a negative number or more than there are cores.

    """
    global _asked, _torch_had
    cores: int = _numba_config.NUMBA_NUM_THREADS
    if not 0 <= threads <= cores:
        raise ValueError(f"threads must be between 0 (all) and the {cores} cores of this machine, got {threads}")
    if not _asked:
        _torch_had = torch.get_num_threads()
    _asked = "setting" if by_setting and _asked != "caller" else "caller"
    _set(threads or cores, threads or cores)
    if by_setting:
        wait_asleep(asked=True)
    return threads or cores


def leave_threads() -> int:
    """Use as many threads as suit the work; returns the most there can be.

    One a core, and no more than torch had before a run's setting changed it, so that OMP_NUM_THREADS and
    `torch.set_num_threads` stand. So does what a caller asked for with `use_threads` or `limited_threads`.
    """
    global _asked
    of_numba, of_torch = _in_use()
    if _asked == "caller":
        return of_numba
    most: int = min(_numba_config.NUMBA_NUM_THREADS, _torch_had if _asked else of_torch)
    _asked = ""
    _set(most, most)
    return most


def may_choose_threads() -> bool:
    """Whether there is more than one thread, and nobody has said how many to use."""
    return not _asked and min(_in_use()) > 1


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """`use_threads` within a ``with`` block, also for runs in it whose setting leaves the number open."""
    global _asked
    before, asked = _in_use(), _asked
    use_threads(threads)
    try:
        yield
    finally:
        _set(*before)
        _asked = asked


def suited_threads(points: int, networks: int = 1) -> AbstractContextManager[None]:
    """One thread for work on few points of one network, unless `use_threads` has said how many there should be.

    With several networks each has a thread of its own, and nothing changes.
    """
    if networks == 1 and points <= FEW:
        return one_thread_unless_asked()
    start_pools()
    return nullcontext()


def start_pools() -> None:
    """Start Numba's pool if it does not run yet: the first kernel would, and give torch another number of threads."""
    _in_use()


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """One thread for torch's products, whoever has asked for more: for those whose bits hang on the number."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def one_thread_unless_asked() -> Iterator[None]:
    """One thread for a little work, unless `use_threads` has said how many there should be.

    Two processes without it would have twice as many threads as there are cores, which in short steps mostly wait for
    each other. For what torch still does on several threads, in a loop of a user's own, see `wait_asleep`.
    """
    before = _in_use()
    if _asked or before == (1, 1):
        yield
        return
    wait_asleep()
    _set(1, 1)
    try:
        yield
    finally:
        _set(*before)


def _in_use() -> tuple[int, int]:
    """Numba's threads and torch's. To ask Numba starts its pool, which gives torch another number: torch keeps its."""
    of_torch = torch.get_num_threads()
    of_numba: int = numba.get_num_threads()
    if torch.get_num_threads() != of_torch:
        torch.set_num_threads(of_torch)
    return of_numba, of_torch


def _set(of_numba: int, of_torch: int) -> None:
    numba.set_num_threads(of_numba)
    torch.set_num_threads(of_torch)
