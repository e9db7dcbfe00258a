"""Settings of the analysis on the command line of `analyze`: it changes those of a run that is there."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..experiment import parse_yaml, put_setting, setting_names
from ..storage import UserError
from ._arguments import Analyze
from ._former import present_words
from ._parse import arities, unknown_setting

HEAD = "--analysis."


class Split(NamedTuple):
    """A command line without settings of the analysis, and these, nested as in a file of settings."""

    words: list[str]
    settings: dict[str, Any]


def analysis_flags() -> dict[str, Any]:
    """Flag of each setting of the analysis, and its kind."""
    flags = {f"--{name.replace('_', '-')}": kind for name, kind in setting_names().items()}
    return {flag: kind for flag, kind in flags.items() if flag.startswith(HEAD)}


def split_settings(arguments: Sequence[str]) -> Split:
    """Take the settings of the analysis, each with its value, out of a command line; `UserError` for unknown ones."""
    flags, command_flags = analysis_flags(), arities(Analyze)
    words: list[str] = []
    settings: dict[str, Any] = {}
    remaining = present_words(arguments)
    while remaining:
        word = remaining.pop(0)
        flag, equals, value = word.partition("=")
        flag = flag.replace("_", "-")
        if not word.startswith(HEAD):
            if word.startswith("--") and flag not in command_flags:
                raise unknown_setting(flag, flag, [*command_flags, *flags])
            words.append(word)
            continue
        if flag not in flags:
            raise unknown_setting(flag, flag, list(flags))
        if not equals:
            if not remaining or remaining[0].startswith("--"):
                raise UserError(f"{flag} needs a value; `sicgrid train --help-all` explains it")
            value = remaining.pop(0)
        name = flag.removeprefix("--").replace("-", "_")
        put_setting(settings, name, parse_yaml(value, flag))
    return Split(words, settings)
