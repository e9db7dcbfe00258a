"""The number of threads that a loop of short steps goes on with, on a clock of the test's own."""

import contextlib

import numba
import pytest
import torch

from sicgrid.kernels import Pace, _pace, _threads, limited_threads


class Machine:
    """Steps take so many seconds, by the number of threads; the time is what they took."""

    def __init__(self, one, two):
        self.seconds = {1: one, 2: two}
        self.now, self.threads, self.asked, self.alike = 0.0, None, 0, True
        self.pace = Pace()

    @contextlib.contextmanager
    def limited(self, threads):
        self.threads = threads
        yield

    def step(self):
        self.now += self.seconds[self.threads]
        return self.threads

    def same_bits(self):
        self.asked += 1
        return self.alike

    def run(self, steps):
        return [self.pace.run(self.step, self.same_bits) for _ in range(steps)]


@pytest.fixture
def machine(monkeypatch):
    made = Machine(1.0, 0.7)
    for clock in ("perf_counter", "thread_time"):
        monkeypatch.setattr(_pace.time, clock, lambda: made.now)
    monkeypatch.setattr(_pace, "limited_threads", made.limited)
    monkeypatch.setattr(_pace, "may_choose_threads", lambda: True)
    return made


def test_a_second_thread_that_is_faster_is_used_nearly_always(machine):
    used = machine.run(5000)
    assert used[: _pace.WINDOW] == [1] * _pace.WINDOW
    assert used.count(2) > 0.96 * len(used)


def test_one_that_is_slower_costs_next_to_nothing(machine):
    machine.seconds[2] = 6.0
    used = machine.run(5000)
    assert used.count(2) < 30  # two steps a trial: after these, ten of one thread would have been made
    assert machine.now < 1.02 * 5000


def test_where_another_process_takes_the_core_the_loop_goes_on_with_one(machine):
    machine.run(1000)
    machine.seconds[2] = 6.0
    then = machine.now
    used = machine.run(1000)
    assert used[-20:].count(2) <= 2
    assert machine.now - then < 1.1 * 1000
    assert used.count(2) < 40
    machine.seconds[2] = 0.7
    assert machine.run(5000).count(2) > 2500


def test_without_the_same_bits_there_is_one_thread(machine):
    machine.alike = False
    assert set(machine.run(5000)) == {1}
    assert 1 < machine.asked < 15  # it takes two steps to tell


def test_steps_of_another_kind_begin_on_one_thread(machine):
    """Whether two threads give the bits of one hangs on the shapes of a step."""
    machine.run(1000)
    machine.alike = False
    used = [machine.pace.run(machine.step, machine.same_bits, "other") for _ in range(1000)]
    assert set(used) == {1}
    machine.alike = True
    assert machine.run(1000).count(2) > 900


def test_a_slower_machine_is_no_slower_thread(machine):
    machine.run(1000)
    machine.seconds = {1: 3.0, 2: 2.1}
    assert machine.run(2000).count(2) > 1800


def test_a_number_that_was_asked_for_stands():
    seen = []
    with limited_threads(1):
        Pace().run(lambda: seen.append((torch.get_num_threads(), numba.get_num_threads())), lambda: False)
    assert seen == [(1, 1)]


def test_steps_run_on_the_threads_that_it_says(monkeypatch):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("takes two cores")
    monkeypatch.setattr(_threads, "_asked", False)
    monkeypatch.setattr(_pace, "SOON", 0)
    before = torch.get_num_threads(), numba.get_num_threads()
    numba.set_num_threads(2)
    torch.set_num_threads(2)
    pace = Pace()
    try:
        seen = {pace.run(lambda: (torch.get_num_threads(), numba.get_num_threads()), lambda: True) for _ in range(500)}
    finally:
        torch.set_num_threads(before[0])
        numba.set_num_threads(before[1])
    assert seen == {(1, 1), (2, 2)}
