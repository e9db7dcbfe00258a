"""A finding made up in one file is seen everywhere: page, summary, card, sweep table, ``--only`` and help."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sicgrid

PACKAGE = Path(sicgrid.__file__).parent
FINDING = '''
"""Is the made-up number made up?"""

import xarray as xr

from ._finding import CardRow, ComparedNumber, Drawing, Finding, Metric, Record, ResultLine, View
from ._part import Part, Result, quantity
from ._verdict import HOLDS, Claim, Judgment, required_result


def _compute(sources, progress):
    count = sources.required("units").sizes["unit"]
    return Result(xr.Dataset({"height": quantity("unit", [4.5] * count, "m")}), {"made_up_number": 4.5})


def _judge(results, sigma_x):
    """C99, all is made up: holds."""
    found = required_result(results, "made_up")
    return Judgment(HOLDS, float(found["height"].mean()), 0.0, "All of it is made up.")


def _number(record):
    return (record.summary.get("parts") or {}).get("made_up", {}).get("made_up_number")


def _draw(results):
    from matplotlib.figure import Figure

    yield Drawing("made-up", Figure, "A picture of nothing", "Nothing to see.")


FINDING = Finding(
    name="made_up",
    short="Invented",
    question="Is the number invented?",
    lead="It is read from nowhere.",
    place=450,
    parts=(Part("made_up", 1, _compute, lambda config: {}, reads=("units",)),),
    claims=(Claim("C99", "All is invented.", "invention", _judge),),
    views=(View("made_up", lambda part: f"The number is {float(part['height'][0]):g} m.", _draw),),
    metrics=(
        Metric("made_up_number", "A number from nowhere", "m", 444, _number, "made_up"),
    ),
    keep=lambda summary: {"made_up": summary["parts"]["made_up"]["made_up_number"]},
    card=(CardRow(444, lambda kept: ("invented", f"{kept['made_up']:g} m")),),
    lines=(ResultLine(444, lambda record: ("invention", f"{_number(record):g} m")),),
    compared=(
        ComparedNumber("invented_m", 444, _number, "made_up", "made-up number", "It is read from nowhere."),
    ),
)
'''
PROGRAM = """
import contextlib, dataclasses, io, json, sys
from pathlib import Path

from sicgrid.cli import main
from sicgrid.cli._display import results_table
from sicgrid.experiment import load_run_config
from sicgrid.findings import analyze_run
from sicgrid.pretrained import card_text, read_card
from sicgrid.pretrained._card import card_summary
from sicgrid.report import row_in_words, write_report
from sicgrid.run._systems import COMPARED
from sicgrid.sweeps import METRICS, collect
from sicgrid.sweeps._plan import Plan

import small_runs
from known_run import not_drawn

quiet = lambda *_: None
out = Path("sweep/runs/one")
out.parent.mkdir(parents=True)
Path("sweep/sweep.json").write_text(json.dumps({"trials": [{"name": "one", "seed": 0, "point": {}}]}))
run, _ = small_runs.ideal_run(out, lambda positions: small_runs.grid_module(positions, 0.5, 3), 3)
summary = analyze_run(run, load_run_config(run), quiet, quiet, ("made_up", "fields"))
kept = card_summary(summary) | {"held_out_loss": {"total": 0.0}}
with not_drawn():
    page = write_report(run.path).read_text()
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
    main(["analyze", "--help"])
print(json.dumps({
    "summary": [summary["parts"]["made_up"]["made_up_number"], summary["claims"]["C99"]["verdict"]],
    "page": page,
    "card": card_text(dataclasses.replace(read_card("single"), summary=kept)),
    "row": collect(Path("sweep"))[0],
    "columns": list(METRICS),
    "compared": [list(row_in_words(run).items()), COMPARED],
    "lines": [list(column.cells) for column in results_table(summary).columns],
    "help": said.getvalue(),
    "needed": Plan(record=("made_up_number",)).needed_parts(),
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Where the finding shows up, as a fresh interpreter tells whose package has that one file more."""
    folder = tmp_path_factory.mktemp("more")
    copy = folder / "sicgrid"
    (copy / "findings").mkdir(parents=True)
    for path in PACKAGE.iterdir():
        if path.name != "findings":
            (copy / path.name).symlink_to(path)
    for path in (PACKAGE / "findings").glob("*.py"):
        (copy / "findings" / path.name).symlink_to(path)
    (copy / "findings" / "made_up.py").write_text(FINDING)
    tests = Path(__file__).parents[1]
    environment = {"PYTHONPATH": f"{folder}:{tests}", "HOME": str(folder), "PATH": ""}
    environment |= {name: os.environ[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_summary_has_its_number_and_its_verdict(seen):
    assert seen["summary"] == [4.5, "holds"]


def test_the_page_has_its_section_between_the_others(seen):
    page = seen["page"]
    assert '<section id="made_up"' in page
    assert page.index('id="waves-title"') < page.index('id="made_up-title"') < page.index('id="phases-title"')
    for word in ("Is the number invented?", "The number is 4.5 m.", "Nothing to see.", "All is invented."):
        assert word in page
    assert '<a href="#made_up">C99</a>' in page


def test_a_card_has_its_row_and_its_verdict(seen):
    assert "| invented | 4.5 m |" in seen["card"]
    assert "| C99 invention | holds | All of it is made up. |" in seen["card"]


def test_a_sweep_has_its_column_and_computes_it_where_it_is_asked_for(seen):
    assert seen["row"]["made_up_number"] == 4.5
    assert "made_up_number" in seen["columns"]
    assert "made_up" in seen["needed"]


def test_the_lines_at_the_end_of_a_command_have_its_own(seen):
    names, values = seen["lines"]
    assert values[names.index("invention")] == "4.5 m"


def test_a_comparison_has_its_column_and_computes_its_part(seen):
    row, parts = seen["compared"]
    assert row.index(["made-up number", "4.50"]) == [head for head, _ in row].index("torus") + 1
    assert "made_up" in parts


def test_the_help_names_it(seen):
    assert "made_up" in seen["help"]
