"""How a command line becomes the arguments of its command.

tyro renders the help and converts words to values; pydantic checks them, so that YAML and command line share one set of
rules and messages; a scan beforehand finds unknown names and which preset's values are the defaults.
"""

import contextlib
import functools
import io
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, get_origin, get_type_hints

import tyro
from tyro.conf import Positional

from .._settings import number_fault, types_within
from ..experiment import RunConfig, checked_config, did_you_mean, setting_names
from ..storage import UserError
from ._former import present_words
from ._help import flag_arity, in_one_line, settings_by_name, unchecked

FLAGS = {"beside": "and"}  # arguments whose flag is a word of Python's

Command = TypeVar("Command")


class Words(NamedTuple):
    """A command line, sorted: positional words, and flags (as ``--loss.sigma-g``) with their words."""

    positional: list[str]
    flags: dict[str, list[str]]

    @property
    def help(self) -> bool:
        """Whether help is asked for, short or of every setting."""
        return bool({"--help", "--help-all"} & set(self.flags))


def unknown_setting(flag: str, written: str, flags: list[str]) -> UserError:
    """What to raise for a flag that is none of the command's ``flags``; where another command has it, that is said."""
    if flag.removeprefix("--").replace("-", "_") in setting_names():
        return UserError(
            f"{flag} is a setting of a new run, which `sicgrid train` and `reproduce` take; for a network, code or "
            "recording of your own it stands in the file of --config"
        )
    return UserError(f"unknown setting {written!r}{did_you_mean(flag, flags)}")


def sort_words(command: type, arguments: Sequence[str]) -> Words:
    """Tell flags, their values and positional words apart; `UserError` for an unknown flag or a word too many."""
    arity, kinds = arities(command), _kinds(command)
    words = Words([], {})
    remaining = present_words(arguments)
    while remaining:
        word = remaining.pop(0)
        if not word:  # of a variable that is not set, mostly; as a folder it would be the one we are in
            raise UserError("an argument is empty; is a variable not set?")
        if not word.startswith("-"):
            words.positional.append(word)
            continue
        flag, equals, value = word.partition("=")
        flag = "--help" if flag == "-h" else flag.replace("_", "-")
        if flag not in arity:
            raise unknown_setting(flag, word.partition("=")[0], list(arity))
        values = [value] if equals else []
        while not equals and remaining and len(values) < arity[flag] and not remaining[0].startswith("--"):
            values.append(remaining.pop(0))
        if arity[flag] and not all(values or [""]) and not (values and _default(command, flag) == ""):
            raise UserError(f"{flag} needs a value; `--help` explains it")
        if fault := number_fault(kinds.get(flag), values) or _unread(kinds.get(flag), values):
            raise UserError(f"{flag} {fault}")
        words.flags[flag] = values
    expected = _positional(command)
    takes_list = any(get_origin(get_type_hints(command)[name]) is tuple for name in expected)
    if len(words.positional) > len(expected) and not takes_list:
        raise UserError(f"unexpected word {words.positional[len(expected)]!r}; settings are given as --name value")
    return words


def _unread(kind: object, words: Sequence[str]) -> str:
    """Why a word is none of the numbers that a flag takes; empty if all are, and for a flag that takes others."""
    numbers = {int, float} & types_within(kind)
    if not numbers:
        return ""
    read, what = (float, "a number") if float in numbers else (int, "a whole number")
    for word in words:
        try:
            read(word)
        except ValueError:
            return f"must be {what}, which {word} is not"
    return ""


def parse(command: type[Command], arguments: Sequence[str], default: Command | None = None) -> Command:
    """The command's arguments over ``default``, words converted to values but settings not yet checked.

    Raises
    ------
    UserError
        In one line, for words that do not fit.
    SystemExit
        With code 0, after printing help.

    """
    name = command.__name__.lower()
    words = sort_words(command, arguments)
    named = bool(words.positional) or bool({"--recording", "--pretrained", "--network", "--code"} & set(words.flags))
    if default is None and "run" in get_type_hints(command) and not named and not words.help:
        raise UserError(f"which run? give its folder: `sicgrid {name} RUN`")
    registry = tyro.constructors.ConstructorRegistry()
    short = words.help and "--help-all" not in words.flags
    registry.struct_rule(functools.partial(unchecked, listed=not short))
    defaults = tyro.constructors.MISSING_NONPROP if default is None else default
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            # Help is asked for without the other words: tyro's help would leave out positional words that were given.
            words_for_tyro = ["--help"] if words.help else present_words(arguments)
            return tyro.cli(command, prog=f"sicgrid {name}", args=words_for_tyro, registry=registry, default=defaults)
    except SystemExit as end:
        if end.code in (0, None):
            if short and "settings" in get_type_hints(command):
                print(settings_by_name())
            raise
        raise UserError(in_one_line(errors.getvalue())) from None


def checked_settings(unchecked: RunConfig, base: RunConfig) -> RunConfig:
    """Settings from the command line, checked; what it does not offer (``preset``) is from ``base``."""
    return checked_config(unchecked.model_dump(mode="json", warnings=False) | {"preset": base.preset})


def _positional(command: type) -> list[str]:
    """Names of the arguments that come without a flag."""
    hints = get_type_hints(command, include_extras=True)
    return [name for name, hint in hints.items() if Positional in getattr(hint, "__metadata__", ())]


def arities(command: type) -> dict[str, int]:
    """Flag -> the most words it takes, for every flag of the command."""
    arity, names = {"--help": 0, "--help-all": 0}, get_type_hints(command)
    for flag, kind in _kinds(command).items():
        # A boolean argument is off by default and has no --no-NAME; a boolean setting has.
        is_switch = kind is bool and flag.removeprefix("--").replace("-", "_") in names
        arity |= {flag: 0} if is_switch else flag_arity(flag.removeprefix("--"), kind)
    return arity


def _default(command: type, flag: str) -> Any:
    """What an argument is where it is not given; None for a setting."""
    return getattr(command, flag.removeprefix("--").replace("-", "_"), None)


def _kinds(command: type) -> dict[str, Any]:
    """Flag -> the type of its argument or setting."""
    kinds: dict[str, Any] = {}
    positional = _positional(command)
    for name, kind in get_type_hints(command).items():
        if name == "settings":
            settings = setting_names()
            del settings["preset"]
            kinds |= {f"--{setting.replace('_', '-')}": kind for setting, kind in settings.items()}
        elif name not in positional:
            kinds[f"--{FLAGS.get(name, name).replace('_', '-')}"] = kind
    return kinds
