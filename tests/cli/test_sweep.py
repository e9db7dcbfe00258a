"""`sicgrid sweep`: refusals before anything starts, the dry run, and what is said of progress."""

import io

import pytest
from rich.console import Console

from sicgrid.cli._sweep import SweepDisplay, describe_progress
from sicgrid.experiment import yaml_text
from sicgrid.sweeps import Progress, SweepEvent
from sicgrid.sweeps._mirror import Mirror
from sweep_directories import make_sweep

PLAN = {
    "preset": "smoke",
    "settings": {"evaluation.walk.animals": 20, "evaluation.walk.steps": 100, "analysis.shuffles": 2},
    "parts": ["units"],
    "seeds": "0..2",
    "variants": {"baseline": {}, "none": {"loss.capacity": 0}},
}


@pytest.fixture
def write(tmp_path):
    def write(**over):
        (tmp_path / "plan.yaml").write_text(yaml_text(PLAN | over))
        return "plan.yaml"

    return write


def test_a_dry_run_says_what_would_run_and_leaves_nothing(sicgrid, write, disk):
    plan = write()
    before = disk()
    ended = sicgrid("sweep", plan, "--dry-run", "--out", "sweep")
    assert (ended.code, ended.err) == (0, "")
    assert "none-seed-2: loss.capacity 0.0, seed 2" in ended.out
    assert "6 trials: 2 settings with 3 seeds" in ended.out
    assert "ms a step" in ended.out
    assert "the sweep: about" in ended.out
    assert disk() == before


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"settings": {"loss.sigmag": 1}}, "did you mean 'loss.sigma_g'?"),
        ({"variants": None, "grid": {"loss.capacity": []}}, "grid.loss.capacity is empty"),
        ({"variants": {"a": {"loss.capacity": -1}}}, "loss.capacity should be greater than or equal to 0, found -1"),
        ({"record": ["grid_fraction"]}, "did you mean 'fraction_grid'?"),
        ({"settings": {"evaluation.walk.animals": 10**9}}, "free, and 6 trials need about"),
    ],
)
def test_a_bad_plan_is_refused_before_anything_is_written(sicgrid, write, disk, over, said):
    plan = write(**over)
    before = disk()
    ended = sicgrid("sweep", plan, "--out", "sweep")
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert disk() == before


def test_a_dry_run_without_room_on_the_disk_is_refused_before_its_pilot(sicgrid, write, disk):
    plan = write(settings={"evaluation.walk.animals": 10**9})
    before = disk()
    ended = sicgrid("sweep", plan, "--dry-run", "--out", "sweep")
    assert ended.code == 2
    assert "free, and 6 trials need about" in ended.err
    assert "pilot" not in ended.out
    assert disk() == before


def test_the_page_of_a_sweep_at_a_url_is_made_here_and_goes_there(sicgrid, tmp_path, monkeypatch):
    files = pytest.importorskip("fsspec").filesystem("memory")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    make_sweep(tmp_path / "there", PLAN, lambda trial: "diverged")
    url = "memory://reported"
    sent = Mirror(url, tmp_path / "there")
    for under in ("", "runs"):
        sent.push(under)
    try:
        ended = sicgrid("report", url + "/")
        assert (ended.code, ended.err) == (0, "")
        assert f"{url}/report.html" in "".join(ended.out.split())
        assert files.exists("/reported/report.html")
        assert files.exists("/reported/table.parquet")
        ended = sicgrid("report", url, "--out", "run")
        assert (ended.code, "a sweep's page is written into its folder" in ended.err) == (2, True)
    finally:
        files.rm("/reported", recursive=True)


def test_what_is_missing_on_the_command_line_is_told(sicgrid, write):
    assert "which plan? give a file or a name" in sicgrid("sweep").err
    assert "where to? give the sweep's folder" in sicgrid("sweep", write()).err
    assert "did you mean 'ablations'?" in sicgrid("sweep", "ablation", "--out", "sweep").err
    assert "unknown size 'papr'; did you mean 'paper'?" in sicgrid("sweep", "seeds", "--size", "papr").err
    assert "PLAN" in sicgrid("sweep", "--help").out


def test_a_dry_run_of_a_search_names_its_ranges(sicgrid, write):
    search = {"loss.capacity": {"low": 0.1, "high": 2, "log": True}, "model.units": {"choices": [8, 16]}}
    plan = write(variants=None, search=search, samples=5, maximize="fraction_grid")
    out = sicgrid("sweep", plan, "--dry-run").out
    assert "loss.capacity: 0.1 to 2, evenly in the logarithm" in out
    assert "model.units: one of [8, 16]" in out
    assert "5 points with 3 seeds each, to maximize fraction_grid" in out


def test_progress_in_words():
    assert describe_progress(Progress(0, 4, {}, None)) == "0 of 4 trials done"
    several = Progress(12, 50, {"a": 0.345, "b": 0.36}, 3723.0)
    assert describe_progress(several) == "12 of 50 trials done, 2 under way (34 %, 36 %), about 1:02:03 left"
    many = Progress(0, 50, {str(index): 0.5 for index in range(9)}, None)
    assert describe_progress(many).endswith("9 under way (" + "50 %, " * 8 + "...)")


def test_ends_and_notes_are_lines():
    text = io.StringIO()
    with SweepDisplay(Console(file=text, width=200)) as display:
        display.on_event(
            SweepEvent(record={"name": "a", "status": "diverged", "seconds": 61.0, "message": "too [bold]"})
        )
        display.on_event(SweepEvent(note="the worker of b died"))
        display.on_event(SweepEvent(progress=Progress(1, 2, {}, None)))
    assert text.getvalue() == "a diverged, 1:01: too [bold]\nthe worker of b died\n"


def test_report_writes_the_page_of_a_sweep(sicgrid, tmp_path):
    sweep = tmp_path / "sweep"
    make_sweep(sweep, {"seeds": [0, 1]}, lambda trial: {"fraction_grid": 0.5} if trial.seed else None)
    ended = sicgrid("report", sweep)
    assert ended.code == 0, ended.err
    assert str(sweep / "report.html") in ended.out
    assert (sweep / "report.html").is_file()
    refused = sicgrid("report", sweep, "--pdf-figures", tmp_path / "figures")
    assert refused.code == 2
    assert "runs/NAME" in refused.err
