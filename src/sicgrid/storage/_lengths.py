"""Lengths as names: of files, of entries in JSON, of what a command is given."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np

Entry = TypeVar("Entry")


def length_name(length: float) -> str:
    """The shortest decimal, never with an exponent, that ``float`` turns back into exactly this length.

    2.0 is "2", 0.5 is "0.5", 0.1 + 0.2 is "0.30000000000000004". A float32 is named as the double of its value.
    """
    return np.format_float_positional(float(length), trim="-")


def old_length_name(length: float) -> str:
    """The name that version 0.1 gave a length, of six digits: several lengths may share it."""
    return f"{length:g}"


def by_length_name(entries: Mapping[str, Entry], lengths: Iterable[float]) -> dict[str, Entry]:
    """Entries by `length_name`; those that version 0.1 named are put under the one of ``lengths`` that they mean."""
    names = {length_name(length): old_length_name(length) for length in lengths}
    renamed = {old: name for name, old in names.items() if old not in names and name not in entries}
    return {renamed.get(name, name): entry for name, entry in entries.items()}
