"""`sicgrid pretrained` and `sicgrid report --pretrained` as a person types them."""

import pytest

from sicgrid.pretrained import card_text, pretrained_names, read_card
from sicgrid.report import _write
from sicgrid.storage import open_run, read_json, read_provenance


def test_the_table_has_a_row_for_each_network(sicgrid, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # else a row of many verdicts takes two lines
    ended = sicgrid("pretrained")
    assert ended.code == 0, ended.err
    for name in pretrained_names():
        (row,) = [line for line in ended.out.splitlines() if line.startswith(f"│ {name} ")]
        assert " ".join(read_card(name).verdicts().get("holds", ["none"])) in row
        assert f"{name}: {read_card(name).shows}" in ended.out


def test_a_name_prints_its_card(sicgrid):
    ended = sicgrid("pretrained", "quick")
    assert ended.code == 0, ended.err
    assert ended.out == card_text(read_card("quick")).rstrip() + "\n"


def test_from_a_run_to_a_network_to_a_page(sicgrid, small_run, tmp_path, monkeypatch, blank_pages):
    words = ("small", "--export", "run", "--shows", "Nothing at [all].", "--folder", "networks")
    ended = sicgrid("pretrained", *words)
    assert ended.code == 0, ended.err
    assert "held out loss: " in ended.out
    assert "small: 0.0 MB; all in networks: 0.0 MB" in ended.out
    assert sicgrid("pretrained", *words).code == 2  # it exists
    assert "small" in sicgrid("pretrained", "--folder", "networks").out
    assert "# small" in sicgrid("pretrained", "small", "--folder", "networks").out
    monkeypatch.setattr("sicgrid.pretrained._catalog._folder", lambda folder: tmp_path / "networks")
    # All of them take half a minute; tests/report/test_write.py has them all.
    drawings = _write.figure_drawings
    monkeypatch.setattr(_write, "figure_drawings", lambda results: drawings(results)[:2])
    ended = sicgrid("report", "--pretrained", "small", "--pdf-figures", "figures")
    assert ended.code == 0, ended.err
    run = open_run(tmp_path / "runs" / "pretrained-small")
    assert run.report.is_file()
    assert run.explorer.stat().st_mtime_ns <= run.report.stat().st_mtime_ns  # written first, or it would not be linked
    assert read_json(run.summary)["active_units"] == read_card("small").summary["active_units"]
    assert len(list((tmp_path / "figures").iterdir())) == 4
    # Again: nothing is recorded or analyzed a second time.
    stages = [session["stage"] for session in read_provenance(run)["sessions"]]
    ended = sicgrid("report", "--pretrained", "small", "--out", "runs/pretrained-small")
    assert ended.code == 0, ended.err
    assert "up to date: units" in ended.out
    assert [session["stage"] for session in read_provenance(run)["sessions"]] == [*stages, "analyze"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pretrained", "quik"], "did you mean 'quick'?"),
        (["pretrained", "quick", "--shows", "it"], "--shows and --arenas go with --export RUN"),
        (["pretrained", "new", "--export", "taken"], "name it and say what it shows"),
        (["pretrained", "new", "--export", "taken", "--shows", "it", "--folder", "new"], "no run in taken"),
        (["pretrained", "--folder", "none"], "no networks in none"),
        (["report", "--pretrained", "quik"], "did you mean 'quick'?"),
        (["report", "--pretrained", "quick", "--out", "taken"], "taken is not empty"),
        (["report", "taken", "--pretrained", "quick"], "give taken or --pretrained quick, not both"),
        (["report", "taken", "--out", "new"], "--out goes with --pretrained NAME"),
        (["report", "--out", "new"], "which run?"),
        (["report"], "which run?"),
    ],
)
def test_faults_are_one_line_and_exit_code_2(sicgrid, tmp_path, disk, words, says):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    before = disk()
    ended = sicgrid(*words)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert says in ended.err
    assert disk() == before
