"""Several networks on several threads: one network to a thread, so that no thread waits for another."""

import functools
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numba
import torch
from numba.np.ufunc.parallel import threading_layer

Result = TypeVar("Result")


SWITCH = 2e-4
"""Seconds of the interpreter's switch interval: a thread that returns from a kernel waits up to that long for the
interpreter's lock, and a step has hundreds of kernels."""


def of_each_network(work: Callable[[int], Result], networks: int) -> list[Result]:
    """``[work(0), work(1), ...]``; where every thread finds a network to work on, each works alone on one at a time.

    What one thread computes has the bits of a process with one thread, however many work beside it. With fewer networks
    than threads the networks take turns, and all threads work on each.
    """
    threads = numba.get_num_threads()
    # Numba's own threads, the last resort where the platform has no OpenMP, serve one caller at a time.
    if threads == 1 or networks < threads or threading_layer() == "workqueue":  # type: ignore[no-untyped-call]
        return [work(k) for k in range(networks)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        return list(_workers(threads, os.getpid()).map(work, range(networks)))
    finally:
        sys.setswitchinterval(before)


# A process that was forked has none of its parent's threads, so the workers belong to one process.
@functools.lru_cache(maxsize=1)
def _workers(threads: int, process: int) -> ThreadPoolExecutor:
    """A pool of threads, each with one thread of torch and of Numba."""
    torch_threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, f"sicgrid-{process}", _work_alone)
    all_there = threading.Barrier(threads)
    for started in [pool.submit(all_there.wait) for _ in range(threads)]:
        started.result()
    # Torch keeps the number for each thread, but the number for threads still to come is the one that was set last.
    torch.set_num_threads(torch_threads)
    return pool


def _work_alone() -> None:
    torch.get_num_threads()  # a thread takes over the number set last when it first needs it; not later than now
    torch.set_num_threads(1)
    numba.set_num_threads(1)
