"""The first line of a command: what it will do and where, printed before PyTorch and the settings are loaded.

Both take many seconds to load. So this looks at the words alone, and says nothing where they leave it open; errors are
reported later, by `_parse`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..experiment import DEFAULT_PRESET, preset_names

SWITCHES = {"--resume", "--open", "--rectify"}  # flags that take no word
WHOLE_JOB = "training, walking, analysis and page"
_NUMBER = re.compile(r"[\d.,eE+-]+")
_OF_WORDS = ("--only",)  # flags that take all words that follow


class Announcement(NamedTuple):
    """A line, empty if there is nothing to say; ``full`` if it names a new run with its preset and seed."""

    line: str = ""
    full: bool = False


def announcement(command: str, arguments: Sequence[str]) -> Announcement:
    """What a command will do, by its words."""
    positional, flags = _sorted(arguments)
    if len(positional) > 1:
        return Announcement()
    if command in ("reproduce", "train"):
        if any(value in preset_names() for flag, value in flags.items() if flag != "--out"):
            return Announcement()  # perhaps the preset, after a setting that takes no word
        return _training(command, positional[0] if positional else DEFAULT_PRESET, flags)
    name, out, recording = flags.get("--pretrained"), flags.get("--out"), flags.get("--recording")
    if positional:
        stage = {"evaluate": "walking", "analyze": "analysis", "report": "page", "explore": "live page"}.get(command)
        return Announcement(f"{stage} of {positional[0]}" if stage else "")
    if command == "report" and name:
        return Announcement(f"{name}: walking, analysis and page into {out or Path('runs', f'pretrained-{name}')}")
    if command == "explore" and name:
        return Announcement(f"live page of {name}")
    if command == "analyze" and recording and out:
        return Announcement(f"analysis of {recording} into {out}")
    return Announcement()


def _training(command: str, preset: str, flags: dict[str, str]) -> Announcement:
    job = WHOLE_JOB if command == "reproduce" else "training"
    out = flags.get("--out") or (str(Path("runs", preset)) if command == "reproduce" else "")
    if preset not in preset_names() or not out:
        return Announcement()
    if "--resume" in flags:
        return Announcement(f"resuming {out}: {job}")
    if "--config" in flags:
        # Its preset, and with it the folder, stands in the file.
        return Announcement(f"settings of {flags['--config']}: {job}" + (f" into {out}" if "--out" in flags else ""))
    if "--seeds" in flags:
        return Announcement(f"{preset}, seeds {flags['--seeds']}: {job} into {out}")
    return Announcement(f"{preset}, seed {flags.get('--seed', 0)}: {job} into {out}", full=True)


def _sorted(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Positional words, and flags with their words: a flag takes one and all numbers that follow, some all words."""
    positional: list[str] = []
    flags: dict[str, str] = {}
    remaining = list(arguments)
    while remaining:
        word = remaining.pop(0)
        if not word.startswith("-"):
            positional.append(word)
            continue
        flag, equals, value = word.partition("=")
        values = [value] if equals else []
        if (
            not equals
            and flag not in SWITCHES
            and not flag.startswith("--no-")
            and remaining
            and remaining[0][:2] != "--"
        ):
            values.append(remaining.pop(0))
            while remaining and (_NUMBER.fullmatch(remaining[0]) or (flag in _OF_WORDS and remaining[0][:1] != "-")):
                values.append(remaining.pop(0))
        flags[flag.replace("_", "-")] = " ".join(values)
    return positional, flags
