"""Whatever a room shows at its door is explained; the examples in docstrings run and give what they say."""

import dataclasses
import doctest
import importlib
import inspect
from pathlib import Path

import pytest
from pydantic import BaseModel

PACKAGE = Path(__file__).parents[1] / "src" / "sicgrid"
MODULES = [
    ".".join(("sicgrid", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
ROOMS = sorted(folder.parent.name for folder in PACKAGE.glob("*/__init__.py"))
# Rooms in which everything that is called has an example.
WITH_EXAMPLES = ("analysis", "losses", "model", "run", "theory", "trajectories", "training")
WITHOUT = {"split_pair_sums"}  # needs a group of processes


def at_the_door(room):
    """Public functions and classes of ours, by name."""
    door = importlib.import_module(f"sicgrid.{room}")
    shown = {name: getattr(door, name) for name in dir(door) if not name.startswith("_")}
    return {
        name: value
        for name, value in shown.items()
        if (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__.startswith("sicgrid")
    }


def is_called(value):
    """Functions and classes that work; not settings, results and errors, which whoever takes or gives them shows."""
    if inspect.isfunction(value):
        return True
    plain = dataclasses.is_dataclass(value) or getattr(value, "_is_protocol", False)
    return not plain and not issubclass(value, (tuple, BaseModel, BaseException))


@pytest.mark.parametrize("room", ROOMS)
def test_everything_public_is_explained(room):
    public = at_the_door(room)
    public |= {
        f"{name}.{part}": inner
        for name, value in public.items()
        if inspect.isclass(value)
        for part, inner in vars(value).items()
        if not part.startswith("_") and (inspect.isfunction(inner) or isinstance(inner, (property, classmethod)))
    }
    # A class without a docstring of its own has one made by Python, its signature, or its parent's.
    bare = [
        name
        for name, value in public.items()
        if not (vars(value)["__doc__"] if inspect.isclass(value) else value.__doc__)
        or value.__doc__.startswith(f"{name}(")
    ]
    assert bare == []


@pytest.mark.parametrize("room", WITH_EXAMPLES)
def test_everything_that_is_called_has_an_example(room):
    called = {name: value for name, value in at_the_door(room).items() if is_called(value)}
    assert called
    assert [name for name, value in called.items() if ">>> " not in value.__doc__ and name not in WITHOUT] == []


@pytest.mark.parametrize("module", MODULES)
def test_examples_of(module):
    outcome = doctest.testmod(importlib.import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.attempted > 0
    assert outcome.failed == 0
