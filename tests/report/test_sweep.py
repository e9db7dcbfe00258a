import pytest

pytest.importorskip("pyarrow")

from sicgrid.report import write_sweep_report
from sicgrid.storage import UserError
from sicgrid.sweeps import write_table
from sweep_directories import make_sweep


def test_the_page_lies_in_the_sweep_and_is_the_same_again(tmp_path):
    place = make_sweep(tmp_path / "sweep", {"seeds": "0..1"}, lambda trial: {"modules": 1, "fraction_grid": 0.5})
    write_table(place.path)
    page = write_sweep_report(place.path)
    assert page == place.path / "report.html"
    first = page.read_bytes()
    assert write_sweep_report(place.path).read_bytes() == first


def test_damaged_runs_are_rows_and_no_crash(tmp_path):
    place = make_sweep(tmp_path / "sweep", {"seeds": "0..3"}, lambda trial: {"modules": 1, "fraction_grid": 0.5})
    place.record("seed-0").write_text("{")
    place.run("seed-1").summary.write_text('{"modules": 3, "parts": {"modules": 1}}')
    place.run("seed-2").units().write_text("unit,active\n1\n")
    place.run("seed-3").maps().unlink()
    write_table(place.path)
    page = write_sweep_report(place.path).read_text()
    assert page.count('<td class="status damaged">') == 3
    assert "its rate maps cannot be read" in page


def test_without_a_table_nothing_is_written(tmp_path):
    with pytest.raises(UserError, match="sicgrid report"):
        write_sweep_report(tmp_path)
    assert list(tmp_path.iterdir()) == []
