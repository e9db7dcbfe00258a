"""Keep freed memory in the process, for its next allocations."""

import ctypes
import os

LARGEST = 32 * 2**20  # bytes, largest block that is kept: glibc's maximum
KEPT = 512 * 2**20  # bytes, most that is kept at the end of the heap
_MALLOPT = {"MMAP_THRESHOLD": (-3, LARGEST), "TRIM_THRESHOLD": (-1, KEPT)}  # malloc.h


def keep_freed_memory() -> None:
    """Let glibc keep freed blocks, in this process and in those that it starts; does nothing without glibc.

    By default it returns blocks of some MB to the system, and every new block then consists of pages that are zeroed at
    first touch: a fifth of the time of a training step. A user's MALLOC_TRIM_THRESHOLD_ or GLIBC_TUNABLES stands.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or "GLIBC_TUNABLES" in os.environ:
        return
    for name, (option, value) in _MALLOPT.items():
        variable = f"MALLOC_{name}_"
        if variable not in os.environ:
            os.environ[variable] = str(value)  # for processes started from here
            mallopt(option, value)
