"""A network or a code that the command line names, ``package.module:name``."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..experiment import FAULTS, own_network, told_fault
from ..model import Network
from ..storage import UserError

# What a module may do wrong while it is imported, beside what a function may; stops by the user and full disks pass.
_FAULTS = (*FAULTS, ImportError, SyntaxError, FileNotFoundError, SystemExit)


def named(word: str, flag: str) -> Any:
    """The object ``package.module:name``, modules of the current folder included.

    `UserError` in one line if the word is none such, or the module cannot be imported or has no such name.
    """
    module_name, colon, name = word.partition(":")
    if not (colon and module_name and name):
        raise UserError(f"{flag} takes package.module:name, got {word!r}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found = importlib.import_module(module_name)
    except _FAULTS as error:
        raise UserError(f"{flag} {word}: the module {module_name} cannot be imported ({told_fault(error)})") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise UserError(f"{flag} {word}: {module_name} has no {name}")
        found = getattr(found, part)
    return found


def named_network(word: str) -> Network:
    """The network that a name stands for: a `sicgrid.Network`, a pair (step, initial_state), anything that has both as
    attributes, or a function without arguments (a class, too) that makes one of these.
    """
    found = named(word, "--network")
    if _as_network(found) is None and callable(found):
        try:
            found = found()
        except _FAULTS as error:
            raise UserError(f"--network {word} cannot be called without arguments ({told_fault(error)})") from error
    parts = _as_network(found)
    if parts is None:
        raise UserError(
            f"--network {word} is a {type(found).__name__}; it must be a pair (step, initial_state), have both as "
            "attributes, or be a function that returns such"
        )
    return own_network(*parts)


def named_code(word: str) -> Callable[[Any], Any]:
    """The code that a name stands for, a callable of positions."""
    found: Callable[[Any], Any] = named(word, "--code")
    if not callable(found):
        raise UserError(f"--code {word} is a {type(found).__name__}; it must be callable, code(positions) -> activity")
    return found


def _as_network(found: Any) -> tuple[Any, Any] | None:
    if isinstance(found, type):
        return None
    if isinstance(found, Network):
        return found, None
    if isinstance(found, tuple) and len(found) == 2:
        return found[0], found[1]
    if hasattr(found, "step") and hasattr(found, "initial_state"):
        return found.step, found.initial_state
    return None
