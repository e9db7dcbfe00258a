"""What every finding keeps to, on a run that was really analyzed, and on results that hold nothing."""

import json
import re
from dataclasses import replace

import pytest
from matplotlib.figure import Figure
from pydantic import BaseModel

from figure_words import NOTHING, REASON
from sicgrid.experiment import RunConfig
from sicgrid.findings import (
    CARD_ROWS,
    CLAIMS,
    COMPARED_NUMBERS,
    FINDINGS,
    METRICS,
    PART_NAMES,
    REASONS,
    RESULT_LINES,
    RULES,
    Record,
    claims,
)
from sicgrid.report._sections import drawings_of, said_of
from sicgrid.storage import read_dataset, read_json, read_units

VERDICTS = {"holds", "does not hold", "not testable here"}
# Of code, not of a sentence: names with underscores, brackets of lists and dicts, Python's own words.
CODE = re.compile(r"\b\w+_\w+\b|[\[\]{}]|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b")

each = pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.name)


def test_nothing_has_the_name_of_another():
    for names in (
        [finding.name for finding in FINDINGS],
        [finding.id for finding in FINDINGS],
        PART_NAMES,
        [metric.name for metric in METRICS],
        [claim.id for claim in CLAIMS],
        [finding.place for finding in FINDINGS],
        [metric.place for metric in METRICS],
        [row.place for row in CARD_ROWS],
        [line.place for line in RESULT_LINES],
        [number.name for number in COMPARED_NUMBERS],
        [number.place for number in COMPARED_NUMBERS],
    ):
        assert len(names) == len(set(names)), names
    assert [claim.id for claim in CLAIMS] == ["C1a", "C1b", *(f"C{number}" for number in range(2, 8))]
    assert {rule.claim for rule in RULES} == {f"C{number}" for number in range(8, 13)}


@each
def test_it_is_a_question_with_a_way_to_read_the_answer(finding):
    assert finding.question.endswith("?")
    assert finding.lead.endswith(".")
    assert finding.short
    assert finding.on_page or finding.rules
    for claim in finding.claims:
        assert claim.says.endswith(".")
        assert claim.short
        assert re.match(rf"{claim.id}, ", claim.judge.__doc__), "the rule is in the docstring"


@each
def test_its_settings_are_a_model_of_the_analysis_or_none(finding):
    config = RunConfig()
    for part in finding.parts:
        json.dumps(part.settings(config))
        if part.model is not None:
            assert issubclass(part.model, BaseModel)
            section = getattr(config.analysis, part.name, config.analysis)
            assert isinstance(section, part.model)
            assert all(field.description for field in part.model.model_fields.values())


@each
def test_its_results_are_labeled_and_have_units(finding, module_run):
    run, summary = module_run
    for part in finding.parts:
        dataset = read_dataset(run.result(part.name))
        assert dataset.attrs.get("reason") is None
        assert len(dataset.data_vars) > 0
        bare = [name for name, variable in dataset.data_vars.items() if "units" not in variable.attrs]
        assert bare == []
        assert part.name in summary["parts"]


@each
def test_its_verdicts_have_a_number_and_a_null(finding, module_run):
    _, summary = module_run
    for claim in finding.claims:
        verdict = summary["claims"][claim.id]
        assert verdict["verdict"] in VERDICTS - {"not testable here"}
        assert verdict["number"] is not None
        assert verdict["null"] is not None
        assert verdict["sentence"]


@each
def test_its_sentences_are_for_people(finding, trained):
    said = said_of(finding, trained)
    if finding.views or finding.say:
        assert said.replace("**", "").endswith(".")
    assert CODE.search(said) is None, said


@each
def test_its_figures_are_figures_with_words(finding, trained):
    drawings = drawings_of(finding, trained)
    assert drawings or finding.gallery or finding.rules
    for drawing in drawings:
        assert isinstance(drawing.draw(), Figure)
        assert drawing.label
        assert drawing.caption.endswith((".", ")"))


@each
def test_its_numbers_on_the_page_are_text(finding, trained):
    for fact in finding.facts(trained) if finding.facts else ():
        assert fact.value
        assert fact.note
    for table in finding.tables(trained) if finding.tables else ():
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}


@each
def test_its_metrics_are_numbers_of_the_run_or_unknown(finding, module_run):
    run, summary = module_run
    record, nothing = Record(summary, read_units(run.units())), Record({}, {})
    for metric in finding.metrics:
        assert metric.read(nothing) is None
        value = metric.read(record)
        assert isinstance(value, (int, float) if metric.kind is float else metric.kind), metric.name
        assert metric.description
        assert metric.part in ("", *PART_NAMES)


@each
def test_its_compared_numbers_are_said_where_they_are_known_and_where_not(finding, module_run):
    run, summary = module_run
    for record in (Record(summary, read_units(run.units()), read_json(run.evaluation)), Record({}, {})):
        numbers = {number.name: number.read(record) for number in COMPARED_NUMBERS} | {"kind": "trained", REASONS: {}}
        for number in finding.compared:
            assert number.part in ("", *PART_NAMES)
            if not record.summary:
                assert not numbers[number.name], number.name
            elif number.name != "path_error_outside":  # of the one box there are no two
                assert numbers[number.name] is not None or not number.head, number.name
            if number.head:
                assert number.about.endswith(".")
                assert number.text(numbers[number.name], numbers)


@each
def test_its_lines_at_the_end_of_a_command_have_a_name_and_a_value(finding, module_run):
    _, summary = module_run
    for each in finding.lines:
        assert all(each.line(Record(summary, {})))


@each
def test_its_row_of_a_card_is_made_of_what_the_card_keeps(finding, module_run):
    _, summary = module_run
    kept = {}
    for other in FINDINGS:
        kept |= other.keep(summary) if other.keep else {}
    kept = json.loads(json.dumps(kept))
    for row in finding.card:
        name, value = row.row(kept)
        assert name
        assert value
        assert (row.cell is None) == (row.head == "")


@each
def test_results_that_hold_nothing_are_neither_said_nor_drawn_nor_judged(finding, trained):
    empty = replace(trained, parts=dict.fromkeys(PART_NAMES, NOTHING))
    said_of(finding, empty)
    for drawing in drawings_of(finding, empty):
        assert isinstance(drawing.draw(), Figure)
    judged = claims(dict.fromkeys(PART_NAMES, NOTHING))
    for claim in finding.claims:
        assert judged[claim.id] == {
            "verdict": "not testable here",
            "number": None,
            "null": None,
            "sentence": REASON,
        }
    for claim in finding.claims:
        assert claims({})[claim.id]["sentence"].endswith("`sicgrid analyze` does so.")
