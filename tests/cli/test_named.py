"""Networks and codes that the command line names."""

import json

import pytest

OWN = r"""
import numpy as np

def step(states, displacements):
    turns = 2 * np.pi * displacements / 0.5
    c, s = states[:, :2], states[:, 2:]
    return np.concatenate([c * np.cos(turns) - s * np.sin(turns), c * np.sin(turns) + s * np.cos(turns)], axis=1)

start = np.array([1.0, 1.0, 0.0, 0.0])
pair = (step, start)

def make():
    return pair

class Module:
    step = staticmethod(step)
    initial_state = start

def fails():
    raise RuntimeError("no weights\nanywhere")

class Odd(Exception):
    pass

def odd():
    raise Odd("at odds")

def raises(states, displacements):
    raise Odd

def reads(states, displacements):
    return np.load("weights.npy")

stopped, unread = (raises, start), (reads, start)

class Calls:
    initial_state = start
    def __call__(self, states, displacements):
        return step(states, displacements)

instance = Calls()

def code(positions):
    return 1 + np.sin(2 * np.pi * np.concatenate([positions, positions[:, ::-1] + 0.1], axis=1) / 0.5)
"""
CONFIG = """
evaluation: {arenas: [1.2], walk: {animals: 15, steps: 80}}
analysis: {shuffles: 2, bin_size: 0.1}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a user's module, that this process forgets afterwards."""
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "own_system.py").write_text(OWN)
    (tmp_path / "broken_system.py").write_text("import numpy\n1 / 0\n")
    (tmp_path / "ending_system.py").write_text("raise SystemExit('usage:\\n  none')\n")
    (tmp_path / "odd_system.py").write_text(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import sys; sys.exit(1)'], check=True)\n"
    )
    (tmp_path / "closed_system.py").write_text("raise PermissionError('closed')\n")
    (tmp_path / "few.yaml").write_text(CONFIG)
    yield tmp_path
    for name in ("own_system", "broken_system", "ending_system", "odd_system", "closed_system"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("name", ["pair", "make", "Module", "instance"])
def test_a_network_is_walked_by_name(sicgrid, folder, name):
    ended = sicgrid("evaluate", "--network", f"own_system:{name}", "--out", "mine", "--config", "few.yaml")
    assert ended.code == 0, ended.err
    assert f"next: sicgrid analyze mine --network own_system:{name}" in ended.out
    assert list(json.loads((folder / "mine" / "evaluation.json").read_text())["arenas"]) == ["1.2"]


def test_it_is_given_again_to_the_analysis(sicgrid, folder):
    sicgrid("evaluate", "--network", "own_system:pair", "--out", "mine", "--config", "few.yaml")
    ended = sicgrid("analyze", "mine", "--network", "own_system:pair", "--only", "intrinsic_correction")
    assert ended.code == 0, ended.err
    assert "no result" not in "".join(line for line in ended.out.splitlines() if "intrinsic" in line)
    refused = sicgrid("evaluate", "mine")
    assert refused.code == 2
    assert "a network of your own" in refused.err


def test_a_code_is_asked_by_name(sicgrid, folder):
    ended = sicgrid("evaluate", "--code", "own_system:code", "--out", "mine", "--arenas", 1, "--config", "few.yaml")
    assert ended.code == 0, ended.err
    assert (folder / "mine" / "recordings" / "arena-1.safetensors").is_file()
    assert not (folder / "mine" / "evaluation.json").exists()


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("nowhere.module:name", "cannot be imported: ModuleNotFoundError"),
        ("broken_system:net", "ZeroDivisionError: division by zero at broken_system.py:2"),
        ("ending_system:net", "SystemExit: usage: none at ending_system.py:1"),
        ("own_system:fails", "RuntimeError: no weights anywhere at own_system.py:"),
        ("own_system:odd", "without arguments (a function of place goes with --code): Odd: at odds at own_system.py:"),
        ("odd_system:net", "the module odd_system cannot be imported: CalledProcessError: Command"),
        ("odd_system:net", "status 1. at odd_system.py:2"),
        ("closed_system:net", "PermissionError: closed at closed_system.py:1"),
        ("own_system:stopped", "the network cannot be walked: Odd at own_system.py:"),
        ("own_system:unread", "the network cannot be walked: FileNotFoundError: [Errno 2]"),
        ("own_system:nothing", "own_system has no nothing"),
        ("own_system", "takes package.module:name"),
        ("own_system:start", "must be a pair"),
        ("own_system:code", "without arguments (a function of place goes with --code): "),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(sicgrid, folder, disk, word, says):
    before = disk()
    ended = sicgrid("evaluate", "--network", word, "--out", "mine", "--config", "few.yaml")
    assert ended.code == 2
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert {path for path in disk() if "__pycache__" not in str(path)} == set(before)


def test_out_is_asked_for(sicgrid, folder):
    ended = sicgrid("evaluate", "--network", "own_system:pair")
    assert ended.code == 2
    assert "--out RUN" in ended.err
