"""Flags of settings that once had another name: what was typed then means the same."""

from collections.abc import Sequence

from ..experiment import present_name


def present_words(arguments: Sequence[str]) -> list[str]:
    """The words of a command line, the flags of settings by their present names."""
    return [_present(word) if word.startswith("--") else word for word in arguments]


def _present(word: str) -> str:
    flag, equals, value = word.partition("=")
    name = flag.removeprefix("--").replace("-", "_")
    present = present_name(name)
    return word if present == name else f"--{present.replace('_', '-')}{equals}{value}"
