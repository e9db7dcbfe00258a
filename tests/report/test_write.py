import pytest

import ideal_results as ideal
from sicgrid.report import _write, read_results, write_figures, write_report
from sicgrid.report._write import figure_drawings
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
    assert {file.stem for file in first} == {drawing.name for drawing in figure_drawings(read_results(run.path))}
    for file in first:
        content = file.read_bytes()
        assert content.startswith(b"%PDF") if file.suffix == ".pdf" else b"<svg" in content


def test_the_same_results_give_the_same_figures(run, tmp_path, monkeypatch):
    """Of two kinds: with a map, which is a picture within the figure, and with lines alone."""
    drawings = figure_drawings(read_results(run.path))
    some = [drawing for drawing in drawings if drawing.name in ("occupancy", "log-total")]
    monkeypatch.setattr(_write, "figure_drawings", lambda results: some)
    before = {file: file.read_bytes() for file in write_figures(run.path, tmp_path)}
    assert len(before) == 4
    assert {file: file.read_bytes() for file in write_figures(run.path, tmp_path)} == before


def test_figures_of_the_analysis_are_among_them(run):
    folder = run.path / "results"
    folder.mkdir()
    ideal.geometry().to_netcdf(folder / "geometry.nc", engine="h5netcdf")
    assert "metric" in {drawing.name for drawing in figure_drawings(read_results(run.path))}


def test_a_file_in_the_place_of_the_folder_is_refused(run, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="is a file, not a folder"):
        write_figures(run.path, tmp_path / "taken")


def test_the_live_page_is_linked_where_it_lies_beside_the_report(run):
    assert "explorer.html" not in write_report(run.path).read_text()
    run.explorer.write_text("a page")
    assert 'href="explorer.html"' in write_report(run.path).read_text()
