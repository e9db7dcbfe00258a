"""Running the command in this process or in one of its own."""

import subprocess
import sys
from typing import NamedTuple

import pytest

from sicgrid.cli import main

# Plain torch on one thread: quick to start, and the machine is shared with the other tests.
SMALL = ["--kernels", "reference", "--threads", "1", "--evaluation.walk.animals", "30", "--analysis.shuffles", "2"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


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
def start_sicgrid(tmp_path):
    """The command as a process of its own, in an empty folder."""
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "sicgrid", *map(str, arguments)]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


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
    monkeypatch.setattr("sicgrid.report._write.render_page", lambda results, live: f"<title>{results.name}</title>")


@pytest.fixture
def small_run(sicgrid, tmp_path):
    """A run trained for 12 steps."""
    ended = sicgrid("train", "smoke", "--out", "run", "--training.steps", 12, *SMALL)
    assert ended.code == 0, ended.err
    return tmp_path / "run"
