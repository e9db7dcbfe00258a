"""Packages that load a name's file when the name is first used, so that an import costs what is used of it (PEP 562).

A package's ``__init__``, its door, lists the names where type checkers, editors and import-linter read them::

    if TYPE_CHECKING:
        from ._rate_maps import rate_maps as rate_maps
    else:
        __getattr__, __dir__ = lazy_names(__name__)

The list is read from the door's own source, as `lazy_loader.attach_stub` of Scientific Python (SPEC 1) reads a stub
file's. The ``else`` is needed: a type checker that saw ``__getattr__`` would accept any name.
"""

import ast
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any


def lazy_names(
    door: str, moved: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package, made from its imports under ``if TYPE_CHECKING``; also ``__all__``.

    Each import is ``from .file import Name as Name``, or ``from . import file as file``. ``moved`` maps names that have
    left the package to the modules they are in now, as ``module:Name`` where the name changed too: they still resolve,
    but are not listed. Public files and packages inside the package resolve and are listed.

    >>> ask, names = lazy_names("sicgrid.analysis")
    >>> "rate_maps" in names(), ask("rate_maps").__module__
    (True, 'sicgrid.analysis.maps._rate_maps')
    """
    listed = _homes(door)
    homes = {**(moved or {}), **listed}

    def ask(name: str) -> Any:
        if name not in homes:
            if not name.startswith("_") and find_spec(f"{door}.{name}") is not None:
                return import_module(f"{door}.{name}")
            raise AttributeError(f"module {door!r} has no attribute {name!r}")
        home, _, renamed = homes[name].partition(":")
        if home.strip("."):
            value = getattr(import_module(home, door), renamed or name)
        else:
            value = import_module(f".{name}", door)
        setattr(sys.modules[door], name, value)  # asked once
        return value

    def names() -> list[str]:
        within = vars(sys.modules[door])
        rooms = (room.name for room in iter_modules(within["__path__"]) if not room.name.startswith("_"))
        return sorted({*listed, *rooms, *(name for name in within if name.startswith("__"))})

    vars(sys.modules[door])["__all__"] = sorted(listed)
    return ask, names


def _homes(door: str) -> dict[str, str]:
    """Name -> the file it comes from, relative to the door."""
    spec = sys.modules[door].__spec__
    assert spec is not None
    source = spec.loader.get_source(door)  # type: ignore[union-attr]  # of every loader that reads .py files
    if source is None:
        raise ImportError(f"{door} needs its source file beside the compiled one: it lists the package's names")
    return {
        alias.name: "." * imported.level + (imported.module or "")
        for statement in ast.parse(source).body
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"
        for imported in statement.body
        if isinstance(imported, ast.ImportFrom)
        for alias in imported.names
    }
