"""What the reader of each format hands over, before and after the checks: arrays, and the units' distinct names."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from ..._repr import brief
from .._errors import UserError

MISSING = {"", "nan", "na", "n/a", "null", "none"}
"""Cells, in lower case, that hold nothing."""

GROUP_COLUMNS = ("electrode_group", "group", "group_name", "probe", "shank", "tetrode", "electrodes", "device")
"""Columns of a table that can tell apart units of one name: each group may count its cells from 0."""

BLOCK = 2**22  # numbers worked on at once, so that checks need no second copy of a large array
LARGEST_TABLE = 2**24  # a table from number to unit, where numbers span no more than this; else they are sorted


@brief
@dataclass
class StoredRecording:
    """Arrays as a file has them, None where it has none.

    ``labels`` are the units' names; ``spike_units`` are indices into them, which then are distinct. ``activity_times``
    are there if the activity has a clock of its own. ``notes`` say what the reader decided. ``ours``: `export_nwb`
    wrote it, so that its activity may have any sign, and a step lasts what the user has said.
    """

    positions: Shaped[np.ndarray, "..."] | None = None
    times: Shaped[np.ndarray, "..."] | None = None
    activity: Shaped[np.ndarray, "..."] | None = None
    activity_times: Shaped[np.ndarray, "..."] | None = None
    spike_times: Shaped[np.ndarray, "..."] | None = None
    spike_units: Int[np.ndarray, " spikes"] | None = None
    labels: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    ours: bool = False


@brief
class ExternalPath(NamedTuple):
    """Where an animal was: meters, seconds (None if the file has none), the file's identity, what was left out."""

    positions: Float[np.ndarray, "time 2"]
    times: Float[np.ndarray, " time"] | None
    files: list[dict[str, str]]
    notes: list[str]
    ours: bool = False


@brief
class ExternalRecording(NamedTuple):
    """A recording with either ``activity`` or spikes; ``spike_units`` are indices into ``labels``, the units' names.

    ``positions`` and ``times`` are those of the path's samples, or of the activity's frames where it has a clock of its
    own. Labels are text as the file has it, each one once. ``files`` are the names (without folders) and SHA-256 of the
    files read, ``notes`` what was decided, changed or left out on the way. ``ours``: `export_nwb` wrote it.
    """

    positions: Float[np.ndarray, "time 2"]
    times: Float[np.ndarray, " time"] | None
    activity: Float[np.ndarray, "time units"] | None
    spike_times: Float[np.ndarray, " spikes"] | None
    spike_units: Int[np.ndarray, " spikes"] | None
    labels: list[str]
    files: list[dict[str, str]]
    notes: list[str]
    ours: bool = False


def unit_names(values: Shaped[np.ndarray, "..."], name: str, path: Path) -> list[str]:
    """The text of each unit's name or number.

    White space around a name is dropped and nothing else is changed: '01' and '1' are two units, and so are '1_12' and
    '11_2', which Python's int() reads as one number. Whole numbers stored as floats are names as long as floats of
    that type tell all whole numbers apart.

    Raises
    ------
    UserError
        If a name is empty or not a number (NaN), or the array holds something else than whole numbers or text.

    """
    kind = values.dtype.kind
    if values.ndim != 1:
        raise UserError(f"{path}: {name} must be a list, got the shape {values.shape}")
    if kind == "f":
        exact = 2.0 ** (np.finfo(values.dtype).nmant + 1)
        whole = np.isfinite(values) & (values == np.trunc(values)) & (np.abs(values) < exact)
        if not whole.all():
            raise UserError(
                f"{path}: {name} must be whole numbers or names, found {values[~whole][0]} (numbers of type "
                f"{values.dtype}); save the units as integers or text"
            )
        return [str(int(value)) for value in values]
    if kind in "iu":
        return [str(value) for value in values.tolist()]
    if kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            raise UserError(f"{path}: {name} holds bytes that are not UTF-8; save the names as text") from None
    elif kind != "U":
        raise UserError(f"{path}: {name} must be whole numbers or names, found an array of type {values.dtype}")
    names = [text.strip() for text in values.tolist()]
    nameless = [text for text in names if text.lower() in MISSING]
    if nameless:
        raise UserError(f"{path}: {name} holds {nameless[0]!r}, which names no unit")
    return names


MOST_GAPS = 20  # numbers between those of units that a note lists


def missing_numbers(labels: list[str]) -> list[str]:
    """A note on numbers that are missing between those of the units: a silent one leaves no trace among spikes."""
    if not labels or not all(label.isdecimal() for label in labels):
        return []
    numbers = {int(label) for label in labels}
    gaps = sorted(set(range(min(numbers), max(numbers))) - numbers) if max(numbers) - min(numbers) < 10**5 else []
    if not 0 < len(gaps) <= min(MOST_GAPS, len(numbers)):  # else they number something else
        return []
    names = ", ".join(map(str, gaps))
    return [
        f"no spike of unit{'s' * (len(gaps) > 1)} {names}, which {'are' if len(gaps) > 1 else 'is'} left out: rows are "
        "those of the units that have spikes, by name; an npz keeps silent ones if it lists all in `units`"
    ]


def index_spikes(
    of_spike: Shaped[np.ndarray, " spikes"], units: Shaped[np.ndarray, "..."] | None, path: Path
) -> tuple[Int[np.ndarray, " spikes"], list[str]]:
    """Index into the labels of each spike's unit, and the labels: ``units`` as listed, or sorted names that occur.

    Raises
    ------
    UserError
        If a spike's unit is not listed in ``units``, ``units`` lists a name twice, or names differ in white space only.

    """
    values, index = _distinct(of_spike)
    names = unit_names(values, "spike_units", path)
    if alike := [name for name, count in Counter(names).items() if count > 1]:
        raise UserError(
            f"{path}: spike_units has names that differ in white space only, as {alike[0]!r}; are they one unit? Give "
            "each unit one name"
        )
    labels = sorted(names, key=natural_order) if units is None else unit_names(units, "units", path)
    repeated = [name for name, count in Counter(labels).items() if count > 1]
    if repeated:
        raise UserError(
            f"{path}: units lists {repeated[:5]} more than once, so a spike of that name has no definite unit; give "
            "each unit its own name"
        )
    places = {label: place for place, label in enumerate(labels)}
    unlisted = [name for name in names if name not in places]
    if unlisted:
        raise UserError(f"{path}: spike_units names {unlisted[:5]} ({len(unlisted)} in all), which units does not")
    place = np.array([places[name] for name in names], dtype=np.int64)
    for block in blocks(len(index), 1):
        index[block] = place[index[block]]
    return index, labels


def natural_order(name: str) -> tuple[Any, ...]:
    """Key that sorts 9 before 10 and T2 before T10; whole numbers come before other names."""
    if re.fullmatch(r"-?[0-9]{1,18}", name):
        return (0, int(name), name)
    parts = re.split(r"([0-9]+)", name)
    digits = [part.lstrip("0") for part in parts[1::2]]
    numbers = [(len(part), part) for part in digits]  # as numbers compare, however long they are
    return (1, [item for pair in zip(parts[::2], [*numbers, (0, "")], strict=True) for item in pair], name)


def distinct_labels(names: list[str], place: str) -> tuple[list[str], int]:
    """Names that occur more than once with their place ("3 (row 7)"); how many units share their name."""
    counts = Counter(names)
    shared = sum(counts[name] > 1 for name in names)
    labels = [f"{name} ({place} {at})" if counts[name] > 1 else name for at, name in enumerate(names)]
    if len(set(labels)) < len(labels):  # a name that looks as if it had a place
        labels = [f"{name} ({place} {at})" for at, name in enumerate(names)]
    return labels, shared


def group_word(value: Any, column: str) -> str:
    """What a cell of a column says, in words: its text, or the column's name with a number ("probe0")."""
    if isinstance(value, int | float | np.number):
        return f"{column}{value:g}"
    text = str(value).strip()
    return f"{column}{text}" if re.fullmatch(r"-?[0-9]+", text) else text


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices of rows that hold about `BLOCK` numbers each."""
    step = max(1, BLOCK // max(1, columns))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def _distinct(values: Shaped[np.ndarray, " spikes"]) -> tuple[Shaped[np.ndarray, " units"], Int[np.ndarray, " spikes"]]:
    """The values that occur, and the index into them of each; by a table where they are small whole numbers."""
    lowest = int(values.min()) if values.dtype.kind in "iu" and len(values) else 0
    if values.dtype.kind not in "iu" or not len(values) or int(values.max()) - lowest >= LARGEST_TABLE:
        distinct, index = np.unique(values, return_inverse=True)
        return distinct, index.astype(np.int64, copy=False)
    occurs = np.zeros(int(values.max()) - lowest + 1, dtype=bool)
    index = np.empty(len(values), dtype=np.int64)
    for block in blocks(len(values), 1):
        # The difference is taken in a type that holds it: int8 from -128 to 127 does not hold 255.
        shifted = (
            values[block].astype(np.int64) - lowest if values.dtype != np.uint64 else values[block] - np.uint64(lowest)
        )
        index[block] = shifted
        occurs[index[block]] = True
    rank = np.cumsum(occurs) - 1
    for block in blocks(len(values), 1):
        index[block] = rank[index[block]]
    return np.array([int(value) + lowest for value in np.flatnonzero(occurs)], dtype=values.dtype), index
