"""From a sweep's results to the text of its page."""

import math
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np

from .._durations import describe_duration
from ..figures import RATE_COLORS, phase_diagram, seeds_by_variant
from ..findings import FINDINGS, LEVEL, METRICS, RULES, Group, Interval, Verdict, confidence, interval, judge_ablations
from ._panels import Panel
from ._pictures import gradient, inline_svg
from ._sweep_pictures import Typical, typical_units
from ._sweep_results import SweepResults
from ._sweep_table import page_link, run_table, value_text
from ._template import render

TYPICAL, TYPICAL_IN_CELL = 8, 4
MOST_GROUPS = 60  # of a search or of a grid over three settings: those are read in the table


class ShownMeasure(NamedTuple):
    """A number of which the page gives medians over seeds."""

    name: str
    label: str
    title: str
    digits: int
    percent: bool
    drawn: bool
    mapped: int

    def text(self, value: float) -> str:
        """The number as printed; a dash where it is undefined."""
        if not math.isfinite(value):
            return "–"
        return f"{100 * value:.0f} %" if self.percent else f"{value:.{self.digits}f}".replace("-", "−")


_MEASURED = [(metric, metric.measure) for metric in METRICS if metric.measure is not None]
MEASURES = tuple(
    ShownMeasure(metric.name, text.label, text.title, text.digits, metric.percent, text.drawn, text.mapped)
    for metric, text in sorted(_MEASURED, key=lambda entry: entry[1].place)
)


class GroupRow(NamedTuple):
    """A variant, or a point, in one row: ``cells`` are median and interval of each measure."""

    name: str
    change: str
    seeds: str
    typical: Typical
    href: str
    cells: list[tuple[str, str]]
    verdicts: list[Verdict]


class DiagramCell(NamedTuple):
    """Units that are typical of a pair of settings."""

    typical: Typical
    href: str
    label: str


def render_sweep_page(results: SweepResults) -> str:
    """The page as one HTML text that refers to nothing outside the sweep's folder, and loads nothing."""
    inlined = {"css": "page.css", "more_css": "sweep.css", "js": "sweep.js"}
    return render("sweep.html.jinja", inlined, sweep_content(results))


def sweep_content(results: SweepResults) -> dict[str, Any]:
    """What the template is filled with."""
    groups = results.groups()
    verdicts = judge_ablations(groups, results.plan.get("variants") or {})
    axes = list(results.plan.get("grid") or {})
    diagram = len(axes) == 2
    rows = [] if diagram else _groups_in_rows(results, groups)
    seeds = [len(group.finished) for group in groups if group.finished]
    table = run_table(results)
    unsuccessful = results.count("diverged") + results.count("failed") + results.count("damaged")
    return {
        "name": results.name,
        "plan": results.plan,
        "kind": results.kind,
        "total": int(results.plan["trials"]),
        "finished": results.count("finished"),
        "ended": unsuccessful,
        "statuses": [(status, results.count(status)) for status in _statuses(results)],
        "facts": _facts(results, groups),
        "rate": gradient(RATE_COLORS),
        "measures": MEASURES,
        "groups": [_group_row(results, group, verdicts) for group in rows],
        "groups_left_out": 0 if diagram else len(groups) - len(rows),
        "panels": _panels(results, rows),
        "verdicts": verdicts,
        "rules": RULES,
        "axes": axes,
        "maps": _maps(results, groups) if diagram else [],
        "diagram": _thumbnails(results, groups) if diagram else {},
        "fewest": min(seeds, default=0),
        "level": f"{100 * LEVEL:.0f} %",
        "sure": f"{100 * confidence(min(seeds, default=0)):.0f} %",
        "table": table,
        "glossary": [(head.label, head.about) for head in table.heads],
        "version": version("sicgrid"),
    }


def _statuses(results: SweepResults) -> list[str]:
    statuses = ["finished", "unfinished", "waiting", "diverged", "failed", "damaged"]
    return [status for status in statuses if results.count(status)]


def _facts(results: SweepResults, groups: Sequence[Group]) -> list[tuple[str, str, str]]:
    """Headline numbers: name, value, what it is to be read against."""
    # Of ablations only the baseline: a median over networks that were broken on purpose says nothing.
    candidates = next((group.rows for group in groups if group.name == "baseline"), results.rows)
    whose = "over the baseline’s seeds" if candidates is not results.rows else "over all finished runs"
    rows = [row for row in candidates if row["status"] == "finished"]
    points = {"variants": "variants", "grid": "points of a grid", "search": "points of a search"}.get(results.kind, "")
    seconds = sum(row["seconds"] or 0.0 for row in results.rows)
    seeds = len(results.plan["seeds"])
    return [
        ("Trials", f"{int(results.plan['trials'])}", f"{len(groups)} {points} with {seeds} seeds each" if points
         else f"one setting with {seeds} seeds"),
        *(fact for finding in FINDINGS if finding.sweep_facts is not None for fact in finding.sweep_facts(rows, whose)),
        ("Time worked", describe_duration(seconds), "all trials together, h:mm:ss"),
    ]  # fmt: skip


def _groups_in_rows(results: SweepResults, groups: Sequence[Group]) -> list[Group]:
    """The groups that have a row on the page, at most `MOST_GROUPS`; of a search the best first."""
    aim = results.plan.get("maximize") or results.plan.get("minimize")
    if results.kind != "search" or not aim:
        return list(groups[:MOST_GROUPS])
    sign = -1.0 if results.plan.get("maximize") else 1.0
    ranked = [(sign * statistics.median(values), index) for index, group in enumerate(groups)
              if (values := group.by_seed(aim).values())]  # fmt: skip
    return [groups[index] for _, index in sorted(ranked)][:MOST_GROUPS]


def _group_row(results: SweepResults, group: Group, verdicts: Sequence[Verdict]) -> GroupRow:
    typical = typical_units(results, group, TYPICAL)
    cells = []
    for measure in MEASURES:
        estimate = interval(group.by_seed(measure.name).values())
        cells.append((measure.text(estimate.median), _range(measure, estimate)))
    changes = (results.plan.get("variants") or {}).get(group.name, group.settings)
    change = ", ".join(f"{name} {value_text(value)}" for name, value in changes.items())
    seeds = f"{len(group.finished)}" if len(group.finished) == len(group.rows) else (
        f"{len(group.finished)} of {len(group.rows)}")  # fmt: skip
    on_group = [verdict for verdict in verdicts if verdict.variant == group.name]
    return GroupRow(group.name, change, seeds, typical, _link(results, group, typical), cells, on_group)


def _range(measure: ShownMeasure, estimate: Interval) -> str:
    return f"{measure.text(estimate.low)} to {measure.text(estimate.high)}" if math.isfinite(estimate.low) else ""


def _link(results: SweepResults, group: Group, typical: Typical) -> str:
    return next((page_link(results, row) for row in group.rows if row["name"] == typical.run), "")


def _panels(results: SweepResults, groups: Sequence[Group]) -> list[Panel]:
    """Every seed of each group, a figure a measure."""
    if not groups or results.kind == "search":
        return []
    names = [group.name for group in groups]
    baseline = names.index("baseline") if "baseline" in names else None
    panels = []
    for measure in MEASURES:
        seeds = [np.array(list(group.by_seed(measure.name).values())) for group in groups]
        if not measure.drawn or not any(len(values) for values in seeds):
            continue
        intervals = np.array([interval(values)[:3] for values in seeds])
        factor = 100 if measure.percent else 1
        figure = seeds_by_variant(
            names, [factor * values for values in seeds], factor * intervals, label="%" if measure.percent else "",
            title=measure.title, reference=baseline,
        )  # fmt: skip
        panels.append(Panel(inline_svg(figure, f"by-{measure.name}", f"{measure.title} of each seed by variant"), ""))
    return panels


def _cells(results: SweepResults, groups: Sequence[Group]) -> tuple[list[Any], list[Any], dict[tuple[int, int], Group]]:
    """Values along x and y of a grid over two settings, and the group at each pair of their positions."""
    (x_name, x), (y_name, y) = results.plan["grid"].items()
    cells = {}
    for group in groups:
        indices = [
            next((k for k, value in enumerate(values) if value_text(value) == value_text(group.settings[name])), None)
            for name, values in ((x_name, x), (y_name, y))
        ]
        if indices[0] is not None and indices[1] is not None:
            cells[indices[0], indices[1]] = group
    return x, y, cells


def _maps(results: SweepResults, groups: Sequence[Group]) -> list[Panel]:
    """Heat maps of the medians over seeds."""
    x, y, cells = _cells(results, groups)
    x_name, y_name = results.plan["grid"]
    panels = []
    for measure in sorted((measure for measure in MEASURES if measure.mapped), key=lambda measure: measure.mapped):
        values = np.full((len(y), len(x)), np.nan)
        for (column, row), group in cells.items():
            values[row, column] = statistics.median(group.by_seed(measure.name).values() or [math.nan])
        if not np.isfinite(values).any():  # what an older sweep's table does not hold
            continue
        figure = phase_diagram(
            100 * values if measure.percent else values,
            [value_text(value) for value in x], [value_text(value) for value in y],
            x_label=x_name, y_label=y_name, title=measure.title + (" (%)" if measure.percent else ""),
            digits=0 if measure.percent else measure.digits,
        )  # fmt: skip
        label = f"{measure.title} over {x_name} and {y_name}"
        panels.append(Panel(inline_svg(figure, f"map-{measure.name}", label), "Median over seeds."))
    return panels


def _thumbnails(results: SweepResults, groups: Sequence[Group]) -> Mapping[str, Any]:
    """Typical units of each cell, the rows from the top as in the heat maps."""
    x, y, cells = _cells(results, groups)
    rows = []
    for row in reversed(range(len(y))):
        line = []
        for column in range(len(x)):
            group = cells.get((column, row))
            typical = typical_units(results, group, TYPICAL_IN_CELL) if group else Typical("", [], "not planned")
            label = f"{len(group.finished)} of {len(group.rows)}" if group else ""
            line.append(DiagramCell(typical, _link(results, group, typical) if group else "", label))
        rows.append((value_text(y[row]), line))
    return {"heads": [value_text(value) for value in x], "rows": rows}
