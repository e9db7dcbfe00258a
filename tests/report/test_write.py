import pytest

import ideal_results as ideal
from sicgrid.report import write_figures, write_report
from sicgrid.storage import UserError


def test_the_page_lands_in_the_run(run):
    page = write_report(run.path)
    assert page == run.report
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("data-unit=") == 9


def test_a_failure_leaves_the_old_page_and_no_other_file(run):
    run.report.write_text("old")
    run.summary.unlink()
    names = sorted(path.name for path in run.path.iterdir())
    with pytest.raises(UserError):
        write_report(run.path)
    assert run.report.read_text() == "old"
    assert sorted(path.name for path in run.path.iterdir()) == names


def test_every_figure_lands_in_the_folder_as_pdf_and_svg(run, tmp_path):
    first = write_figures(run.path, tmp_path / "new" / "figures")
    names = {file.name for file in first}
    assert {"scores.pdf", "scores.svg", "occupancy.pdf", "log-total.svg"} <= names
    assert len(names) == len(first) == 2 * len({file.stem for file in first})
    before = {file.name: file.read_bytes() for file in first}
    assert all(content.startswith(b"%PDF") for name, content in before.items() if name.endswith("pdf"))
    assert all(b"<svg" in content for name, content in before.items() if name.endswith("svg"))
    write_figures(run.path, tmp_path / "new" / "figures")
    assert {file.name: file.read_bytes() for file in first} == before


def test_figures_of_the_analysis_are_among_them(run, tmp_path):
    folder = run.path / "results"
    folder.mkdir()
    ideal.geometry().to_netcdf(folder / "geometry.nc", engine="h5netcdf")
    assert tmp_path / "out" / "metric.pdf" in write_figures(run.path, tmp_path / "out")


def test_a_file_in_the_place_of_the_folder_is_refused(run, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="is a file, not a folder"):
        write_figures(run.path, tmp_path / "taken")


def test_the_live_page_is_linked_where_it_lies_beside_the_report(run):
    assert "explorer.html" not in write_report(run.path).read_text()
    run.explorer.write_text("a page")
    assert 'href="explorer.html"' in write_report(run.path).read_text()
