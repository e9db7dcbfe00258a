"""What help shows: a short page by default, every setting with ``--help-all``."""

import functools
import textwrap
from collections.abc import Callable
from typing import Annotated, Any, cast, get_origin, get_type_hints

import tyro
from pydantic import BaseModel

from ..experiment import setting_names

WIDTH = 100
MANY = 1000  # words that a flag with a list of values takes, at most

MORE = "Settings, each as --name value; --help-all explains them all, with unit, the preset's default and source:"


def _hint(default: str) -> str:
    return "" if default in ("None", "False", "") else f"(default: {default})"


arg: Callable[..., Any] = functools.partial(tyro.conf.arg, help_behavior_hint=_hint)
"""tyro's `arg`, for arguments whose default, where there is one, is worth telling."""


def unchecked(
    info: tyro.constructors.StructTypeInfo, *, listed: bool
) -> tyro.constructors.StructConstructorSpec | None:
    """Have tyro build settings without pydantic's checks, whose messages it would wrap in its own.

    They are checked all at once afterward, by `checked_settings`. Without ``listed`` there are none, for short help.
    """
    model = info.type
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return None
    hints: dict[str, Any] = get_type_hints(model)
    offered = tuple(
        tyro.constructors.StructFieldSpec(
            name=name,
            type=hints[name] if _is_group(hints[name]) else cast(Any, Annotated[hints[name], arg()]),
            default=getattr(info.default, name),
            # A default without a source is ours; saying so at most of the settings would only be in the way.
            helptext=(field.description or "").removesuffix(" Source: ours."),
        )
        for name, field in model.model_fields.items()
        if name != "preset" and listed
    )
    return tyro.constructors.StructConstructorSpec(instantiate=model.model_construct, fields=offered)


def _is_group(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def settings_by_name() -> str:
    """The names of all settings, group by group, in a few lines."""
    groups: dict[str, list[str]] = {}
    for name in setting_names():
        group, _, last = name.replace("_", "-").rpartition(".")
        if name != "preset":
            groups.setdefault(group, []).append(last if group else f"--{last}")
    lines = [MORE]
    for group, names in groups.items():
        head = f"  --{group}." if group else " "
        lines.append(
            textwrap.fill(f"{head} {', '.join(names)}", WIDTH, subsequent_indent="      ", break_on_hyphens=False)
        )
    return "\n".join(lines)


def flag_arity(setting: str, kind: object) -> dict[str, int]:
    """The flags of a setting, or of an argument, with the most words that each takes."""
    *groups, last = setting.replace("_", "-").split(".")
    prefix = "--" + "".join(f"{group}." for group in groups)
    if kind is bool:
        return {prefix + last: 0, f"{prefix}no-{last}": 0}
    return {prefix + last: MANY if get_origin(kind) is tuple else 1}


def in_one_line(message: str) -> str:
    """Error text of tyro without its frame, its title, and the help of the setting."""
    lines = [line.strip(" │╭╰╮╯─-") for line in message.splitlines()]
    _title, *text = [line for line in lines if line] or [""]
    ends = [index for index, line in enumerate(text) if line.startswith(("Argument helptext", "For full helptext"))]
    return " ".join(text[: min(ends)] if ends else text)
