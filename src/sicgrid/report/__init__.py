"""One self-contained page per run, and one per sweep: opens from disk, needs no network."""

from ._compare import ComparedSystem as ComparedSystem
from ._compare import row_in_words as row_in_words
from ._compare import write_comparison as write_comparison
from ._page import render_page as render_page
from ._sweep import write_sweep_report as write_sweep_report
from ._sweep_page import render_sweep_page as render_sweep_page
from ._sweep_results import SweepResults as SweepResults
from ._sweep_results import read_sweep as read_sweep
from ._write import RunResults as RunResults
from ._write import read_results as read_results
from ._write import write_figures as write_figures
from ._write import write_report as write_report
