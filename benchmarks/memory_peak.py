"""What a process has taken of memory; loads nothing, since a child's peak starts at its parent's."""

import resource
import sys


def peak_mib(whose: int = resource.RUSAGE_SELF) -> float:
    """Largest resident memory so far of this process, or of the largest of its children (RUSAGE_CHILDREN), MiB."""
    return resource.getrusage(whose).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
