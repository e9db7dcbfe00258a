"""Threads that wait for each other leave their cores to others."""

import os
import subprocess
import sys
import threading

import pytest
import torch

from sicgrid.kernels import Pace, _threads, _waiting, suited_threads, use_threads
from sicgrid.kernels._waiting import is_gnus, teams_needed, wait_asleep

# CPU time of 50 sums on two threads, after each of which the second one waits for more while the first one sleeps.
WAITING = """
import time, torch
from sicgrid.kernels import suited_threads
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


def cpu_seconds(first: str) -> float:
    chosen = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_NUM_THREADS")
    inherited = {name: value for name, value in os.environ.items() if name not in chosen}
    command = [sys.executable, "-c", WAITING.format(first=first)]
    ended = subprocess.run(command, env=inherited, capture_output=True, text=True, check=True)
    return float(ended.stdout)


@pytest.fixture(scope="module")
def spinning() -> float:
    """As OpenMP does by default."""
    torch.ones(2**17).sum()  # loads it
    if not is_gnus() or not 2 <= _waiting._cpus() <= _waiting._MOST_TEAMS + 1:
        pytest.skip("takes GNU's OpenMP, and CPUs that teams of two can outnumber")
    seconds = cpu_seconds("")
    if seconds < 0.06:
        pytest.skip("threads of this machine hardly spin")
    return seconds


@pytest.mark.slow
def test_after_little_work_the_process_waits_asleep(spinning):
    assert cpu_seconds("with suited_threads(10): pass") < spinning / 4


@pytest.mark.parametrize("threads", [2, 3, 4, 16])
def test_so_many_teams_and_no_more_outnumber_the_cpus(threads):
    for cpus in range(threads, 40):
        teams = teams_needed(cpus, threads)
        assert 1 + (threads - 1) * (1 + teams) > cpus >= 1 + (threads - 1) * teams


@pytest.fixture
def started(monkeypatch) -> list[int]:
    """Of how many teams each start was, of which none is made."""
    asked: list[int] = []
    monkeypatch.setattr(_waiting, "_start", asked.append)
    monkeypatch.setattr(_waiting, "_CHOSEN", False)
    monkeypatch.setattr(_waiting, "_TURNS", None)
    monkeypatch.setattr(_waiting, "_cpus", lambda: 8)
    monkeypatch.setattr(_waiting, "is_gnus", lambda: True)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    return asked


def test_half_of_the_cpus_are_outnumbered(started):
    wait_asleep()
    assert started == [2]


def test_of_a_command_only_threads_that_somebody_asked_for_sleep(started, monkeypatch):
    from sicgrid.cli import _main

    assert _main.MANY_SPINS == _waiting.BY_ITSELF
    monkeypatch.setattr(_waiting, "_TURNS", _waiting.BY_ITSELF)
    wait_asleep()
    assert started == []
    before = torch.get_num_threads()
    use_threads(1, by_setting=True)
    _threads.leave_threads()
    assert before == torch.get_num_threads()
    assert started == [2]


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setattr(_waiting, "_CHOSEN", True),
        lambda patch: patch.setattr(_waiting, "is_gnus", lambda: False),
        lambda patch: patch.setattr(torch, "get_num_threads", lambda: 1),
        lambda patch: patch.setattr(torch, "get_num_threads", lambda: 2),  # seven teams
    ],
    ids=["chosen", "another OpenMP", "one thread", "a small share"],
)
def test_else_nothing_is_done(started, monkeypatch, change):
    change(monkeypatch)
    wait_asleep()
    assert started == []


def little_work() -> None:
    with suited_threads(10):
        pass


def paced_work() -> None:
    Pace().run(lambda: None, lambda: True)


def of_a_setting() -> None:
    use_threads(2, by_setting=True)


def of_a_caller() -> None:
    use_threads(2)
    little_work()


@pytest.mark.parametrize(
    ("work", "teams"), [(little_work, [2]), (of_a_setting, [2]), (paced_work, []), (of_a_caller, [])]
)
def test_they_spin_for_whom_has_asked_and_where_a_second_is_given_up(started, monkeypatch, work, teams):
    monkeypatch.setattr(_threads, "_asked", "")
    monkeypatch.setattr(_threads, "_in_use", lambda: (2, 2))
    monkeypatch.setattr(_threads, "_set", lambda of_numba, of_torch: None)
    monkeypatch.setattr(_threads._numba_config, "NUMBA_NUM_THREADS", 2)
    work()
    assert started == teams


def test_threads_that_cannot_be_had_are_done_without(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    _waiting._start.__wrapped__(2)
