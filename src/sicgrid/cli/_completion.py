"""The command `completion`: a script by which a shell completes commands, settings, and what these take."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from tyro.conf import Positional

from ..baselines import BASELINES
from ..experiment import preset_names, setting_names
from ..findings import PART_NAMES
from ..pretrained import pretrained_names
from ..storage import UserError
from ..sweeps import plan_names
from ._analysis_settings import analysis_flags
from ._arguments import Analyze, Completion, arguments_of
from ._main import COMMANDS
from ._parse import FLAGS, arities, parse, sort_words

SHELLS = ("bash", "zsh", "fish")


class Completed(NamedTuple):
    """What a command can be followed by."""

    words: list[str]
    """In place of its positional word."""
    flags: list[str]
    values: dict[str, list[str]]
    """Flag -> words that it takes, where they are few."""
    several: set[str]
    """Flags that take more than one word."""


def completion(arguments: Sequence[str]) -> int:
    """Print the script of a shell."""
    words = sort_words(Completion, arguments)
    if not words.help and (not words.positional or words.positional[0] not in SHELLS):
        raise UserError(f"which shell? {', '.join(f'`sicgrid completion {shell}`' for shell in SHELLS)}")
    shell = parse(Completion, arguments).shell
    commands = {name: _completed(arguments_of(name)) for name in COMMANDS}
    print(_fish(commands) if shell == "fish" else _bash(commands, zsh=shell == "zsh"))
    return 0


def _completed(command: type) -> Completed:
    sources: dict[str, Callable[[], Sequence[str]]] = {
        "preset": preset_names, "plan": plan_names, "network": pretrained_names,
        "names": lambda: [*BASELINES, *pretrained_names()], "shell": lambda: SHELLS,
    }  # fmt: skip
    words: list[str] = []
    values: dict[str, list[str]] = {}
    for name, kind in get_type_hints(command, include_extras=True).items():
        if name == "settings":
            values |= {_flag(setting): _choices(of) for setting, of in setting_names().items() if _choices(of)}
        elif Positional in getattr(kind, "__metadata__", ()):
            words = list(sources[name]()) if name in sources else []
        elif name in ("only", "pretrained", "beside"):
            values[_flag(FLAGS.get(name, name))] = list(PART_NAMES) if name == "only" else pretrained_names()
    # They are settings of the run that is analyzed, and no argument of the command's own.
    settings = analysis_flags() if command is Analyze else {}
    values |= {flag: _choices(kind) for flag, kind in settings.items() if _choices(kind)}
    takes_list = {flag for flag, arity in arities(command).items() if arity > 1}
    return Completed(words, sorted([*arities(command), *settings]), values, takes_list)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _choices(kind: Any) -> list[str]:
    return [str(word) for word in get_args(kind)] if get_origin(kind) is Literal else []


def _bash(commands: Mapping[str, Completed], *, zsh: bool) -> str:
    cases = [
        f"        {_after(name, flag, words, completed)}) words={shlex.quote(' '.join(words))} ;;"
        for name, completed in commands.items()
        for flag, words in completed.values.items()
    ]
    cases += [
        f"        {shlex.quote(name + ' ')}*) words={shlex.quote(' '.join((*completed.words, *completed.flags)))} ;;"
        for name, completed in commands.items()
    ]
    lines = [
        "# Completion of sicgrid, made by `sicgrid completion`.",
        *(["autoload -U +X compinit bashcompinit && compinit && bashcompinit"] if zsh else []),
        "_sicgrid() {",
        '    local words="" line',
        '    if [ "$COMP_CWORD" = 1 ]; then',
        f"        words={shlex.quote(' '.join((*commands, '--help', '--version')))}",
        '    else case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in',
        *cases,
        "    esac; fi",
        '    COMPREPLY=(); while IFS= read -r line; do COMPREPLY+=("$line"); done < <(',
        '        compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")',
        "}",
        "complete -o default -F _sicgrid sicgrid",
    ]
    return "\n".join(lines)


def _after(command: str, flag: str, words: Sequence[str], completed: Completed) -> str:
    """What stands before a flag's word: the flag, or a word of it where it takes several."""
    before = [flag, *(words if flag in completed.several else ())]
    return "|".join(shlex.quote(f"{command} {word}") for word in before)


def _fish(commands: Mapping[str, Completed]) -> str:
    lines = [
        "# Completion of sicgrid, made by `sicgrid completion`.",
        "function __sicgrid_last_flag",
        "    set -l flags (string match -- '--*' (commandline -opc))",
        '    test "$flags[-1]" = "$argv[1]"',
        "end",
    ]
    lines += [
        f"complete -c sicgrid -f -n __fish_use_subcommand -a {name} -d {shlex.quote(what)}"
        for name, what in COMMANDS.items()
    ]
    for name, completed in commands.items():
        after = f"complete -c sicgrid -n '__fish_seen_subcommand_from {name}'"
        if completed.words:
            lines.append(f"{after} -a {shlex.quote(' '.join(completed.words))}")
        for flag in completed.flags:
            values = completed.values.get(flag)
            takes = f" -xa {shlex.quote(' '.join(values))}" if values else ""
            lines.append(f"{after} -l {flag.removeprefix('--')}{takes}")
            # To fish an option takes one word: the others are offered after it.
            if values and flag in completed.several:
                condition = f"__fish_seen_subcommand_from {name}; and __sicgrid_last_flag {flag}"
                lines.append(f"complete -c sicgrid -n {shlex.quote(condition)} -a {shlex.quote(' '.join(values))}")
    return "\n".join(lines)
