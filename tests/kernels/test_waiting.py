"""Threads that wait for each other leave their cores to others."""

import os
import platform
import subprocess
import sys

import numba
import pytest

from sicgrid.kernels._waiting import _CHOICES

# CPU time of 50 sums on two threads, after each of which the second one waits for more while the first one sleeps.
WAITING = """
import time, torch
from sicgrid.kernels import Pace, suited_threads, use_threads
torch.set_num_threads(2)
{first}
numbers = torch.ones(2**17)
numbers.sum()
begun = time.process_time()
for _ in range(50):
    numbers.sum()
    time.sleep(0.005)
print(time.process_time() - begun)
"""
LITTLE = "with suited_threads(10): pass"
PACED = "Pace().run(lambda: None, lambda: True)"

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or numba.config.NUMBA_NUM_THREADS < 2, reason="takes GNU's OpenMP and two cores"
)


def cpu_seconds(first: str, **environment: str) -> float:
    inherited = {name: value for name, value in os.environ.items() if name not in (*_CHOICES, "OMP_NUM_THREADS")}
    command = [sys.executable, "-c", WAITING.format(first=first)]
    ended = subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=True)
    return float(ended.stdout)


@pytest.fixture(scope="module")
def spinning() -> float:
    """As OpenMP does by default."""
    return cpu_seconds("")


@pytest.mark.parametrize("work", [LITTLE, PACED])
def test_after_little_work_the_process_waits_asleep(spinning, work):
    assert cpu_seconds(work) < spinning / 2


@pytest.mark.parametrize(
    ("work", "environment"),
    [(f"use_threads(2)\n{LITTLE}", {}), (LITTLE, {"GOMP_SPINCOUNT": "300000"})],
    ids=["number of threads", "way to wait"],
)
def test_a_choice_of_ones_own_stands(spinning, work, environment):
    assert cpu_seconds(work, **environment) > spinning / 2
