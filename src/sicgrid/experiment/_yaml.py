"""YAML of settings and plans: one strict reader and one writer, both of YAML 1.2.

ruamel.yaml takes the text apart. What its pieces mean is decided here, by the core schema of YAML 1.2.2 (section
10.3.2) and nothing else: ``on``, ``yes`` and ``2026-11-24`` are text, ``1e-3`` is a number, and a name is the text that
stands there, be it ``007``, ``1e3`` or ``no``.
"""

import copy
import io
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from ..storage import UserError

LARGEST = 2**20  # characters of a file
MOST_VALUES = 50_000  # with every alias written out
DEEPEST = 40

_WORDS = {word: value for text, value in (("null", None), ("true", True), ("false", False))
          for word in (text, text.capitalize(), text.upper())} | {"": None, "~": None}  # fmt: skip
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_YAML_1_1 = re.compile(r"y|n|yes|no|on|off|=|<<", re.IGNORECASE)  # no text to readers of the older YAML


class _Fault(Exception):
    def __init__(self, event: Event, text: str) -> None:
        super().__init__(_one_line(text))
        self.line = event.start_mark.line + 1


def parse_yaml(content: str | bytes, source: str) -> Any:
    """What one YAML document holds: dicts with text as names, lists, text, numbers, booleans and None.

    Raises
    ------
    UserError
        In one line with ``source`` and the line's number: for a name given twice in one place, a name that is no text,
        tags, merge keys, a second document, another version of YAML, numbers that no float holds, bytes that are not
        UTF-8, text that is no YAML, and more than a file of settings can need (1 MiB, 50,000 values, 40 levels).

    """
    try:
        text = (content if isinstance(content, str) else content.decode("utf-8")).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UserError(f"{source}: not a text file (its bytes are not UTF-8)") from None
    if len(text) > LARGEST:
        raise UserError(f"{source}: more than {LARGEST:,} characters; settings and plans are smaller")
    try:
        return _Document(text).value
    except _Fault as fault:
        raise UserError(f"{source}, line {fault.line}: {fault}") from None
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = "" if mark is None else f", line {mark.line + 1}"
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        raise UserError(f"{source}{line}: not valid YAML ({_one_line(str(why))})") from None
    except (ValueError, OverflowError):  # ruamel.yaml makes letters of all escapes
        raise UserError(f"{source}: not valid YAML (an escape that is no letter)") from None


def yaml_text(value: Mapping[str, Any]) -> str:
    """Nested dicts and lists of text, numbers, booleans and None as YAML; `parse_yaml` reads the same back.

    Text that the YAML 1.1 of other readers takes for something else is quoted, and floats have their point.
    """
    writer = YAML(typ="safe", pure=True)
    writer.Representer = _Representer
    writer.default_flow_style = False
    writer.width = LARGEST  # one line each, however long
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    writer.dump(value, stream)
    return stream.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Document:
    """The value of the one document in a text."""

    def __init__(self, text: str) -> None:
        self._anchors: dict[str, tuple[Any, int]] = {}  # with how many values each holds
        self._count = 0
        self._events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
        self.value: Any = None
        for number, event in enumerate(self._documents()):
            if number:
                raise _Fault(event, "a second document begins; give one only")
            if event.version not in (None, (1, 2)):
                raise _Fault(event, "another version of YAML than 1.2 is asked for")
            self.value = self._value(next(self._events), "", 0)

    def _documents(self) -> Iterator[DocumentStartEvent]:
        return (event for event in self._events if isinstance(event, DocumentStartEvent))

    def _value(self, event: Event, place: str, depth: int) -> Any:
        self._count += 1
        before = self._count
        if depth > DEEPEST:
            raise _Fault(event, f"more than {DEEPEST} levels")
        if isinstance(event, AliasEvent):
            value, size = self._anchors.get(event.anchor, (None, 0))
            if not size:
                raise _Fault(event, f"*{event.anchor} stands for nothing that ended before it")
            self._count += size
        elif getattr(event, "ctag", None) is not None:
            raise _Fault(event, "tags are not taken; put text in quotes and write numbers bare")
        elif isinstance(event, ScalarEvent):
            value = _text(event) if event.style else _scalar(event)
        elif isinstance(event, SequenceStartEvent):
            value = [
                self._value(item, f"{place}[{k}]", depth + 1) for k, item in enumerate(self._items(SequenceEndEvent))
            ]
        else:
            assert isinstance(event, MappingStartEvent)
            value = self._mapping(place, depth)
        if self._count > MOST_VALUES:
            raise _Fault(event, f"more than {MOST_VALUES:,} values")
        if isinstance(event, AliasEvent):
            return copy.deepcopy(value)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._count - before + 1)
        return value

    def _items(self, end: type[Event]) -> Iterator[Event]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _mapping(self, place: str, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for event in self._items(MappingEndEvent):
            if not isinstance(event, ScalarEvent) or event.ctag is not None or event.anchor is not None:
                raise _Fault(event, f"a name{f' in {place}' if place else ''} must be text, with nothing before it")
            name = _text(event)
            if name == "<<" and not event.style:
                raise _Fault(event, "merge keys (<<) are not of YAML 1.2; write out what they would bring")
            whole = f"{place}.{name}" if place else name
            if name in mapping:
                raise _Fault(event, f"{whole} is given twice, first in line {lines[name]}; keep one of them")
            lines[name] = event.start_mark.line + 1
            mapping[name] = self._value(next(self._events), whole, depth + 1)
        return mapping


def _text(event: ScalarEvent) -> str:
    text = str(event.value)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _Fault(event, "half a surrogate pair is no letter")
    return text


def _scalar(event: ScalarEvent) -> Any:
    """What a scalar without quotes means."""
    value = _meaning(_text(event))
    if value is _TOO_LARGE:
        raise _Fault(event, "a number that no float holds")
    return value


_LONGEST_NUMBER = 250  # letters: even in hexadecimal no more than a float holds
_TOO_LARGE = object()


def _meaning(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if match := _NO_NUMBER.fullmatch(text):
        return math.nan if match[1] is None else float(f"{match[1]}inf")
    if _FLOAT.fullmatch(text) is None and _INT.fullmatch(text) is None:
        return text
    if len(text) > _LONGEST_NUMBER:
        return _TOO_LARGE
    if _INT.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    return _TOO_LARGE if math.isinf(float(text)) else float(text)


class _Representer(SafeRepresenter):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> ScalarNode:
        plain = _meaning(data) is data and not _YAML_1_1.fullmatch(data)
        style = ('"' if not data.isprintable() else None) if plain else "'"
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)

    def number(self, data: float) -> ScalarNode:
        if not math.isfinite(data):
            return self.represent_float(data)
        text = repr(data)
        # 1e-05 is text to readers of YAML 1.1, 1.0e-05 a number to all.
        return self.represent_scalar("tag:yaml.org,2002:float", text if "." in text else text.replace("e", ".0e"))


_Representer.add_representer(str, _Representer.text)
_Representer.add_representer(float, _Representer.number)
