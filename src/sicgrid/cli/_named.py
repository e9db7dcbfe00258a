"""A network or a code that the command line names, ``package.module:name``."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..experiment import external_code, own_network
from ..model import Network
from ..storage import UserError


def load_named(word: str, flag: str) -> Any:
    """The object ``package.module:name``, modules of the current folder included.

    `UserError` in one line if the word is none such, or the module cannot be imported or has no such name.
    """
    module_name, colon, name = word.partition(":")
    if not (colon and module_name and name):
        raise UserError(f"{flag} takes package.module:name, got {word!r}")
    current_folder = str(Path.cwd())
    if current_folder not in sys.path:
        sys.path.insert(0, current_folder)
    with external_code(f"{flag} {word}: the module {module_name} cannot be imported"):
        target = importlib.import_module(module_name)
    for part in name.split("."):
        if not hasattr(target, part):
            raise UserError(f"{flag} {word}: {module_name} has no {name}")
        target = getattr(target, part)
    return target


def named_network(word: str) -> Network:
    """The network that a name stands for.

    The object may be a `sicgrid.Network`; a pair (step, initial_state); an object with both as attributes; a callable
    with initial_state, whose call is the step; or a function or class that returns one of these without arguments.
    """
    network = load_named(word, "--network")
    if _as_network(network) is None and callable(network):
        with external_code(
            f"--network {word} failed when it was called without arguments (a function of place goes with --code)"
        ):
            network = network()
    parts = _as_network(network)
    if parts is None:
        raise UserError(
            f"--network {word} is a {type(network).__name__}; it must be a pair (step, initial_state), have both as "
            "attributes, or be a function that returns such"
        )
    return own_network(*parts)


def named_code(word: str) -> Callable[[Any], Any]:
    """The code that a name stands for, a callable of positions."""
    code: Callable[[Any], Any] = load_named(word, "--code")
    if not callable(code):
        raise UserError(f"--code {word} is a {type(code).__name__}; it must be callable, code(positions) -> activity")
    return code


def _as_network(candidate: Any) -> tuple[Any, Any] | None:
    """Step and initial state of an object that has both (None: a network with its own); None if it has not."""
    if isinstance(candidate, type):
        return None
    if isinstance(candidate, Network):
        return candidate, None
    if isinstance(candidate, tuple) and len(candidate) == 2:
        return candidate[0], candidate[1]
    if hasattr(candidate, "initial_state"):
        step = getattr(candidate, "step", candidate)  # of a torch.nn.Module, say, the call is the step
        return (step, candidate.initial_state) if callable(step) else None
    return None
