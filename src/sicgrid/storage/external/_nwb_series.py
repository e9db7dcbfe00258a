"""Series in an NWB file, chosen by their paths in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._errors import UserError


def series_path(item: Any) -> str:
    """Where an object lies in its file: "processing/behavior/epoch_0/SpatialSeries"."""
    names = [item.name]
    while item.parent is not None and item.parent.parent is not None:
        item = item.parent
        names.append(item.name)
    return "/".join([*_top_group(item), *reversed(names)])


def _top_group(item: Any) -> list[str]:
    """Name of the file's top-level group that holds an outermost container, in a list; empty if none does."""
    from pynwb import ProcessingModule

    if isinstance(item, ProcessingModule):
        return ["processing"]
    for group in ("acquisition", "analysis", "scratch"):
        if (getattr(item.parent, group, None) or {}).get(item.name) is item:
            return [group]
    return []


def matching(paths: Sequence[str], choice: str) -> list[int]:
    """Indices of the paths that a choice matches: the whole path, else the end of it, else names within it.

    >>> paths = ["processing/behavior/epoch_0/pos", "processing/behavior/epoch_1/pos"]
    >>> matching(paths, "epoch_1/pos"), matching(paths, "epoch_1"), matching(paths, "pos")
    ([1], [1], [0, 1])
    """
    parts = choice.strip("/").split("/")
    split = [path.split("/") for path in paths]
    rules = (
        lambda names: names == parts,
        lambda names: names[-len(parts) :] == parts,
        lambda names: any(names[index : index + len(parts)] == parts for index in range(len(names))),
    )
    for matches in rules:
        chosen = [index for index, names in enumerate(split) if matches(names)]
        if chosen:
            return chosen
    return []


def shortest_choices(paths: Sequence[str]) -> list[str]:
    """Of each path the shortest end that means it alone, whole names only."""
    short = []
    for index, path in enumerate(paths):
        names = path.split("/")
        ends = ["/".join(names[-length:]) for length in range(1, len(names) + 1)]
        short.append(next((end for end in ends if matching(paths, end) == [index]), path))
    return short


def choose_series(items: Sequence[Any], choice: str | None, what: str, path: Path) -> Any:
    """The one of the series that ``choice`` means, or the only one; ``what`` they are, for the message.

    Raises
    ------
    UserError
        If none or several are meant; the choices that work are listed.

    """
    paths = [series_path(item) for item in items]
    choices = ", ".join(sorted(shortest_choices(paths))) or "none"
    chosen = list(range(len(items))) if choice is None else matching(paths, choice)
    if not chosen:
        named = f" {choice!r}" if choice is not None else ""
        raise UserError(f"{path} has no series of {what}{named}; there are: {choices}")
    if len(chosen) > 1:
        problem = " has several" if choice is None else f": {choice!r} means several"
        choices = ", ".join(sorted(shortest_choices(paths)[index] for index in chosen))
        raise UserError(f"{path}{problem} series of {what}; choose one of: {choices}")
    return items[chosen[0]]
