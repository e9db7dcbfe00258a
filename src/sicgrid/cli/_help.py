"""What help shows: a short page by default, every setting with ``--help-all``."""

import functools
import textwrap
from collections.abc import Callable
from typing import Annotated, Any, cast, get_type_hints

import tyro
from pydantic import BaseModel

from ..experiment import setting_names

WIDTH = 100

MORE = "Settings, each as --name value; --help-all explains them all, with unit, default and source:"


def _hint(default: str) -> str:
    return "" if default in ("None", "False", "") else f"(default: {default})"


arg: Callable[..., Any] = functools.partial(tyro.conf.arg, help_behavior_hint=_hint)
"""tyro's `arg`, for arguments whose default, where there is one, is worth telling."""


def unchecked(
    info: tyro.constructors.StructTypeInfo, *, listed: bool
) -> tyro.constructors.StructConstructorSpec | None:
    """Have tyro build settings without pydantic's checks, whose messages it would wrap in its own.

    They are checked all at once afterwards, by `checked_settings`. Without ``listed`` there are none, for short help.
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
