"""What a finding is: one question about a code, and in one file all that answering it takes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from .._repr import brief
from ._part import Part
from ._results import RunResults
from ._rule import Rule
from ._verdict import Claim
from ._wording import number


@brief
class Drawing(NamedTuple):
    """A figure before it is drawn: ``label`` for those who cannot see it, ``caption`` below it."""

    name: str
    draw: Callable[[], Any]
    """Makes the matplotlib Figure. It imports the room of the figures: who only computes does without matplotlib."""
    label: str
    caption: str


class View(NamedTuple):
    """What is said and drawn of one result; where it holds nothing, its reason is shown instead."""

    result: str
    say: Callable[[xr.Dataset], str] | None = None
    """What was measured, in a sentence or two; empty where the result does not hold it."""
    draw: Callable[[RunResults], Iterable[Drawing]] | None = None
    also: tuple[str, ...] = ()
    """Other results that the figures need."""


@brief
class Fact(NamedTuple):
    """A headline number: ``value`` as printed, ``note`` says against what it is to be read."""

    name: str
    value: str
    note: str


@brief
class Table(NamedTuple):
    """A table on the page. The first cell of a row names it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@brief
class Details(NamedTuple):
    """Names and values that the page shows when they are asked for."""

    title: str
    entries: Mapping[str, Any]


@brief
class Cloud(NamedTuple):
    """Points in three dimensions that the page lets a reader turn."""

    name: str
    points: np.ndarray
    """(point, 3)"""
    phases: np.ndarray
    """(point, wave) radians; each colors the points"""


@brief
class Record(NamedTuple):
    """What metrics are read from: the files of an analyzed run."""

    summary: Mapping[str, Any]
    """summary.json; empty where there is none yet."""
    units: Mapping[str, np.ndarray]
    """units.csv, column by column; empty where there is none."""
    evaluation: Mapping[str, Any] = {}
    """evaluation.json, which a comparison reads; empty for others and where there is none."""

    def has(self, part: str) -> bool:
        """Whether this part of the analysis has been computed."""
        return part in (self.summary.get("parts") or {})

    def part(self, name: str) -> Mapping[str, Any]:
        """What the summary holds of a part of the analysis; empty where it has not been computed."""
        return (self.summary.get("parts") or {}).get(name) or {}


class Column(NamedTuple):
    """Where the table of all runs on a sweep's page has a metric: before those that have no such place."""

    place: int
    head: str
    always: bool = False
    """Also where no run has a value."""


class Measure(NamedTuple):
    """How a sweep's page gives the medians of a metric over seeds."""

    place: int
    label: str
    title: str
    digits: int = 2
    drawn: bool = False
    """Whether every seed is drawn."""
    mapped: int = 0
    """Place among the maps over two settings, from 1; 0 for none."""


@brief
class Metric(NamedTuple):
    """A number of a run, as a column of a sweep's table."""

    name: str
    description: str
    unit: str
    """Empty for a pure number."""
    place: int
    """Among the columns, from the left."""
    read: Callable[[Record], Any]
    """The value; None where the run does not have it."""
    part: str = ""
    """Part of the analysis that it needs beside the units."""
    aim: bool = True
    """Whether it is a number that a search could aim at."""
    kind: type = float
    """Of its values: float, str, or list for one of floats."""
    percent: bool = False
    """Whether pages write it in percent."""
    listed: bool = True
    """Whether the table of all runs on a sweep's page has it: others may tell as much."""
    column: Column | None = None
    """Its place there; without one it follows under its description."""
    measure: Measure | None = None
    """None where no medians of it are shown."""


class CardRow(NamedTuple):
    """A row of a network's card, from what the card keeps of the summary."""

    place: int
    """Among the rows, from the top."""
    row: Callable[[Mapping[str, Any]], tuple[str, str]]
    """What it is, and its value."""
    head: str = ""
    """Of its column in the list of networks; empty for a row that the list leaves out."""
    cell: Callable[[Mapping[str, Any]], str] | None = None
    """Its value in that list."""


class ResultLine(NamedTuple):
    """A line of the few that a command ends with; the summary that it is read from may be of an earlier version."""

    place: int
    """Among the lines, from the top."""
    line: Callable[[Record], tuple[str, str] | None]
    """What it is, and its value; None where the summary does not have it."""


@brief
class ComparedNumber(NamedTuple):
    """A number of a run beside the same of others: on the page of several systems and in its table."""

    name: str
    """In the table."""
    place: int
    """Among the columns, from the left."""
    read: Callable[[Record], Any]
    """The value; None where the run does not have it."""
    part: str = ""
    """Part of the analysis that it needs beside the units."""
    head: str = ""
    """Of its column on the page; empty for a number of the table alone, which others may be told with."""
    about: str = ""
    """How to read it."""
    text: Callable[[Any, Mapping[str, Any]], str] = lambda value, numbers: number(value)
    """Its value as the page has it, a note to it after ``|``. ``numbers`` holds all those of the row by name, the
    ``kind`` of the run and under `REASONS` why parts have no result."""


REASONS = "reasons"
"""Beside the compared numbers: part -> why it has no result, None where it has one; absent if not computed."""


@brief
@dataclass(frozen=True)
class Finding:
    """One question about a code. Page, summary, cards, tables and help are loops over all findings."""

    name: str
    short: str
    """In the page's contents."""
    question: str
    lead: str
    """How to read the answer."""
    place: int
    """On the page, from the top."""
    lead_elsewhere: str = ""
    """The same for activity that no network trained here has made, where that reads otherwise."""
    anchor: str = ""
    """Name of its section in links to the page; the finding's own if empty."""
    parts: tuple[Part, ...] = ()
    """What it computes; other findings may read it."""
    claims: tuple[Claim, ...] = ()
    """Of the paper: judged from the results, shown under its section."""
    rules: tuple[Rule, ...] = ()
    """For claims that take a sweep to judge; shown on the page of the sweep."""
    views: tuple[View, ...] = ()
    draw: Callable[[RunResults], Iterable[Drawing]] | None = None
    """Figures that need no result beside the units; they come before those of the views."""
    say: Callable[[RunResults], str] | None = None
    """Sentences that need no result beside the units. ``**bold**`` is bold, a line break begins a paragraph."""
    facts: Callable[[RunResults], Iterable[Fact]] | None = None
    """Its numbers at the top of the page."""
    sweep_facts: Callable[[Sequence[Mapping[str, Any]], str], Iterable[Fact]] | None = None
    """Its numbers at the top of a sweep's page, from the rows of finished runs and a word for which runs these are."""
    tables: Callable[[RunResults], Iterable[Table]] | None = None
    details: Callable[[RunResults], Iterable[Details]] | None = None
    clouds: Callable[[RunResults], Iterable[Cloud]] | None = None
    advanced: bool = False
    """Whether the page shows it folded, to be opened by whoever asks that far."""
    gallery: bool = False
    """Whether its section holds the cards of all units."""
    metrics: tuple[Metric, ...] = ()
    keep: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """What a card keeps of a run's summary."""
    card: tuple[CardRow, ...] = ()
    lines: tuple[ResultLine, ...] = ()
    compared: tuple[ComparedNumber, ...] = ()

    @property
    def id(self) -> str:
        """Of its section."""
        return self.anchor or self.name

    @property
    def on_page(self) -> bool:
        """Whether it shows anything of a single run."""
        return bool(self.views or self.draw or self.say or self.gallery)
