"""One self-contained page per run: opens from disk, needs no network."""

from ._page import render_page as render_page
from ._results import RunResults as RunResults
from ._results import read_results as read_results
from ._write import write_figures as write_figures
from ._write import write_report as write_report
