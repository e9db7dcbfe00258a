"""One number of threads for torch and for the compiled loops."""

import contextlib
import os
import subprocess
import sys

import numba
import pytest
import torch

from sicgrid.kernels import _threads, leave_threads, limited_threads, suited_threads, use_threads


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """Nobody has asked for a number of threads, in a process that may have as many as there are cores."""
    torch_threads, numba_threads = torch.get_num_threads(), numba.get_num_threads()
    monkeypatch.setattr(_threads, "_asked", "")
    monkeypatch.setattr(_threads, "_torch_had", 0)
    yield
    torch.set_num_threads(torch_threads)
    numba.set_num_threads(numba_threads)


def test_both_use_as_many_as_asked():
    assert use_threads(1) == 1
    assert (torch.get_num_threads(), numba.get_num_threads()) == (1, 1)


def test_zero_is_one_on_each_core():
    cores = numba.config.NUMBA_NUM_THREADS
    assert use_threads(0) == cores
    assert (torch.get_num_threads(), numba.get_num_threads()) == (cores, cores)


@pytest.mark.parametrize("threads", [-1, numba.config.NUMBA_NUM_THREADS + 1])
def test_what_the_machine_has_not_is_refused_and_changes_nothing(threads):
    use_threads(1)
    with pytest.raises(ValueError, match=f"threads must be between 0.* got {threads}"):
        use_threads(threads)
    assert (torch.get_num_threads(), numba.get_num_threads()) == (1, 1)


def test_for_a_while_and_as_before_whatever_happens():
    use_threads(0)
    before = torch.get_num_threads(), numba.get_num_threads()
    with contextlib.suppress(OSError), limited_threads(1):
        assert (torch.get_num_threads(), numba.get_num_threads()) == (1, 1)
        raise OSError
    assert (torch.get_num_threads(), numba.get_num_threads()) == before


@pytest.mark.parametrize("of_torch", [1, 2])
def test_the_choice_can_be_given_back(of_torch):
    """As many as torch had, which is what OMP_NUM_THREADS or a user has said."""
    if of_torch > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("takes two cores")
    torch.set_num_threads(of_torch)
    use_threads(0, by_setting=True)
    use_threads(1, by_setting=True)
    assert not _threads.may_choose_threads()
    for _ in range(2):
        assert leave_threads() == of_torch
        assert now() == (of_torch, of_torch)
    assert _threads.may_choose_threads() == (of_torch > 1)
    with suited_threads(640):
        assert now() == (1, 1)
    assert now() == (of_torch, of_torch)


def test_what_a_caller_asked_for_is_not_given_back():
    use_threads(1)
    use_threads(0, by_setting=True)  # a run that says how many
    use_threads(1)
    assert leave_threads() == 1  # one that does not
    assert now() == (1, 1)
    assert not _threads.may_choose_threads()


@pytest.mark.parametrize(
    "work",
    [
        "_threads.may_choose_threads()",
        "with _threads.suited_threads(640): numba.get_num_threads()",
        "with _threads.suited_threads(10**6): numba.get_num_threads()",
    ],
)
def test_torch_keeps_its_number_when_numba_starts(work):
    """In a process of its own: Numba's pool is there from its first work on."""
    code = (
        f"import numba, torch; from sicgrid.kernels import _threads\n{work}\n"
        "print(torch.get_num_threads(), _threads.may_choose_threads())"
    )
    one = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=one)
    assert done.stdout.split() == ["1", "False"]


def now():
    return torch.get_num_threads(), numba.get_num_threads()


@pytest.mark.parametrize(
    ("points", "networks", "threads"),
    [(640, 1, 1), (_threads.FEW, 1, 1), (_threads.FEW + 1, 1, 3), (640, 2, 3)],
)
def test_work_on_few_points_takes_one_thread(points, networks, threads):
    torch.set_num_threads(3)
    with suited_threads(points, networks):
        assert now()[0] == threads
    assert now()[0] == 3


def test_a_number_that_was_asked_for_stands():
    use_threads(1)
    torch.set_num_threads(3)
    with suited_threads(640):
        assert now()[0] == 3


def test_a_number_for_a_while_is_forgotten_after_it():
    torch.set_num_threads(3)
    with limited_threads(1), suited_threads(640):
        pass
    with suited_threads(640):
        assert now() == (1, 1)
    assert now()[0] == 3
