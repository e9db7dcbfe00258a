"""`analyze` computes what is missing or out of date, and nothing else."""

import shutil

import numpy as np
import pytest

from sicgrid.experiment import evaluate_run, load_run_config, start_run, train_run
from sicgrid.findings import PART_NAMES, analyze_run
from sicgrid.findings._read import read_parts
from sicgrid.storage import RunDirectory, read_json, write_json
from small_runs import quiet, small_config


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A recorded run; not to be written to."""
    config = small_config(training__steps=4, analysis__shuffles=2)
    run = start_run(config, tmp_path_factory.mktemp("evaluated") / "run")
    train_run(run, config, quiet, quiet)
    evaluate_run(run, config, (2.0,), quiet)
    return run


@pytest.fixture(scope="module")
def analyzed_once(evaluated, tmp_path_factory):
    """The same with all parts, what became of them, and the summary; not to be written to."""
    run = copy_of(evaluated, tmp_path_factory.mktemp("analyzed"))
    return run, *analyze(run)


@pytest.fixture
def run(evaluated, tmp_path):
    """A run without any part."""
    return copy_of(evaluated, tmp_path)


@pytest.fixture
def whole(analyzed_once, tmp_path):
    """A run with all parts."""
    return copy_of(analyzed_once[0], tmp_path)


def copy_of(run, folder):
    return RunDirectory(shutil.copytree(run.path, folder / "run"))


def analyze(run, config=None, only=()):
    """Names by what became of them, and the summary."""
    events = []
    summary = analyze_run(run, config or load_run_config(run), events.append, quiet, only)
    states = {
        state: [event.part for event in events if event.state == state] for state in ("up to date", "done", "removed")
    }
    return states, summary


def test_the_second_time_nothing_is_computed(analyzed_once, whole):
    _, first, summary = analyzed_once
    assert first["done"] == list(PART_NAMES)
    before = {path: path.stat().st_mtime_ns for path in whole.results.iterdir()}
    second, again = analyze(whole)
    assert second == {"up to date": list(PART_NAMES), "done": [], "removed": []}
    assert {path: path.stat().st_mtime_ns for path in whole.results.iterdir()} == before
    assert again == summary


def test_a_run_with_former_names_is_up_to_date_and_read(run):
    """Settings and results as version 0.1 called them: `generalisation`, `least`, `draws`."""
    _, summary = analyze(run, only=["modules", "phases", "generalisation"])
    new = read_parts(run)["generalization"]
    former = {"generalization": {}, "modules": {"min_units": "least", "null_draws": "draws"}}
    former["phases"] = {"null_draws": "draws"}
    text = run.config.read_text()
    for name in ("generalization", "modules", "phases"):
        stamp = read_json(run.stamp(name))
        stamp["settings"] = {former[name].get(key, key): value for key, value in stamp["settings"].items()}
        write_json(run.stamp(name), stamp)
    for suffix in (".nc", ".json"):
        (run.results / f"generalization{suffix}").rename(run.results / f"generalisation{suffix}")
    for name, old in (("generalization:", "generalisation:"), ("min_units:", "least:"), ("null_draws:", "draws:")):
        text = text.replace(name, old)
    run.config.write_text(text)
    assert load_run_config(run).analysis.modules.min_units == 3
    states, again = analyze(run, only=["generalization", "modules", "phases"])
    assert states["done"] == []
    assert "generalization" in states["up to date"]
    assert again == summary
    assert read_parts(run)["generalization"].equals(new)
    changed = load_run_config(run)
    chosen = changed.analysis.generalization.model_copy(update={"samples": 1001})
    changed = changed.model_copy(update={"analysis": changed.analysis.model_copy(update={"generalization": chosen})})
    states, _ = analyze(run, changed, only=["generalization"])
    assert "generalization" in states["done"]
    assert not (run.results / "generalisation.nc").exists()


def test_a_changed_recording_is_analyzed_anew(whole):
    config = load_run_config(whole)
    walk = config.evaluation.walk.model_copy(update={"animals": 31})
    evaluate_run(whole, config.model_copy(update={"evaluation": config.evaluation.model_copy(update={"walk": walk})}),
                 (2.0,), quiet)  # fmt: skip
    events = []
    analyze_run(whole, config, events.append, quiet)
    why = {event.part: event.text for event in events if event.state == "computing"}
    assert "recording of the 2 m box" in why["units"]
    assert {"units", "modules", "geometry", "generalization"} <= set(why)


def test_a_changed_setting_concerns_its_part_alone(whole):
    config = load_run_config(whole)
    chosen = config.analysis.error_correction.model_copy(update={"samples": 50})
    changed = config.model_copy(update={"analysis": config.analysis.model_copy(update={"error_correction": chosen})})
    states, _ = analyze(whole, changed)
    assert states["done"] == ["error_correction"]


def test_only_computes_what_the_part_reads(run):
    states, summary = analyze(run, only=["modules"])
    assert states["done"] == ["units", "modules"]
    assert sorted(path.name for path in run.results.iterdir()) == [
        "modules.json", "modules.nc", "units.json", "units.nc",
    ]  # fmt: skip
    assert summary["claims"]["C7"]["verdict"] == "not testable here"
    assert summary["modules_verdict"]
    states, _ = analyze(run)
    assert states["up to date"] == ["units", "modules"]


def test_results_that_are_out_of_date_and_not_asked_for_do_not_stay(whole):
    config = load_run_config(whole)
    changed = config.model_copy(update={"analysis": config.analysis.model_copy(update={"active_threshold": 0.03})})
    states, summary = analyze(whole, changed, only=["units"])
    assert states["done"] == ["units"]
    assert "modules" in states["removed"]
    assert not whole.result("modules").exists()
    assert summary["modules"] == []


def test_a_lost_or_damaged_file_is_made_anew(whole):
    whole.maps().unlink()
    whole.stamp("fields").write_text("{")
    states, _ = analyze(whole)
    assert {"units", "fields"} <= set(states["done"])
    assert "modules" in states["up to date"]  # its input came out the same
    lines = whole.units().read_text().splitlines(keepends=True)
    whole.units().write_text("".join(lines[:-2]))
    whole.result("fields").write_bytes(b"")
    states, _ = analyze(whole)
    assert {"units", "fields"} <= set(states["done"])
    assert whole.units().read_text() == "".join(lines)
    maps = whole.maps().read_bytes()
    whole.maps().write_bytes(maps[:500] + b"\xa5" * 400 + maps[900:])
    states, _ = analyze(whole)
    assert "units" in states["done"]
    assert whole.maps().read_bytes() == maps


def test_settings_of_an_older_run_without_the_new_sections(run):
    text = run.config.read_text()
    kept = text[: text.index("  other_boxes_shuffles:")]
    assert "topology" not in kept
    run.config.write_text(kept)
    config = load_run_config(run)
    assert config.analysis.topology.points == 240
    states, _ = analyze(run, config, only=["fields"])
    assert states["done"] == ["units", "fields"]


def test_results_can_be_opened_without_this_package(run):
    xr = pytest.importorskip("xarray")
    analyze(run, only=["units"])
    with xr.open_dataset(run.result("units"), engine="h5netcdf") as found:
        assert found["maps"].dims == ("unit", "x", "y")
        assert found["x"].attrs["units"] == "m"
        assert np.allclose(np.diff(found["x_edge"]), 0.05)
        assert found.attrs["arena_m"] == 2.0
    stamp = read_json(run.stamp("units"))
    assert {"version", "inputs", "settings", "seconds", "digest", "summary"} <= set(stamp)
