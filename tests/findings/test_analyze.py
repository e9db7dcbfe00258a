"""From recordings to the table of units, the maps and the summary."""

import pytest

from sicgrid.experiment import evaluate_run, start_run, train_run
from sicgrid.findings import analyze_run
from sicgrid.storage import UserError, read_json, read_maps, read_units, write_json

QUIET = {"on_part": lambda event: None, "on_progress": lambda done, total: None}


@pytest.fixture
def trained(tmp_path, make_config):
    config = make_config(training__steps=4, analysis__shuffles=2)
    run = start_run(config, tmp_path / "run")
    train_run(run, config, lambda first, changed: None, lambda record: None)
    return run, config


def test_tables_maps_and_summary_of_two_arenas(trained):
    run, config = trained
    evaluate_run(run, config, (2.0, 1.0))
    seen, done = [], []
    summary = analyze_run(run, config, seen.append, lambda part, total: done.append(part / total), ["units"])
    assert [event.part for event in seen if event.state == "done"] == ["units", "units-1"]
    assert max(done) == 1
    units = read_units(run.units())
    needed = {"unit", "active", "grid_score", "null_p99", "is_grid", "spacing_m", "orientation_deg", "ellipticity"}
    assert needed | {"phase_x", "phase_y", "spatial_information", "scorer"} <= set(units)
    assert units["unit"].tolist() == list(range(16))
    assert read_maps(run.maps()).maps.shape == (16, 40, 40)
    assert read_maps(run.maps(1.0)).maps.shape == (16, 20, 20)
    assert read_maps(run.maps()).x_edges[[0, -1]].tolist() == [-1, 1]
    assert len(read_units(run.units(1.0))["unit"]) == 16
    stored = read_json(run.summary)
    assert stored["arena_m"] == 2.0
    assert stored["units"] == summary["units"] == 16
    needed = {"active_units", "grid_score_median", "fraction_grid", "spacing_m", "path_integration_error"}
    assert needed <= set(stored)
    assert needed <= set(stored["arenas"]["1"])
    assert isinstance(stored["spacing_m"], list)
    assert stored["path_integration_error"] == read_json(run.evaluation)["arenas"]["2"]["path_integration_error"]


SIDES = (1.41421356, 1.41421)  # which agree in six digits


def test_boxes_are_told_apart_by_all_digits_of_their_sides(tmp_path, make_config):
    config = make_config(training__steps=4, analysis__shuffles=2, evaluation__arenas=SIDES)
    run = start_run(config, tmp_path / "run")
    train_run(run, config, lambda first, changed: None, lambda record: None)
    evaluate_run(run, config, SIDES)
    summary = analyze_run(run, config, **QUIET, only=["generalization"])
    assert summary["arena_m"] == SIDES[0]
    assert (
        set(summary["arenas"])
        == set(summary["parts"]["generalization"]) - {"seconds", "reason"}
        == {
            "1.41421356",
            "1.41421",
        }
    )
    assert summary["arenas"]["1.41421356"] != summary["arenas"]["1.41421"]
    assert read_maps(run.maps()).x_edges[-1] == SIDES[0] / 2
    assert read_maps(run.maps(1.41421)).x_edges[-1] == SIDES[1] / 2


def test_a_box_that_version_0_1_recorded_and_could_not_analyze(tmp_path, make_config):
    config = make_config(training__steps=4, analysis__shuffles=2, evaluation__arenas=SIDES[:1])
    run = start_run(config, tmp_path / "run")
    train_run(run, config, lambda first, changed: None, lambda record: None)
    evaluate_run(run, config, SIDES[:1])
    expected = analyze_run(run, config, **QUIET, only=["units"])
    run.recording(SIDES[0]).rename(run.recordings / "arena-1.41421.safetensors")
    evaluation = read_json(run.evaluation)
    write_json(run.evaluation, evaluation | {"arenas": {"1.41421": evaluation["arenas"]["1.41421356"]}})
    found = analyze_run(run, config, **QUIET, only=["units"])
    assert found == expected
    assert found["path_integration_error"] is not None
    evaluate_run(run, config, SIDES[:1])
    assert list(read_json(run.evaluation)["arenas"]) == ["1.41421356"]


def test_without_recordings_it_says_which_command_makes_them(trained):
    run, config = trained
    with pytest.raises(UserError, match="sicgrid evaluate"):
        analyze_run(run, config, **QUIET)


def test_a_recording_of_an_older_checkpoint_is_refused(tmp_path, make_config):
    config = make_config()
    run = start_run(config, tmp_path / "run")

    class Crash(Exception):
        pass

    def crash(record):
        if record.step == 12:
            raise Crash

    with pytest.raises(Crash):
        train_run(run, config, lambda first, changed: None, crash)
    evaluate_run(run, config, (2.0,))
    train_run(run, config, lambda first, changed: None, lambda record: None)
    with pytest.raises(UserError, match="another checkpoint"):
        analyze_run(run, config, **QUIET)
    assert not run.summary.exists()


def test_an_arena_too_small_for_the_bins_is_told_in_one_line(trained):
    run, config = trained
    evaluate_run(run, config, (0.8,))
    config = config.model_copy(update={"analysis": config.analysis.model_copy(update={"bin_size": 0.1})})
    with pytest.raises(UserError, match=r"0\.8 m arena cannot be analyzed: .* 10 bins"):
        analyze_run(run, config, **QUIET)
