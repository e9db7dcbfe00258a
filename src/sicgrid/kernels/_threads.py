"""How many threads the kernels and the matrix products between them use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
import torch

_numba_config: Any = numba.config  # its annotations leave out what it reads from the environment


def use_threads(threads: int) -> int:
    """Let torch and the compiled loops use `threads` threads, 0 for one on each core; returns the number in use.

    Process-wide. ValueError for a negative number or more than there are cores.
    """
    cores: int = _numba_config.NUMBA_NUM_THREADS
    if not 0 <= threads <= cores:
        raise ValueError(f"threads must be between 0 (all) and the {cores} cores of this machine, got {threads}")
    numba.set_num_threads(threads or cores)
    torch.set_num_threads(threads or cores)
    return threads or cores


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """`use_threads` for a while."""
    before = numba.get_num_threads(), torch.get_num_threads()
    use_threads(threads)
    try:
        yield
    finally:
        numba.set_num_threads(before[0])
        torch.set_num_threads(before[1])
