"""A command's process asks the system once for the memory that its arrays take in turn."""

import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from sicgrid.cli._memory import keep_freed_memory

PAGES = 4 * 3 * 4 * 2**20 // resource.getpagesize()


def faults():
    """Pages that were touched for the first time while four arrays of 12 MiB came and went."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(8):
        made = [np.ones(3 * 2**20, dtype=np.float32) for _ in range(4)]
        del made
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


if __name__ == "__main__":
    faults()
    print(faults())
    keep_freed_memory()
    faults()
    print(faults())


def test_arrays_take_the_place_of_those_before():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    found = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
    default, kept = map(int, found.stdout.split())
    if default < PAGES:
        pytest.skip("the system does not count pages, or this C library keeps freed memory by itself")
    assert kept < PAGES / 8


def test_a_choice_of_the_users_stands(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000000")
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "1000000")
    keep_freed_memory()
    assert os.environ["MALLOC_TRIM_THRESHOLD_"] == os.environ["MALLOC_MMAP_THRESHOLD_"] == "1000000"
