import pytest

from known_run import not_drawn
from sicgrid.experiment import load_run_config
from sicgrid.findings import FINDINGS, analyze_run
from sicgrid.report import _write, read_results, write_figures, write_report
from sicgrid.report._write import figure_drawings
from sicgrid.storage import UserError, session
from small_runs import quiet

SOME = {"occupancy", "log-total"}


def test_the_page_lands_in_the_run_and_links_the_live_one_beside_it(run, rendered):
    run.explorer.write_text("a page")
    page = write_report(run.path)
    assert page == run.report
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("data-unit=") == 9
    assert 'href="explorer.html"' in text
    assert "explorer.html" not in rendered


def test_a_page_that_is_up_to_date_is_left_alone(run, monkeypatch):
    drawn = []
    monkeypatch.setattr(_write, "render_page", lambda results, live, **_: drawn.append(live) or "<html></html>\n")

    def draws(**options):
        before = len(drawn)
        write_report(run.path, **options)
        return len(drawn) - before

    assert draws(keep=True) == 1
    assert draws(keep=True) == 0
    assert draws() == 1  # who asks for it gets it
    with session(run, "analyze"):
        pass
    assert draws(keep=True) == 0  # which changed nothing
    changes = [
        lambda: run.units().write_text(run.units().read_text().replace(",", ", ", 1)),
        lambda: run.explorer.write_text("a page"),
        lambda: run.report.write_text("of an earlier version, which marked none"),
        lambda: monkeypatch.setattr(_write, "_code_version", lambda: "another version"),
    ]
    for change in changes:
        change()
        assert (draws(keep=True), draws(keep=True)) == (1, 0)


def test_a_failure_leaves_the_old_page_and_no_other_file(run):
    run.report.write_text("old")
    run.summary.unlink()
    names = sorted(path.name for path in run.path.iterdir())
    with pytest.raises(UserError):
        write_report(run.path)
    assert run.report.read_text() == "old"
    assert sorted(path.name for path in run.path.iterdir()) == names


@pytest.fixture
def some_figures(run, monkeypatch):
    """Two of the run's figures: with a map, which is a picture within the figure, and with lines alone."""
    drawings = [drawing for drawing in figure_drawings(read_results(run.path)) if drawing.name in SOME]
    monkeypatch.setattr(_write, "figure_drawings", lambda results: drawings)


def test_figures_are_named_once_each(run):
    names = [drawing.name for drawing in figure_drawings(read_results(run.path))]
    assert {"scores", *SOME} <= set(names)
    assert len(names) == len(set(names))


def test_every_figure_lands_in_the_folder_as_pdf_and_svg(run, tmp_path, some_figures):
    first = write_figures(run.path, tmp_path / "new" / "figures")
    assert {file.name for file in first} == {f"{name}.{end}" for name in SOME for end in ("pdf", "svg")}
    assert len(first) == 2 * len(SOME)
    for file in first:
        content = file.read_bytes()
        assert content.startswith(b"%PDF") if file.suffix == ".pdf" else b"<svg" in content


def test_the_same_results_give_the_same_figures(run, tmp_path, some_figures):
    before = {file: file.read_bytes() for file in write_figures(run.path, tmp_path)}
    assert len(before) == 4
    assert {file: file.read_bytes() for file in write_figures(run.path, tmp_path)} == before


def test_figures_of_the_analysis_are_among_them(run):
    assert "metric" not in {drawing.name for drawing in figure_drawings(read_results(run.path))}
    analyze_run(run, load_run_config(run), quiet, quiet, ("geometry",))
    assert "metric" in {drawing.name for drawing in figure_drawings(read_results(run.path))}


def test_a_file_in_the_place_of_the_folder_is_refused(run, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="is a file, not a folder"):
        write_figures(run.path, tmp_path / "taken")


def test_without_a_live_page_there_is_none_to_link(run, monkeypatch):
    monkeypatch.setattr(_write, "render_page", lambda results, live, on_section: f"live: {live}")
    assert write_report(run.path).read_text().startswith("live: False<")


def test_each_section_is_told_as_it_is_drawn(run):
    told = []
    with not_drawn():
        write_report(run.path, lambda *section: told.append(section))
    shown = [*(finding.short for finding in FINDINGS if finding.on_page), "Training"]
    assert told == [(name, drawn, len(shown)) for drawn, name in enumerate(shown)]
