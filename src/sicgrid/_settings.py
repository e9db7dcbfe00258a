"""Settings: written once, in a config; explained by every constructor that takes them; read under former names too."""

import functools
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo

from ._repr import first_lines, short_value

Initializer = Callable[..., None]


class Settings(BaseModel):
    """A config: frozen, without unknown settings, strict about numbers where pydantic by itself reads true as 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __repr__(self) -> str:
        return settings_repr(self)

    __str__ = __repr__

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        if fault := number_fault(cls.model_fields[str(info.field_name)].annotation, value):
            raise ValueError(fault)
        return value


def settings_repr(config: BaseModel, name: str = "") -> str:
    """The call that makes this config, or the object of class ``name`` that takes its settings, in at most ten lines.

    Settings that have their default are left out.

    >>> class Sheet(Settings):
    ...     side: int = 40
    ...     gain: float = 5.0
    >>> Sheet(gain=1), settings_repr(Sheet(side=20), "Attractor")
    (Sheet(gain=1.0), 'Attractor(side=20)')

    """
    call = _call(config, name or type(config).__name__)
    return "\n".join(textwrap.wrap(call, 100, subsequent_indent="    ", max_lines=10, placeholder=" ..."))


def config_repr(instance: object, otherwise: str) -> str:
    """`settings_repr` of an object that holds settings as its ``config``; else `first_lines` of ``otherwise``."""
    config = getattr(instance, "config", None)
    return settings_repr(config, type(instance).__name__) if isinstance(config, Settings) else first_lines(otherwise)


def _call(config: BaseModel, name: str) -> str:
    arguments = []
    for key, field in type(config).model_fields.items():
        value = getattr(config, key)
        if field.is_required() or value != field.get_default(call_default_factory=True):
            arguments.append(
                f"{key}={_call(value, type(value).__name__) if isinstance(value, BaseModel) else short_value(value)}"
            )
    return f"{name}({', '.join(arguments)})"


def fault_rule(fault: Mapping[str, Any]) -> str:
    """What pydantic says that a value must be, in a sentence of ours: ``must be greater than 0`` or so."""
    return str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ").rstrip(".")


def cut_repr(value: object) -> str:
    """The value as Python writes it, cut to 60 characters.

    >>> cut_repr("x" * 80)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def number_fault(kind: object, value: Any) -> str:
    """Why a value, or one in a list, is no number by YAML 1.2 though pydantic would read it as one; empty if it is one.

    ``kind`` is the setting's type. Empty also for a setting that is no number by it, and for text that Python cannot
    read as a number, which pydantic refuses.
    """
    if isinstance(value, list | tuple):
        return next(filter(None, (number_fault(kind, item) for item in value)), "")
    kinds = types_within(kind)
    if not kinds & {int, float}:
        return ""
    if isinstance(value, bool) and bool not in kinds:
        return f"must be a number, which {str(value).lower()} is not"
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        try:
            float(value)
        except ValueError:
            return ""
        return f"must be a number, which {value} is not: it is text in YAML 1.2"
    return ""


def types_within(kind: object) -> set[object]:
    """All types within a type, such as float and NoneType in ``tuple[float, ...] | None``, with the type itself."""
    inside = get_args(kind)
    return {kind}.union(*map(types_within, inside)) if inside else {kind} if isinstance(kind, type) else set()


class Renamed(Settings):
    """A config some of whose settings had other names once, under which they are still read."""

    FORMER: ClassVar[Mapping[str, str]] = {}
    """Former name -> name."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, settings: Any) -> Any:
        return cls.present(settings) if isinstance(settings, dict) else settings

    @classmethod
    def present(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings by their present names; ``ValueError`` if one has both."""
        for former, name in cls.FORMER.items():
            if former in settings and name in settings:
                raise ValueError(f"{former} is the former name of {name}; give {name} alone")
        return {cls.FORMER.get(name, name): value for name, value in settings.items()}


def takes(config: type[BaseModel], leave_out: Collection[str] = ()) -> Callable[[Initializer], Initializer]:
    """Let an ``__init__(self, config, *, ...)`` be called with the config's settings, one argument each.

    The signature that callers see lists the settings with their defaults, and the docstring explains each with its
    default's source, as the config does: ``help`` of the class says everything, and nothing is written twice.
    ``leave_out`` names settings that stay at their defaults and cannot be given. An unknown name is a TypeError, as for
    any function, a value out of range a ValueError that names the setting.
    """

    def decorate(initializer: Initializer) -> Initializer:
        fields = {name: field for name, field in config.model_fields.items() if name not in leave_out}
        first, _, *extra = inspect.signature(initializer).parameters.values()
        settings = [
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default, annotation=field.annotation
            )
            for name, field in fields.items()
        ]
        signature = inspect.Signature([first, *settings, *extra])

        @functools.wraps(initializer)
        def initialize(*values: Any, **named: Any) -> None:
            present = config.present(named) if issubclass(config, Renamed) else named
            arguments = signature.bind(*values, **present).arguments
            settings = {name: arguments.pop(name) for name in fields if name in arguments}
            initializer(arguments.pop(first.name), config(**settings), **arguments)

        initialize.__signature__ = signature  # type: ignore[attr-defined]
        docstring = inspect.cleandoc(initializer.__doc__ or "")
        initialize.__doc__ = "\n".join([docstring, "", "Parameters", "----------", *_explained(fields)])
        return initialize

    return decorate


def _explained(fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        kind = inspect.formatannotation(field.annotation).replace("typing.", "")
        yield f"{name} : {kind}, default {field.default!r}"
        yield textwrap.fill(field.description or "", 96, initial_indent="    ", subsequent_indent="    ")
