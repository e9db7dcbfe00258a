"""Settings that are written once, in a config, and explained again wherever a constructor takes them."""

import functools
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Initializer = Callable[..., None]


def takes(config: type[BaseModel], leave_out: Collection[str] = ()) -> Callable[[Initializer], Initializer]:
    """Let an ``__init__(self, config, *, ...)`` be called with the config's settings, one argument each.

    The signature that callers see lists the settings with their defaults, and the docstring explains each with its
    default's source, as the config does: ``help`` of the class says everything, and nothing is written twice.
    ``leave_out`` names settings that stay at their defaults and cannot be given. An unknown name is a TypeError, as for
    any function, a value out of range a ValueError that names the setting.
    """

    def decorate(initializer: Initializer) -> Initializer:
        fields = {name: field for name, field in config.model_fields.items() if name not in leave_out}
        first, _, *own = inspect.signature(initializer).parameters.values()
        settings = [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default, annotation=field.annotation
            )
            for name, field in fields.items()
        ]
        signature = inspect.Signature([first, *settings, *own])

        @functools.wraps(initializer)
        def initialize(*values: Any, **named: Any) -> None:
            arguments = signature.bind(*values, **named).arguments
            given = {name: arguments.pop(name) for name in fields if name in arguments}
            initializer(arguments.pop(first.name), config(**given), **arguments)

        initialize.__signature__ = signature  # type: ignore[attr-defined]
        own_words = inspect.cleandoc(initializer.__doc__ or "")
        initialize.__doc__ = "\n".join([own_words, "", "Parameters", "----------", *_explained(fields)])
        return initialize

    return decorate


def _explained(fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        kind = inspect.formatannotation(field.annotation).replace("typing.", "")
        yield f"{name} : {kind}, default {field.default!r}"
        yield textwrap.fill(field.description or "", 96, initial_indent="    ", subsequent_indent="    ")
