"""What a process has taken of memory; loads nothing, since a child's peak starts at its parent's."""

import resource
import sys


def peak_mib() -> float:
    """Largest resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
