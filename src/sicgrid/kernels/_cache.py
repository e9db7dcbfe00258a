"""Compiled kernels always come from Numba's cache on disk; a short process of its own fills it.

With ``parallel=True`` Numba optimizes the body of a loop twice: by itself, and once more as a part of the function that
it stands in. The linker binds a name to what was loaded first, so a process that compiles runs the former, and the
cache holds the latter. They sum in another order (fast math), and training is chaotic: the first run after an
installation would be another network than all later ones, and could not be resumed bit for bit. Hence no process
that computes ever compiles.
"""

import contextlib
import fcntl
import functools
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numba
from numba import types
from numba.core.caching import FunctionCache

_log = logging.getLogger(__name__)
_numba_config: Any = numba.config  # its annotations leave out what it reads from the environment

LOCK = "sicgrid-kernels.lock"
COMPILING = "compiling"  # begins the lines that the compiler prints, one a kernel


class KernelCache:
    """The cache of one kernel, in the place where Numba's dispatcher keeps its own.

    Numba's own would look for a folder when the kernel is defined; this one touches no disk before the kernel is
    called. Where no folder can be written it is a temporary one, which ends with the process.
    """

    compiles = False
    """Whether this process is the one that compiles."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @property
    def cache_path(self) -> str:
        """The folder of the compiled code."""
        return self._open().cache_path  # type: ignore[no-any-return]

    def flush(self) -> None:
        """Forget what is in the cache."""
        self._open().flush()

    def load_overload(self, signature: tuple[Any, ...], target: Any) -> Any:
        """The kernel for these types of arguments; compiled by another process if it is not in the cache.

        Called by Numba under its lock. RuntimeError if it cannot be compiled.
        """
        kernel = self._open().load_overload(signature, target)
        if kernel is None and self.compiles:
            room, name = self._function.__module__.rpartition(".")[2], self._function.__name__
            # Whoever waits for this process reads it.
            sys.stdout.write(f"{COMPILING} {room.strip('_')} {name.strip('_')}\n")
            sys.stdout.flush()
        elif kernel is None:
            _log.info("compiling CPU kernels that this installation runs for the first time; takes some 15 s")
            with _alone_in(self.cache_path) as lock:
                # Whoever had the lock may have compiled it.
                kernel = self._open().load_overload(signature, target)
                if kernel is None:
                    self._compile(signature, lock)
                    kernel = self._open().load_overload(signature, target)
            if kernel is None:
                raise RuntimeError(f"compiled {self._function.__name__}, and it is not in {self.cache_path}")
        return kernel

    def save_overload(self, signature: tuple[Any, ...], compiled: Any) -> None:
        """Keep a compiled kernel."""
        self._open().save_overload(signature, compiled)

    def _open(self) -> Any:
        try:
            return FunctionCache(self._function)  # type: ignore[no-untyped-call]
        except RuntimeError:  # no folder can be written
            chosen = _numba_config.CACHE_DIR
            _numba_config.CACHE_DIR = _temporary_folder().name
            try:
                return FunctionCache(self._function)  # type: ignore[no-untyped-call]
            finally:
                _numba_config.CACHE_DIR = chosen

    def _compile(self, signature: tuple[Any, ...], lock: int) -> None:
        function = self._function
        spelled = "".join(f"{_spell(argument)}, " for argument in signature)
        # -P and the path as it is here: a file of the working directory must not stand in for a module.
        command = [sys.executable, "-P", "-m", f"{__package__}._compiler", function.__module__, function.__name__]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(folder or os.curdir for folder in sys.path)}
        folder = _temporary_folder().name if _temporary_folder.cache_info().currsize else _numba_config.CACHE_DIR
        if folder:
            environment["NUMBA_CACHE_DIR"] = folder
        code, errors = _run([*command, f"({spelled})"], environment, lock)
        if code:
            last = (errors.strip() or f"exit code {code}").splitlines()[-1]
            raise RuntimeError(f"the CPU kernels could not be compiled ({last}); kernels='reference' does without them")


def _run(command: list[str], environment: Mapping[str, str], lock: int) -> tuple[int, str]:
    """Run the compiler, say of each kernel that it is compiled now, and return exit code and stderr."""
    # Into a file: a pipe that nobody reads would stop the compiler when it is full.
    with tempfile.TemporaryFile("w+") as errors:
        # A process group of its own, so that Ctrl-C reaches only whoever waits. It has the lock as long as it lives.
        compiler = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            pass_fds=(lock,),
            process_group=0,
        )
        with compiler:
            try:
                assert compiler.stdout is not None  # a pipe, above
                for line in compiler.stdout:
                    if line.startswith(COMPILING):
                        _log.debug("%s", line.strip())
            except BaseException:
                compiler.kill()
                raise
        errors.seek(0)
        return compiler.returncode, errors.read()


@functools.cache
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for this process, where no other can be written; that is said, once."""
    _log.warning(
        "no folder for compiled CPU kernels can be written, so every process compiles them anew, some 15 s; "
        "NUMBA_CACHE_DIR=FOLDER names one"
    )
    return tempfile.TemporaryDirectory(prefix="sicgrid-kernels-")


@contextlib.contextmanager
def _alone_in(folder: str) -> Iterator[int]:
    """One process after the other; gives the lock's file descriptor."""
    lock = os.open(f"{folder}/{LOCK}", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        # Some network file systems have no locks. Then some may compile at once, to the same bits.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        # Closing is not enough: a process forked meanwhile has the file open too.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _spell(argument: Any) -> str:
    """An argument's type as Numba reads it, e.g. ``float32[:,::1]``."""
    if isinstance(argument, types.Array):
        if not argument.mutable:
            return f"Array({_spell(argument.dtype)}, {argument.ndim}, {argument.layout!r}, readonly=True)"
        axes = [":"] * argument.ndim
        if argument.layout in "CF":
            axes[-1 if argument.layout == "C" else 0] = "::1"
        return f"{_spell(argument.dtype)}[{','.join(axes)}]"
    return "boolean" if argument == types.boolean else str(argument)
