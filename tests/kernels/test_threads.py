"""One number of threads for torch and for the compiled loops."""

import contextlib

import numba
import pytest
import torch

from sicgrid.kernels import limited_threads, use_threads


@pytest.fixture(autouse=True)
def _as_before():
    torch_threads, numba_threads = torch.get_num_threads(), numba.get_num_threads()
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
