"""From a run's folder to its page."""

from pathlib import Path

from ..storage import RunDirectory, write_atomically
from ._page import render_page
from ._results import read_results


def write_report(run_dir: Path) -> Path:
    """Write ``report.html`` into a run's folder and return its path.

    Everything is in that one file: pictures, styles, scripts. The same results give the same bytes. The caller holds
    the run's lock.

    Raises
    ------
    UserError
        If there is no run, its evaluation or analysis is missing (the command that makes it is named), or a file is
        damaged; nothing is written.
    OSError
        If the page cannot be written; an older page is then untouched.

    """
    results = read_results(run_dir)
    page = RunDirectory(run_dir).report
    write_atomically(page, render_page(results).encode())
    return page
