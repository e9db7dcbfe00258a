"""The formats of recordings that can be read: each is one file `_format_NAME.py` here, which registers itself."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ._arrays import StoredRecording


class Request(NamedTuple):
    """What to read: the file, a second one of spikes or activities, which series, and whether the path will do."""

    path: Path
    second: Path | None = None
    series: str | None = None
    activity_series: str | None = None
    path_only: bool = False


@dataclass(frozen=True)
class Format:
    """A format of recordings, by the ending of its files."""

    ending: str
    read: Callable[[Request], StoredRecording]
    about: str
    """What such a file holds, in a few words, for the help."""
    second_file: bool = False
    """Whether spikes or activities may be in a second file of the same format."""
    series: bool = False
    """Whether a file may hold several series to choose from."""


_REGISTERED: dict[str, Format] = {}

Reader = Callable[[Request], StoredRecording]


def recording_format(
    ending: str, about: str, *, second_file: bool = False, series: bool = False
) -> Callable[[Reader], Reader]:
    """Register the decorated reader for files that end so.

    A reader is given a `Request` and returns the file's arrays as a `StoredRecording`; it raises `UserError` for a file
    that it cannot read, before it takes memory that is not there.
    """

    def register(read: Reader) -> Reader:
        _REGISTERED[ending] = Format(ending, read, about, second_file, series)
        return read

    return register


def formats() -> Mapping[str, Format]:
    """All formats by ending, in alphabetical order."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("_format_"):
            importlib.import_module(f"{package}.{module.name}")
    return dict(sorted(_REGISTERED.items()))
