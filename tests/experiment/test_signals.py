"""Ctrl-C and SIGTERM are noted while training, and only then; the second one acts."""

import os
import signal
import threading

import pytest

from sicgrid.experiment import StopRequests


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_is_noted_and_the_handlers_are_given_back(number):
    before = signal.getsignal(number)
    with StopRequests() as requests:
        assert requests.received is None
        os.kill(os.getpid(), number)
        assert requests.received == number
    assert signal.getsignal(number) == before


@pytest.fixture
def ctrl_c_not_ignored():
    # A test runner that a shell started in the background begins with Ctrl-C ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_not_ignored")
def test_the_second_ends_at_once():
    with StopRequests() as requests:
        os.kill(os.getpid(), signal.SIGINT)
        assert requests.received == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_nothing_happens_outside_the_main_thread():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def enter():
        with StopRequests() as requests:
            seen.append(requests.received)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [None]
    assert signal.getsignal(signal.SIGINT) == before
