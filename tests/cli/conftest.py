"""Running the command in this process or in one of its own."""

import shutil

import pytest

from forked_command import Command, Ended
from sicgrid.cli import main

# Plain torch on one thread: quick to start, and the machine is shared with the other tests.
SMALL = ["--kernels", "reference", "--threads", "1", "--evaluation.walk.animals", "30", "--analysis.shuffles", "2"]


@pytest.fixture
def sicgrid(capsys, tmp_path, monkeypatch):
    """The command, in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        return Ended(code, *capsys.readouterr())

    return run


@pytest.fixture
def start_sicgrid(tmp_path, tmp_path_factory):
    """The command as a process of its own, in an empty folder."""
    started = []

    def start(*arguments):
        command = Command([str(argument) for argument in arguments], tmp_path, tmp_path_factory.mktemp("streams"))
        started.append(command)
        return command

    yield start
    for command in started:
        command.kill()


@pytest.fixture
def disk(tmp_path):
    """What lies on the disk, to compare before with after."""

    def look():
        return {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")}

    return look


@pytest.fixture
def small():
    """Settings that make a smoke run smaller still."""
    return SMALL


@pytest.fixture
def blank_pages(monkeypatch):
    """Reports without figures, most of a small run's time: for tests that ask whether a page is made."""
    monkeypatch.setattr("sicgrid.report._write.render_page", lambda results, **_: f"<title>{results.name}</title>")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A run trained for 12 steps; not to be written to."""
    run = tmp_path_factory.mktemp("trained") / "run"
    assert main(["train", "smoke", "--out", str(run), "--training.steps", "12", *SMALL]) == 0
    return run


@pytest.fixture
def small_run(trained_once, tmp_path):
    """A copy of it, to be written to."""
    return shutil.copytree(trained_once, tmp_path / "run")
