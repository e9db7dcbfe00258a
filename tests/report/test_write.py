import pytest

from sicgrid.report import write_report
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
