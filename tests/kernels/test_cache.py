"""Compiled kernels come from the cache, whoever calls them, also the first time."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
import torch
from numba import types
from numba.core import sigutils

from sicgrid.kernels import _cache, _compiler, _rollout
from sicgrid.kernels._cache import KernelCache

FLOATS = types.Array(types.float32, 2, "C")
ORDER = types.Array(types.int64, 3, "C")
FORWARD = tuple(types.Array(types.float32, n, "C") if n else ORDER for n in (4, 0, 2, 4))

# Processes that have loaded no kernel yet, forked off one that has imported everything: imports take longest.
TRAIN = """
import os, signal, sys
from pathlib import Path
from sicgrid.experiment import checked_config, load_config, load_run_config, start_run, train_run
from sicgrid.storage import RunDirectory

def train(name, die_at=0):
    path = Path(sys.argv[1], name)
    if path.exists():
        run = RunDirectory(path)
    else:
        run = start_run(checked_config(load_config("smoke").settings() | {"threads": 1}), path)

    def die(record):
        if record.step == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    train_run(run, load_run_config(run), lambda first, changed: None, die)

def forked(*arguments):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            train(*arguments)
            code = 0
        finally:
            os._exit(code)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

# Both find the cache empty, and one of them has the kernels compiled.
killed, whole = forked("killed", 15), forked("whole")
print(ended(killed), ended(whole))
print(Path(sys.argv[1], "killed/checkpoints/step-00000020.safetensors").exists())
# From here on it is a later process, which finds everything in the cache.
print(ended(forked("killed")))
"""

# A kernel that compiles in a second, and one that only looks for its folder; how that is found is the same for all.
TOY = """
from numba import prange
from sicgrid.kernels._compile import exact

@exact
def double(values):
    for i in prange(len(values)):
        values[i] *= 2

@exact
def nothing(values):
    pass
"""
DOUBLE = """
import logging, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from toy_kernel import double, nothing

logging.basicConfig(format="%(levelname)s")
values = np.arange(4.0)
for _ in range(2):
    double(values)
assert nothing._cache.cache_path.startswith(sys.argv[2])
print(values.sum())
"""


def in_a_process_of_its_own(code, *arguments, **environment):
    """What a user's script prints on stdout and stderr."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def result(path):
    last = max(path.glob("checkpoints/*.safetensors"))
    return last.name, last.read_bytes(), (path / "metrics.jsonl").read_bytes()


@pytest.mark.slow
def test_first_runs_after_an_installation_are_like_all_others_whole_or_killed_and_resumed(tmp_path):
    out, err = in_a_process_of_its_own(TRAIN, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    assert out.splitlines() == ["-9 0", "False", "0"], err
    assert result(tmp_path / "whole") == result(tmp_path / "killed")
    compiled = sorted(path.name.split("-")[0] for path in (tmp_path / "cache").rglob("*.nbc"))
    of_walks = [f"_carry.{name}" for name in ("_gather", "_number", "_scatter")]
    of_pairs = ["_neighbors._visit", "_pairs._near", "_pairs._overlaps"]
    names = [*of_walks, *of_pairs, "_rollout._backward", "_rollout._forward"]
    assert compiled == names


@pytest.mark.slow
def test_without_a_folder_to_write_to_it_is_a_temporary_one_and_that_is_said_once(tmp_path):
    (tmp_path / "toy_kernel.py").write_text(TOY)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    only_the_named = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": ""}
    out, err = in_a_process_of_its_own(DOUBLE, tmp_path, temporary, **only_the_named, TMPDIR=str(temporary))
    assert float(out) == 24.0
    assert err == "WARNING\n"
    assert list(temporary.iterdir()) == []  # gone with the process


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty cache, for this process."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return KernelCache(_rollout._forward.py_func)


def test_what_is_not_in_the_cache_is_never_compiled_here(empty, monkeypatch, caplog):
    commands = []

    def run(command, environment, lock):
        commands.append(command)
        return 0, ""

    monkeypatch.setattr(_cache, "_run", run)
    caplog.set_level(logging.INFO, "sicgrid")
    with pytest.raises(RuntimeError, match="compiled _forward, and it is not in"):
        empty.load_overload(FORWARD, _rollout._forward.targetctx)
    assert commands[0][-3:] == [
        "sicgrid.kernels._rollout",
        "_forward",
        "(float32[:,:,:,::1], int64[:,:,::1], float32[:,::1], float32[:,:,:,::1], )",
    ]
    assert [record.message.split(" that")[0] for record in caplog.records] == ["compiling CPU kernels"]


def test_each_kernel_is_told_as_its_turn_comes(tmp_path, caplog):
    caplog.set_level(logging.DEBUG, "sicgrid")
    compiler = "import sys; print('compiling rollout forward'); print('noise'); sys.exit('cannot')"
    with _cache._alone_in(str(tmp_path)) as lock:
        assert _cache._run([sys.executable, "-c", compiler], {}, lock) == (1, "cannot\n")
    assert [(record.levelname, record.message) for record in caplog.records] == [("DEBUG", "compiling rollout forward")]


def test_the_compiler_says_which_kernel_it_begins(empty, monkeypatch, capsys):
    monkeypatch.setattr(KernelCache, "compiles", True)
    assert empty.load_overload(FORWARD, _rollout._forward.targetctx) is None
    assert capsys.readouterr().out == "compiling rollout forward\n"


def test_a_compiler_that_fails_is_told_in_one_sentence_with_the_way_out(empty, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match=r"^the CPU kernels could not be compiled \(exit code 1\); kernels='ref"):
        empty.load_overload(FORWARD, _rollout._forward.targetctx)


def test_the_lock_is_free_afterwards_also_for_a_process_forked_meanwhile(tmp_path):
    with _cache._alone_in(str(tmp_path)) as lock:
        inherited = os.dup(lock)  # what a fork leaves behind
    with _cache._alone_in(str(tmp_path)):
        os.close(inherited)


def test_a_folder_is_looked_for_at_the_first_call_only(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    cache = KernelCache(_rollout._forward.py_func)
    assert not (tmp_path / "cache").exists()
    assert Path(cache.cache_path).parent == tmp_path / "cache"


@pytest.mark.parametrize(
    "argument",
    [
        types.int64,
        types.float64,
        types.boolean,
        FLOATS,
        types.Array(types.float64, 1, "C"),
        types.Array(types.float32, 3, "F"),
        types.Array(types.int32, 2, "A"),
        types.Array(types.boolean, 1, "C"),
        types.Array(types.float32, 2, "C", readonly=True),
        types.Array(types.float64, 2, "A", readonly=True),
    ],
    ids=str,
)
def test_types_are_read_back_as_they_were(argument):
    assert sigutils.normalize_signature(f"({_cache._spell(argument)}, )") == ((argument,), None)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_the_step_that_compiles_the_rest_has_the_kernels_precision_wherever_it_stands(name):
    bands, order = types.Array(getattr(types, name), 3, "C"), types.Array(types.int64, 2, "C")
    for signature in [(bands, order), (order, bands), (types.int64, order, bands, types.boolean)]:
        assert _compiler.precision(signature) == getattr(torch, name)
