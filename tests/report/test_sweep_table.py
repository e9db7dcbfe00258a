import pytest

pytest.importorskip("pyarrow")

from sicgrid.report import read_sweep
from sicgrid.report._sweep_table import run_table, value_text
from sicgrid.sweeps import write_table
from sweep_directories import make_sweep


@pytest.fixture
def table(tmp_path):
    def outcome(trial):
        if trial.seed == 1:
            return {0.2: "failed", 0.4: "unfinished"}.get(trial.point["loss.sigma_g"])
        return {"fraction_beats_both": 0.256, "modules": 2, "spacings_m": [0.8, 0.45], "torus": [[1, 2, 1], [1, 1, 0]]}

    place = make_sweep(tmp_path / "a sweep", {"grid": {"loss.sigma_g": [0.2, 0.4, 0.6]}, "seeds": [0, 1]}, outcome)
    (place.run("sigma_g-0.2-seed-0").report).write_text("its page")
    write_table(place.path)
    return run_table(read_sweep(place.path))


def test_every_trial_is_a_row_with_its_numbers(table):
    labels = [head.label for head in table.heads]
    assert labels[:4] == ["run", "loss.sigma_g", "seed", "status"]
    assert "held-out loss" not in labels  # nobody has one
    shown = [dict(zip(labels, row.cells, strict=True)) for row in table.rows]
    assert [row.status for row in table.rows] == ["finished", "failed", "finished", "unfinished", "finished", "waiting"]
    first = {label: cell.text for label, cell in shown[0].items()}
    assert first["grid cells"] == "26 %"
    assert first["spacings (m)"] == "0.45, 0.80"
    assert first["torus"] == "1 of 2"
    assert first["time"] == "1:02"
    assert shown[1]["message"].text.startswith("stopped")
    assert {cell.text for label, cell in shown[5].items() if label not in labels[:4]} == {"–", ""}


def test_what_sorts_otherwise_than_it_reads_says_so(table):
    labels = [head.label for head in table.heads]
    cells = dict(zip(labels, table.rows[0].cells, strict=True))
    assert cells["time"].sort == "61.5"
    assert cells["spacings (m)"].sort == "0.8"  # the coarsest
    assert {head.label for head in table.heads if head.kind == "text"} == {"run", "status", "torus", "message"}


def test_a_run_leads_to_its_own_page_where_there_is_one(table):
    assert [row.cells[0].href for row in table.rows] == ["runs/sigma_g-0.2-seed-0/report.html", *[""] * 5]


def test_columns_of_few_values_can_be_filtered(table):
    assert {label: values for _, label, values in table.filters} == {
        "loss.sigma_g": ["0.2", "0.4", "0.6"],
        "seed": ["0", "1"],
        "status": ["finished", "failed", "unfinished", "waiting"],
    }


def test_values_as_text():
    assert [value_text(value) for value in (None, True, 0.25, -3, "relu", [1, 2.5], [], float("nan"))] == [
        "–", "true", "0.25", "−3", "relu", "1, 2.5", "none", "–"]  # fmt: skip
