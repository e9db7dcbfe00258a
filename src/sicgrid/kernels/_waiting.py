"""How long a thread that waits for another keeps its core."""

import os
import threading
from functools import cache

import torch

_CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")  # of the environment, read when the library loads


@cache
def wait_asleep() -> None:
    """Have torch's threads sleep soon where they wait for each other, from now to the end of the process.

    A waiting thread of GNU's OpenMP, which PyTorch has on Linux, spins on its core for some milliseconds before it
    sleeps: 300,000 turns, but 1,000 where its process has more threads than there are cores (`gomp_spin_count_var` and
    `gomp_throttled_spin_count_var` in libgomp's env.c). Of other processes it does not know: two that share the cores
    wait for what cannot run while they wait, and their short steps take ten times as long. So this process is given
    more threads than there are cores: those of one parallel sum, which then sleep to its end.

    Nothing is done where the environment says how to wait, or torch has one thread.
    """
    if torch.get_num_threads() == 1 or any(name in os.environ for name in _CHOICES):
        return
    ready = threading.Event()
    threading.Thread(target=_keep_a_team, args=(ready,), name="sicgrid: more threads than cores", daemon=True).start()
    ready.wait()


def _keep_a_team(ready: threading.Event) -> None:
    """Use torch's threads once; OpenMP keeps them for the thread that did, which waits for ever."""
    try:
        torch.ones(2**20, device="cpu").sum()
    finally:
        ready.set()
    threading.Event().wait()
