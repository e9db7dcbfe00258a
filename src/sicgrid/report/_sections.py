"""The page's sections, one for each finding: question, pictures, numbers, verdicts."""

import re
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup, escape

from .._callbacks import ignore
from ..findings import FINDINGS, Cloud, Details, Drawing, Finding, RunResults, Table
from ._claims import ShownClaim
from ._panels import Panel, panel

# Chapters of the page, each with the lowest `Finding.place` in it; the chapter about training follows.
_CHAPTERS = ((0, "Units"), (300, "Modules"), (600, "Torus"), (700, "Code"))


OnSection = Callable[[str, int, int], None]


class Section(NamedTuple):
    """What the page shows of a finding; ``missing`` says why there is no picture, ``numbers`` are paragraphs."""

    id: str
    short: str
    question: str
    lead: str
    gallery: bool
    clouds: list[Cloud]
    panels: list[Panel]
    missing: str
    numbers: list[Markup]
    tables: list[Table]
    details: list[Details]
    claims: list[ShownClaim]
    chapter: str
    advanced: bool


def chapters(all_sections: list[Section]) -> list[tuple[str, list[Section]]]:
    """Sections by chapter; a chapter without any is left out."""
    by_name = {name: [section for section in all_sections if section.chapter == name] for _, name in _CHAPTERS}
    return [(name, in_chapter) for name, in_chapter in by_name.items() if in_chapter]


def sections(results: RunResults, claims: list[ShownClaim], on_section: OnSection = ignore) -> list[Section]:
    """All findings in reading order; those whose results are missing say so.

    ``on_section`` is called before each with its name, the number of sections drawn so far, and their total.
    """
    findings = [finding for finding in FINDINGS if finding.on_page]
    drawn: list[Section] = []
    for finding in findings:
        on_section(finding.short, len(drawn), len(findings))
        drawn.append(_section(finding, results, claims))
    return drawn


def drawings_of(finding: Finding, results: RunResults) -> list[Drawing]:
    """Figures of a finding, without those whose results are missing or empty."""
    drawings = list(finding.draw(results)) if finding.draw is not None else []
    for view in finding.views:
        if view.draw is not None and not any(results.missing(name) for name in (view.result, *view.also)):
            drawings += view.draw(results)
    return drawings


def said_of(finding: Finding, results: RunResults) -> str:
    """What was measured, in sentences."""
    sentences = [finding.say(results)] if finding.say is not None else []
    for view in finding.views:
        if view.say is not None and not results.missing(view.result):
            sentences.append(view.say(results.parts[view.result]))
    return " ".join(filter(None, sentences))


def _section(finding: Finding, results: RunResults, claims: list[ShownClaim]) -> Section:
    missing = filter(None, (results.missing(view.result) for view in finding.views))
    claim_ids = {claim.id for claim in finding.claims}
    return Section(
        finding.id,
        finding.short,
        finding.question,
        (finding.lead_elsewhere if results.kind != "trained" else "") or finding.lead,
        finding.gallery,
        list(finding.clouds(results)) if finding.clouds is not None else [],
        [panel(drawing) for drawing in drawings_of(finding, results)],
        " ".join(dict.fromkeys(missing)),
        [_bold(line) for line in said_of(finding, results).split("\n") if line],
        list(finding.tables(results)) if finding.tables is not None else [],
        list(finding.details(results)) if finding.details is not None else [],
        [claim for claim in claims if claim.id in claim_ids],
        [name for place, name in _CHAPTERS if place <= finding.place][-1],
        finding.advanced,
    )


def _bold(text: str) -> Markup:
    """Plain text as HTML, with ``**bold**`` words."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(text))))
