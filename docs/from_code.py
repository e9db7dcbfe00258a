"""What the site takes from the code: tables of settings, help texts, and a page of the reference for every room.

A page asks by a line of its own, ``<!-- settings: loss -->`` or ``<!-- help: train -->``; the reference is written as a
whole, from the rooms' doors, so that a public name cannot be missing from it. ``<!-- others: tutorials -->`` in a table
of contents are the pages of that folder that no other table names, so that a new page finds its place.
"""

import ast
import contextlib
import importlib
import inspect
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import sicgrid
from sicgrid.cli import main
from sicgrid.experiment import RunConfig, preset_comment, preset_names
from sicgrid.pretrained import pretrained_names, read_card
from sicgrid.sweeps import METRICS, Plan, load_plan, plan_names

PACKAGE = Path(sicgrid.__file__).parent
PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WITHOUT_NAMES = {"cli"}  # the guides have the command line
ASKED = re.compile(r"^<!-- (\w+)(?:: ([\w.]+))? -->$", flags=re.MULTILINE)
OUTWARD = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[^)#\s]+)\)")


def fill_in(docs: Path, page: str, source: list[str]) -> None:
    """Replace each request in a page's text by what the code says; name files outside of docs without a link."""
    here = (docs / page).parent

    def unlinked(link: re.Match[str]) -> str:
        return link[0] if (here / link[2]).resolve().is_relative_to(docs) else link[1]

    def filled(asked: re.Match[str]) -> str:
        if asked[1] == "others":
            return _others(docs, asked[2] or "")
        return FILLED[asked[1]](asked[2] or "") if asked[1] in FILLED else asked[0]  # some other comment

    source[0] = OUTWARD.sub(unlinked, ASKED.sub(filled, source[0]))


def pages_that_ask(docs: Path) -> list[str]:
    """Names of the pages that hold a request."""
    asking = [page for page in docs.rglob("*.md") if ASKED.search(page.read_text(encoding="utf-8"))]
    return [page.relative_to(docs).with_suffix("").as_posix() for page in asking]


def _others(docs: Path, folder: str) -> str:
    """Pages of the folder (of docs itself where it is empty) that no table of contents names."""
    tables = [index.read_text(encoding="utf-8") for index in docs.rglob("index.md") if index.parent.name != "reference"]
    lines = {line.strip().removeprefix("/") for text in tables for line in text.splitlines()}
    pages = [page.relative_to(docs).with_suffix("") for page in sorted((docs / folder).glob("*.md"))]
    new = [page for page in pages if page.name != "index" and not {page.as_posix(), page.name} & lines]
    return "\n".join(f"/{page.as_posix()}" for page in new)


# ---- settings -------------------------------------------------------------------------------------------------------


def settings(group: str) -> str:
    """Table of the settings of a group of `RunConfig`, by its dotted name; of those of no group where it is empty."""
    model: Any = RunConfig
    for name in group.split(".") if group else ():
        model = model.model_fields[name].annotation
    prefix = f"{group}." if group else ""
    return _table(("setting", "default", "what it is", "source"), list(_rows(model, prefix)))


def plan_settings(_: str) -> str:
    """Table of the fields of a sweep's plan."""
    rows = [(f"`{name}`", _default(field), _cell(field.description)) for name, field in Plan.model_fields.items()]
    return _table(("field", "default", "what it is"), rows)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if prefix:  # the groups themselves have sections of their own
                yield from _rows(kind, f"{prefix}{name}.")
        elif prefix + name != "preset":
            what, _, origin = (field.description or "").partition("Source: ")
            yield f"`{prefix}{name}`", _default(field), _cell(what), _cell(origin.rstrip(" ."))


def _default(field: FieldInfo) -> str:
    return f"`{field.default!r}`" if not field.is_required() else ""


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", r"\|").replace("*", r"\*").replace("_", r"\_")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# ---- lists of what the package bundles ------------------------------------------------------------------------------


def presets(_: str) -> str:
    """Table of the presets with the comment at the head of each."""
    return _table(("preset", "what it is"), [(f"`{name}`", _cell(preset_comment(name))) for name in preset_names()])


def plans(_: str) -> str:
    """Table of the bundled plans of sweeps."""
    return _table(("plan", "what it is for"), [(f"`{name}`", _cell(load_plan(name).about)) for name in plan_names()])


def metrics(_: str) -> str:
    """The columns of a sweep's table."""
    return ", ".join(f"`{name}`" for name in METRICS)


def networks(_: str) -> str:
    """Table of the bundled networks."""
    cards = [read_card(name) for name in pretrained_names()]
    rows = [(f"`{card.name}`", _cell(card.shows), f"{card.size / 1e6:.1f}") for card in cards]
    return _table(("network", "what it shows", "MB"), rows)


def command_help(command: str) -> str:
    """What ``sicgrid COMMAND --help`` prints; without a command the overview."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main([command, "--help"] if command else ["--help"])
    return f"```text\n{printed.getvalue().rstrip()}\n```"


def extras(_: str) -> str:
    """Names of the package's extras."""
    return ", ".join(f"`{name}`" for name in sorted(PROJECT["optional-dependencies"]))


FILLED = {
    "extras": extras,
    "settings": settings,
    "plan": plan_settings,
    "presets": presets,
    "plans": plans,
    "metrics": metrics,
    "networks": networks,
    "help": command_help,
}

# ---- the reference --------------------------------------------------------------------------------------------------


def write_reference(folder: Path) -> None:
    """A page for every room with all names of its door, and the page that lists them."""
    folder.mkdir(exist_ok=True)
    rooms = [room for room in sorted(_rooms()) if room not in WITHOUT_NAMES]
    pages = {room: _room_page(room) for room in rooms} | {"index": _index(rooms)}
    for old in folder.glob("*.md"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        page = folder / f"{name}.md"
        if not page.exists() or page.read_text(encoding="utf-8") != text:  # so that only what changed is built again
            page.write_text(text, encoding="utf-8")


def _rooms() -> list[str]:
    return [door.parent.name for door in PACKAGE.glob("*/__init__.py")]


def door_names(room: str) -> dict[str, list[str]]:
    """The public names of a room's door, in its order, by the wing that they come from ('' where it has none)."""
    tree = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    lazy = [statement for choice in tree.body if isinstance(choice, ast.If) for statement in choice.body]
    found: dict[str, list[str]] = {}
    for statement in [*tree.body, *lazy]:
        if isinstance(statement, ast.ImportFrom) and statement.level == 1:
            wing = statement.module or ""
            names = [alias.name for alias in statement.names if not alias.name.startswith("_")]
            found.setdefault("" if wing.startswith("_") else wing, []).extend(names)
    return {wing: names for wing, names in found.items() if names}


def _index(rooms: list[str]) -> str:
    about = {room: _first_line(importlib.import_module(f"sicgrid.{room}")) for room in rooms}
    rows = [(f"[sicgrid.{room}]({room}.md)", _cell(text)) for room, text in about.items()]
    top = ", ".join(f"`{name}`" for name in dir(sicgrid) if not name.startswith("_"))
    toc = "\n".join(rooms)
    return f"""# Reference

Every public name, room by room, in the order of their doors; what is not here is private. The names that most
programs need can be had from `sicgrid` itself: {top}. Settings have [a guide of their own](../guides/settings.md).

{_table(("room", "what is in it"), rows)}

```{{toctree}}
:hidden:

{toc}
```
"""


def _room_page(room: str) -> str:
    module = importlib.import_module(f"sicgrid.{room}")
    parts = [f"# sicgrid.{room}\n\n```{{eval-rst}}\n{inspect.cleandoc(module.__doc__ or '')}\n```\n"]
    for wing, names in door_names(room).items():
        if wing:
            about = _first_line(importlib.import_module(f"sicgrid.{room}.{wing}"))
            parts.append(f"## {wing.replace('_', ' ').capitalize()}\n\n{_cell(about)}\n")
        level = "###" if wing else "##"
        parts += [f"{level} {name}\n\n{_entry(f'sicgrid.{room}', name, getattr(module, name))}" for name in names]
    return "\n".join(parts)


def _entry(home: str, name: str, value: Any) -> str:
    qualified = f"{home}.{name}"
    if isinstance(value, type) and issubclass(value, BaseModel):
        rows = [(f"`{name}`", _default(field), _cell(field.description)) for name, field in value.model_fields.items()]
        about = inspect.cleandoc(value.__doc__ or "")
        return f"```{{eval-rst}}\n{about}\n```\n\n{_table(('field', 'default', 'what it is'), rows)}\n"
    if inspect.ismodule(value):
        return _directive("automodule", value.__name__, "members")
    if isinstance(value, type):
        again = [] if qualified.startswith(".".join(value.__module__.split(".")[:2])) else ["no-index"]
        return _directive("autoclass", qualified, "members", *again)
    if callable(value):
        return _directive("autofunction", qualified)
    return f"```{{eval-rst}}\n.. data:: {qualified}\n\n   {type(value).__name__}: ``{_short(value)}``\n```\n"


def _directive(kind: str, qualified: str, *options: str) -> str:
    lines = "".join(f"   :{option}:\n" for option in options)
    return f"```{{eval-rst}}\n.. {kind}:: {qualified}\n{lines}```\n"


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, dict | tuple | list | frozenset) else repr(value)
    return " ".join((text if len(text) <= 300 else f"{text[:297]}...").split())


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").split("\n\n")[0]


def head_examples(app: object, kind: str, name: str, member: object, options: object, lines: list[str]) -> None:
    """Give an example at a docstring's end its heading, lest napoleon takes it for part of the section before."""
    first = next((number for number, line in enumerate(lines) if line.startswith(">>>")), None)
    if first is not None and "Examples" not in lines:
        lines[first:first] = ["Examples", "--------"]


def escape_bars(app: object, kind: str, name: str, member: object, options: object, lines: list[str]) -> None:
    """Bars in a docstring are those of a norm or an amount, never a substitution."""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...", "..")):
            pieces = line.split("``")
            pieces[::2] = [piece.replace("|", r"\|") for piece in pieces[::2]]
            lines[number] = "``".join(pieces)


def skip_member(app: object, kind: str, name: str, member: object, skip: bool, options: object) -> bool | None:
    """Leave out what every named tuple, dataclass and module has."""
    return True if str(getattr(member, "__doc__", "")).startswith("Alias for field number") else None
