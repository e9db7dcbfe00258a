"""The door: which command, and how errors end."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from sicgrid.cli import _main, main
from sicgrid.storage import UserError


def end_with(monkeypatch, error):
    from sicgrid.cli import _commands

    def fail(arguments):
        raise error

    monkeypatch.setattr(_commands, "info", fail)


def test_help_names_every_command(sicgrid):
    ended = sicgrid("--help")
    assert ended.code == 0
    for command in ("reproduce", "train", "evaluate", "analyze", "report", "sweep", "pretrained", "info"):
        assert f"  {command} " in ended.out


def test_without_a_command_it_shows_help_and_fails(sicgrid):
    assert sicgrid().code == 2


def test_version(sicgrid):
    import sicgrid as package

    assert sicgrid("--version").out == f"sicgrid {package.__version__}\n"


def test_an_unknown_command_meets_the_nearest(sicgrid):
    ended = sicgrid("trian")
    assert ended.code == 2
    assert "did you mean 'train'?" in ended.err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("two\nlines"), 2, "sicgrid: two lines\n"),
        (OSError(errno.ENOSPC, "No space left on device", "a/b"), 2, "sicgrid: the disk is full (a/b)"),
        (PermissionError(errno.EACCES, "Permission denied", "a/b"), 2, "sicgrid: Permission denied (a/b)\n"),
        (KeyboardInterrupt(), 130, "sicgrid: stopped"),
    ],
)
def test_errors_become_one_line_and_a_code(sicgrid, monkeypatch, error, code, line):
    end_with(monkeypatch, error)
    ended = sicgrid("info")
    assert ended.code == code
    assert ended.err.startswith(line)
    assert ended.err.count("\n") == 1


def test_a_fault_of_ours_is_not_hidden(monkeypatch):
    end_with(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["info"])


@pytest.mark.parametrize(
    ("words", "policy", "turns"),
    [([], None, "300000"), (["--threads", "2"], "PASSIVE", "2000"), (["--threads=2"], "PASSIVE", "2000")],
    ids=str,
)
def test_threads_that_are_asked_for_soon_sleep_where_they_wait(monkeypatch, words, policy, turns):
    """Others are left to `Pace`, which gives a second one up where another process needs the core."""
    from sicgrid.cli import _commands

    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that what the command sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setattr(_commands, "info", lambda arguments: 0)
    assert main(["info", *words]) == 0
    assert os.environ.get("OMP_WAIT_POLICY") == policy
    assert os.environ["GOMP_SPINCOUNT"] == turns


def test_what_somebody_has_said_of_waiting_stands_and_what_a_command_has_does_not(monkeypatch):
    for inherited, turns in (("5", "5"), (_main.MANY_SPINS, _main.FEW_SPINS)):
        monkeypatch.setenv("GOMP_SPINCOUNT", inherited)
        monkeypatch.setenv("OMP_WAIT_POLICY", "")
        monkeypatch.delenv("OMP_WAIT_POLICY")
        _main._choose_waiting(threads_asked=True)
        assert os.environ["GOMP_SPINCOUNT"] == turns


def test_workers_of_a_sweep_sleep_where_they_wait(monkeypatch):
    from sicgrid.cli import _sweep

    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(_sweep, "sweep", lambda arguments: 0)
    assert main(["sweep", "plan.yaml"]) == 0
    assert "GOMP_SPINCOUNT" not in os.environ


ENDING = """
import atexit, sys, threading, time
{before}
from sicgrid.cli import _main
def work():
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
    print("command", end=" ")
    {how}
class Kept:
    def __del__(self):
        print("taken apart")
kept = Kept()
_main.main = work
sys.exit(_main.run())
"""


@pytest.mark.parametrize(
    ("how", "before", "code", "said"),
    [
        ("return 3", "", 3, "command thread at exit"),
        ("return 3", 'atexit.register(print, "at last")', 3, "command thread at exit at last taken apart"),
        ("sys.exit(4)", "", 4, "command thread at exit taken apart"),
        ("raise KeyError", "", 1, "command thread at exit taken apart"),
    ],
    ids=["returns", "after what came before", "exits", "fails"],
)
def test_a_command_ends_at_once_with_its_code_and_all_that_was_to_be_done(how, before, code, said):
    program = ENDING.format(how=how, before=before)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.returncode, " ".join(ran.stdout.split())) == (code, said)
    assert ("Traceback" in ran.stderr) == ("KeyError" in how)


def test_a_reader_that_has_enough_is_no_error():
    command = f"set -o pipefail; {sys.executable} -m sicgrid info | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stderr == ""


def test_nor_is_one_that_was_never_there():
    ran = subprocess.run(["bash", "-c", f"{sys.executable} -m sicgrid --version >&-"], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_nor_is_it_where_it_had_enough_of_a_table(monkeypatch):
    from sicgrid.cli import _commands
    from sicgrid.cli._display import make_console

    monkeypatch.setattr(_commands, "info", lambda arguments: make_console().print("a table"))
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert main(["info"]) == 128 + signal.SIGPIPE


def test_a_sign_that_the_terminal_has_no_letters_for_is_no_failure():
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run([sys.executable, "-m", "sicgrid", "pretrained"], env=ascii_only, capture_output=True)
    assert ran.returncode == 0
    assert b"nested" in ran.stdout


def test_a_folder_in_a_message_is_not_spelled_in_another_way_than_the_terminal_has():
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run([sys.executable, "-m", "sicgrid", "report", "né"], env=ascii_only, capture_output=True)
    assert ran.returncode == 2
    assert rb"no run in n\xe9: it does not exist" in ran.stderr
