"""One network to a thread."""

import threading

import numba
import pytest
import torch

from sicgrid.kernels import use_threads
from sicgrid.kernels._networks import of_each_network

CORES = numba.config.NUMBA_NUM_THREADS


@pytest.fixture(autouse=True)
def _as_before():
    torch_threads, numba_threads = torch.get_num_threads(), numba.get_num_threads()
    yield
    torch.set_num_threads(torch_threads)
    numba.set_num_threads(numba_threads)


def where(k):
    return k, threading.get_ident(), torch.get_num_threads(), numba.get_num_threads()


def test_one_thread_does_everything_itself():
    use_threads(1)
    assert of_each_network(where, 3) == [(k, threading.get_ident(), 1, 1) for k in range(3)]


@pytest.mark.skipif(CORES < 2, reason="takes two cores")
def test_every_thread_works_alone_on_a_network():
    use_threads(2)
    found = of_each_network(where, 5)
    assert [k for k, *_ in found] == list(range(5))
    assert {tuple(threads) for _, _, *threads in found} == {(1, 1)}
    assert threading.get_ident() not in {thread for _, thread, *_ in found}
    # Neither the caller nor threads that others start later are left with less.
    seen = []
    other = threading.Thread(target=lambda: seen.append((torch.rand(9).sum(), torch.get_num_threads())[1]))
    other.start()
    other.join()
    assert (torch.get_num_threads(), numba.get_num_threads(), seen) == (2, 2, [2])


@pytest.mark.skipif(CORES < 2, reason="takes two cores")
def test_fewer_networks_than_threads_take_turns_with_all_threads():
    use_threads(2)
    assert of_each_network(where, 1) == [(0, threading.get_ident(), 2, 2)]


def test_an_error_in_one_network_is_raised():
    def work(k):
        if k == 1:
            raise ValueError("positions of the second")

    with pytest.raises(ValueError, match="second"):
        of_each_network(work, 3)
