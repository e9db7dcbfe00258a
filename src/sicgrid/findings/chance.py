"""Is it more than chance? Grid scores against each unit's own null."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ._finding import (
    CardRow,
    Column,
    ComparedNumber,
    Details,
    Drawing,
    Fact,
    Finding,
    Measure,
    Metric,
    Record,
    ResultLine,
)
from ._headline import GridCells, grid_cells, share_beyond
from ._results import RunResults
from ._wording import card_number, card_percent, number, p_text, percent

# What a scorer is called after, where its name first stands.
_SCORERS = {
    "langston": " (after Langston et al. 2010)",
    "sargolini": " (after Sargolini et al. 2006)",
    "banino": " (after Banino et al. 2018)",
}


def _facts(results: RunResults) -> Iterator[Fact]:
    cells = grid_cells(results.units, results.config.analysis.shuffles)
    beyond = "" if cells.beyond_chance or not cells.active else f"; no more than by chance ({p_text(cells.p_value)})"
    yield Fact(
        "Grid cells",
        percent(cells.beating / cells.active if cells.active else None),
        f"of active units beat the 99th percentile {_nulls(cells)}, scores of the same unit shuffled; by chance at "
        f"most {percent(cells.share_by_chance)}{beyond}",
    )
    yield Fact(
        "Median grid score",
        number(results.summary.get("grid_score_median")),
        f"over active units; 0 and less for squares and stripes. Scorer {results.scorer}"
        f"{_SCORERS.get(results.scorer, '')}; other scorers’ numbers cannot be compared",
    )


def _nulls(cells: GridCells) -> str:
    return "of both their nulls" if cells.nulls == 2 else "of their own null"


def _say(results: RunResults) -> str:
    shuffles = results.config.analysis.shuffles
    cells = grid_cells(results.units, shuffles)
    if not cells.active:
        return "No unit is active, so nothing can be tested."
    text = (
        f"**{cells.beating} of {cells.active}** active units are above the 99th percentile {_nulls(cells)}; with "
        f"{shuffles} shuffles each, chance alone would give at most about "
        f"{number(cells.share_by_chance * cells.active, 1)} (binomial {p_text(cells.p_value)})."
    )
    first = int((np.asarray(results.units["is_grid"], dtype=bool) & results.active).sum())
    return text if cells.nulls == 1 else (
        f"{text} {first} are above the first, which shifts activity in time; the second moves the fields of the map "
        "about and so keeps the map smooth."
    )  # fmt: skip


def _draw(results: RunResults) -> Iterator[Drawing]:
    from .. import figures

    active = results.active
    score, null, above = (np.asarray(results.units[name])[active] for name in ("grid_score", "null_p99", "is_grid"))
    scorer = results.scorer
    yield Drawing(
        "scores",
        lambda: figures.score_histogram(score, null, scorer=scorer),
        "Histogram of grid scores and of chance levels",
        "Grid scores of the active units over the 99th percentiles of their nulls (outline; dashed: the median).",
    )
    yield Drawing(
        "against-null",
        lambda: figures.score_against_null(score, null, above=above.astype(bool), scorer=scorer),
        "Grid score of each active unit against the 99th percentile of its own null",
        "Each unit against its own chance level of shifts in time: those above the dashed line beat the first null.",
    )


def _details(results: RunResults) -> Iterator[Details]:
    if parameters := results.summary.get("scorer_parameters"):
        yield Details(f"The {results.scorer} scorer", parameters)


def _sweep_facts(rows: Sequence[Mapping[str, Any]], whose: str) -> Iterator[Fact]:
    shares = [row["fraction_beats_both"] for row in rows if row["fraction_beats_both"] is not None]
    text = f"{100 * statistics.median(shares):.0f} %" if shares else "–"
    yield Fact("Grid cells", text, f"of active units, beyond both nulls; median {whose}")


def _of_summary(name: str, description: str, place: int, **layout: Any) -> Metric:
    def read(record: Record) -> Any:
        return record.summary.get(name)

    return Metric(name, description, unit="", place=place, read=read, **layout)


def _beyond_both(record: Record) -> float | None:
    """Share of grid cells; counted from the table of units for a summary of an earlier version."""
    if "fraction_beats_both" in record.summary or not record.units:
        return record.summary.get("fraction_beats_both")
    return share_beyond(record.units)


def _card_numbers(summary: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "grid_units", "grid_score_median", "fraction_grid", "fraction_beats_field_shuffle", "fraction_beats_both",
        "scorer",
    )  # fmt: skip
    return {name: summary.get(name) for name in names}


def _line(record: Record) -> tuple[str, str]:
    summary = record.summary
    if "fraction_beats_both" in summary:
        return "grid cells, beyond both nulls", card_percent(summary["fraction_beats_both"])
    return "grid cells by the shift null alone", card_percent(summary["fraction_grid"])  # of an earlier version


def _line_of_score(record: Record) -> tuple[str, str]:
    summary = record.summary
    return f"median grid score ({summary.get('scorer', '')})", card_number(summary["grid_score_median"])


FINDING = Finding(
    name="chance",
    short="Chance",
    question="Is it more than chance?",
    lead="A unit counts as a grid cell when its score exceeds the 99th percentile of two nulls of its own: scores "
    "after its activity has been shifted in time against the path, which keeps the activity and breaks its tie to the "
    "place, and scores after the fields of its map have been moved about, which breaks the lattice and keeps the "
    "fields.",
    place=200,
    facts=_facts,
    say=_say,
    draw=_draw,
    details=_details,
    sweep_facts=_sweep_facts,
    metrics=(
        _of_summary(
            "fraction_beats_both",
            "Share of grid cells, units beyond both nulls, among the active units",
            100,
            percent=True,
            column=Column(place=100, head="grid cells", always=True),
            measure=Measure(place=100, label="grid cells", title="Grid cells, of active units", drawn=True, mapped=4),
        ),
        _of_summary(
            "fraction_grid",
            "Share of the active units above shifts in time",
            105,
            percent=True,
            column=Column(place=105, head="above shifts"),
            measure=Measure(
                place=105, label="above shifts in time", title="Units above shifts in time, of active units"
            ),
        ),
        _of_summary("grid_units", "Units above shifts in time", 120, listed=False),
        _of_summary(
            "grid_score_median",
            "Median grid score of the active units",
            130,
            column=Column(place=210, head="median score"),
        ),
        _of_summary(
            "fraction_beats_field_shuffle", "Share of active units above the field-shuffle null", 140, listed=False
        ),
    ),
    keep=_card_numbers,
    card=(
        CardRow(
            place=200,
            row=lambda kept: ("grid cells, of active units", card_percent(kept.get("fraction_beats_both"))),
            head="grid cells",
            cell=lambda kept: card_percent(kept.get("fraction_beats_both")),
        ),
        CardRow(
            place=210,
            row=lambda kept: (f"median grid score ({kept['scorer']})", card_number(kept["grid_score_median"])),
        ),
    ),
    lines=(ResultLine(place=200, line=_line_of_score), ResultLine(place=210, line=_line)),
    compared=(
        ComparedNumber(
            "grid_cells",
            place=100,
            read=_beyond_both,
            head="grid cells",
            about="Of the active units those whose grid score exceeds the 99th percentile of both their nulls, shifts "
            "in time and shuffled fields. By chance 2 % at most do with 100 shuffles, 3 % with 50.",
            text=lambda value, numbers: percent(value),
        ),
    ),
)
