"""How long a thread that waits for another keeps its core."""

import os
import threading
from functools import cache

import torch

BY_ITSELF = "300000"
"""Turns that libgomp waits where nobody has said how many. Commands say so: their threads spin, unless asked for."""
# Read when the library loads, which is before this file is.
_TURNS = os.environ.get("GOMP_SPINCOUNT")
_CHOSEN = "OMP_WAIT_POLICY" in os.environ or _TURNS not in (None, BY_ITSELF)
_MOST_TEAMS = 3


def wait_asleep(*, asked: bool = False) -> None:
    """Have torch's threads sleep soon where they wait for each other, from now to the end of the process.

    A waiting thread of GNU's OpenMP, which pip's PyTorch has on Linux, spins on its core for a while before it sleeps:
    by default 300,000 turns, some milliseconds, but 100 where its process has more threads than there are CPUs
    (`gomp_spin_count_var` and `gomp_throttled_spin_count_var` in libgomp's env.c). Of other processes it does not know:
    two that share the cores wait for what cannot run while they wait, and their short steps take many times as long. So
    this process is given more threads than there are CPUs: those of a few parallel sums, which then sleep to its end.
    Threads that are woken from sleep begin some microseconds later.

    Nothing is done with another OpenMP, where the environment says how to wait, or where torch has one thread or a
    small share of the CPUs. Nor in a command, but for threads that somebody has asked for: those of `Pace` spin.
    """
    teams = 0 if _CHOSEN or (_TURNS and not asked) else teams_needed(_cpus(), torch.get_num_threads())
    if 0 < teams <= _MOST_TEAMS and is_gnus():
        _start(teams)


def teams_needed(cpus: int, threads: int) -> int:
    """How many teams of `threads` threads a process needs beside its own to have more threads than there are CPUs.

    A team adds one thread less, since whoever asks for it is one of its threads.

    >>> teams_needed(cpus=2, threads=2), teams_needed(cpus=16, threads=8), teams_needed(cpus=64, threads=1)
    (1, 2, 0)
    """
    return (cpus - 1) // (threads - 1) if threads > 1 else 0


@cache
def is_gnus() -> bool:
    """Whether GNU's is the only OpenMP that this process has loaded."""
    from threadpoolctl import threadpool_info  # here, since importing it sets an environment variable

    return {library["prefix"] for library in threadpool_info() if library["user_api"] == "openmp"} == {"libgomp"}


def _cpus() -> int:
    """Those that this process may use: what OpenMP counts."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _start(teams: int) -> None:
    for _ in range(teams):
        ready = threading.Event()
        try:
            threading.Thread(target=_keep_a_team, args=(ready,), name="sicgrid: waits", daemon=True).start()
        except RuntimeError:  # the system gives no more; they only save time
            return
        ready.wait()


def _keep_a_team(ready: threading.Event) -> None:
    """Use torch's threads once; OpenMP keeps them for the thread that did, which waits for ever."""
    try:
        torch.ones(2**20, device="cpu").sum()
    finally:
        ready.set()
    threading.Event().wait()
