"""From a sweep's folder to its page."""

from pathlib import Path

from ..storage import write_atomically
from ._sweep_page import render_sweep_page
from ._sweep_results import read_sweep


def write_sweep_report(sweep: Path) -> Path:
    """Write ``report.html`` into a sweep's folder from its table.parquet and its runs; return its path.

    A sweep that is still at work may be written as often as one likes. Runs that have not finished, or cannot be read,
    are rows with their status. The same results give the same bytes.

    Raises
    ------
    UserError
        If there is no table (`sicgrid.sweeps.write_table` makes it) or it is damaged, or pyarrow is not installed.
    OSError
        If the page cannot be written; an older page is then untouched.

    """
    page = sweep / "report.html"
    write_atomically(page, render_sweep_page(read_sweep(sweep)).encode())
    return page
