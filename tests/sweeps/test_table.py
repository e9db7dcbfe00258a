import json
import math

import pytest

from sicgrid.experiment import start_run
from sicgrid.storage import UserError
from sicgrid.sweeps import METRICS, collect, load_plan, trials_of, write_table
from sicgrid.sweeps._directory import add_trials, open_sweep
from sweep_directories import make_sweep

pyarrow_parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def sweep(tmp_path, make_plan):
    """Two variants by two seeds: one finished, one diverged, one begun and not ended, one not begun."""
    plan = make_plan(variants={"a": {"loss.sigma_g": 0.2}, "b": {"trajectories.permute": False}}, seeds=[0, 1])
    place = open_sweep(tmp_path / "sweep", plan)
    trials = trials_of(plan)
    add_trials(place, trials)
    for trial in trials[:3]:
        start_run(trial.config, place.runs / trial.name)
    ended = {
        trials[0].name: {"status": "finished", "seconds": 1.5, "metrics": {"fraction_grid": 0.25, "modules": 2}},
        trials[1].name: {"status": "diverged", "seconds": 0.5, "message": "not finite", "metrics": {}},
    }
    for name, record in ended.items():
        (place.runs / name / "trial.json").write_text(json.dumps({"name": name, "message": None, **record}))
    return place


def test_every_trial_is_one_row_with_its_status(sweep):
    rows = collect(sweep.path)
    assert [(row["variant"], row["seed"], row["status"]) for row in rows] == [
        ("a", 0, "finished"),
        ("a", 1, "diverged"),
        ("b", 0, "unfinished"),
        ("b", 1, "waiting"),
    ]
    assert rows[0]["fraction_grid"] == 0.25
    assert rows[0]["modules"] == 2
    assert rows[1]["message"] == "not finite"


def test_varied_settings_are_columns_with_what_each_run_has(sweep):
    rows = collect(sweep.path)
    assert [row["loss.sigma_g"] for row in rows] == [0.2, 0.2, 0.4, None]  # the last has not begun
    assert [row["trajectories.permute"] for row in rows] == [True, True, False, False]


def test_a_damaged_file_is_a_row_that_says_so(sweep):
    name = collect(sweep.path)[0]["name"]
    (sweep.runs / name / "trial.json").write_text("{")
    row = collect(sweep.path)[0]
    assert row["status"] == "damaged"
    assert "trial.json" in row["message"]


def test_the_parquet_file_holds_the_rows_their_types_and_meanings(sweep):
    table = pyarrow_parquet.read_table(write_table(sweep.path))
    rows = collect(sweep.path)
    assert table.num_rows == 4
    assert table.column_names == list(rows[0])
    for found, row in zip(table.to_pylist(), rows, strict=True):
        for name, value in row.items():
            assert found[name] == value or (value is None and found[name] is None) or math.isclose(found[name], value)
    field = table.schema.field("spacing_largest_m")
    assert field.metadata[b"unit"] == b"m"
    assert field.metadata[b"description"].decode() == METRICS["spacing_largest_m"].description
    assert str(table.schema.field("modules").type) == "double"  # also where no trial has any yet


def test_values_that_a_plan_gave_as_text_are_numbers_of_the_table(tmp_path, make_plan):
    grid = {"training.learning_rate": ["1e-3", "0.01"], "model.units": ["8"], "trajectories.permute": ["off"]}
    plan = make_plan(grid=grid)
    place = open_sweep(tmp_path / "sweep", plan)
    add_trials(place, trials_of(plan))
    about = json.loads(place.about.read_text())
    for trial, said in zip(about["trials"], ("1e-3", "0.01"), strict=True):
        assert trial["point"]["training.learning_rate"] == float(said)
        trial["point"] = {"training.learning_rate": said, "model.units": "8", "trajectories.permute": "off"}
    for text in (place.about.read_text(), json.dumps(about)):  # the second as version 0.1 noted it
        place.about.write_text(text)
        table = pyarrow_parquet.read_table(write_table(place.path))
        types = [str(table.schema.field(name).type) for name in grid]
        assert types == ["double", "int64", "bool"]
        assert table["training.learning_rate"].to_pylist() == [0.001, 0.01]
        assert table["model.units"].to_pylist() == [8, 8]
        assert json.loads(table.schema.metadata[b"sicgrid"])["grid"]["training.learning_rate"] == [0.001, 0.01]


def test_the_table_says_what_the_plan_is(sweep):
    plan = json.loads(pyarrow_parquet.read_schema(write_table(sweep.path)).metadata[b"sicgrid"])
    assert (plan["kind"], plan["trials"], plan["seeds"]) == ("variants", 4, [0, 1])
    assert plan["variants"] == {"a": {"loss.sigma_g": 0.2}, "b": {"trajectories.permute": False}}


def test_a_finished_run_has_its_modules_spacings_torus_and_information(tmp_path):
    ended = {
        0: {"spacings_m": [0.8, 0.45], "torus": [[1, 2, 1], [1, 1, 0]], "information": 0.7, "held_out_capacity": -0.5},
        1: {"spacings_m": []},
        2: "diverged",
    }
    place = make_sweep(tmp_path / "sweep", {"seeds": "0..2"}, lambda trial: ended[trial.seed])
    rows = pyarrow_parquet.read_table(write_table(place.path)).to_pylist()
    assert [row["spacings_m"] for row in rows] == [[0.45, 0.8], [], None]
    assert [row["torus"] for row in rows] == ["1 of 2", None, None]
    assert [row["spatial_information"] for row in rows] == [0.7, 1.0, None]
    assert rows[0]["held_out_capacity"] == -0.5
    assert [row["seconds"] for row in rows] == [61.5] * 3


def test_a_search_counts_the_trials_that_it_has_not_thought_of_yet(tmp_path, write_plan):
    plan = load_plan(
        write_plan("search: {loss.capacity: {low: 0, high: 1}}\nsamples: 7\nmaximize: modules\nseeds: [0, 1]\n")
    )
    place = open_sweep(tmp_path / "sweep", plan)
    about = json.loads(pyarrow_parquet.read_schema(write_table(place.path)).metadata[b"sicgrid"])
    assert (about["kind"], about["trials"], about["maximize"]) == ("search", 14, "modules")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("trial.json", "[]"),
        ("trial.json", '{"status": "finished", "metrics": [1]}'),
        ("summary.json", '{"parts": {"modules": {}}, "modules": [{}]}'),
        ("summary.json", "{"),
        ("units.csv", "unit,active\n1\n"),
        ("units.csv", "unit,active,spatial_information\n1,True,much\n"),
    ],
)
def test_whatever_a_run_holds_it_stays_a_row(tmp_path, file, text):
    place = make_sweep(tmp_path / "sweep", {"seeds": [0, 1]}, lambda trial: {"modules": 1})
    (place.runs / "seed-0" / file).write_text(text)
    rows = pyarrow_parquet.read_table(write_table(place.path)).to_pylist()
    assert [row["status"] for row in rows] == ["damaged", "finished"]
    assert rows[0]["message"]


def test_numbers_that_are_none_are_left_out(tmp_path):
    place = make_sweep(tmp_path / "sweep", {"seeds": [0]}, lambda trial: {"modules": "three", "active_units": True})
    (row,) = pyarrow_parquet.read_table(write_table(place.path)).to_pylist()
    assert (row["modules"], row["active_units"]) == (None, None)


def test_a_damaged_list_of_trials_is_named(sweep):
    sweep.about.write_text('{"trials": [{"seed": 1}]}')
    with pytest.raises(UserError, match=r"sweep\.json is damaged"):
        collect(sweep.path)


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no sweep"):
        collect(tmp_path)
