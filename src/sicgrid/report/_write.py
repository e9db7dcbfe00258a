"""From a run's folder to its page."""

import io
from pathlib import Path

import matplotlib

from ..findings import FINDINGS, Drawing
from ..findings import RunResults as RunResults
from ..findings import read_results as read_results
from ..storage import RunDirectory, UserError, write_atomically
from ._page import render_page
from ._panels import training_drawings
from ._sections import OnSection, drawings_of, nobody

PRINT_DPI = 300  # of maps and dense clouds within a figure
# Without a date the same figure gives the same file.
_UNDATED: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


def write_report(run_dir: Path, on_section: OnSection = nobody) -> Path:
    """Write ``report.html`` into a run's folder and return its path.

    Everything is in that one file: pictures, styles, scripts; it has a link to the live page where that lies beside it.
    The same results give the same bytes. The caller holds the run's lock. ``on_section`` is told the name of each
    section as it is drawn, how many are, and of how many.

    Raises
    ------
    UserError
        If there is no run, its evaluation or analysis is missing (the command that makes it is named), or a file is
        damaged; nothing is written.
    OSError
        If the page cannot be written; an older page is then untouched.

    """
    results = read_results(run_dir)
    run = RunDirectory(run_dir)
    write_atomically(run.report, render_page(results, live=run.explorer.is_file(), on_section=on_section).encode())
    return run.report


def write_figures(run_dir: Path, out_dir: Path) -> list[Path]:
    """Write each figure of a run as PDF and as SVG into a folder, which is made if need be; return the files.

    Text stays text in the SVG and is embedded as TrueType in the PDF, so that both can be edited for a paper. The same
    results give the same bytes. Files of the same names are replaced, others are left alone.

    Raises
    ------
    UserError
        As :func:`write_report`, or if ``out_dir`` is a file.
    OSError
        If a file cannot be written.

    """
    results = read_results(run_dir)
    if out_dir.exists() and not out_dir.is_dir():
        raise UserError(f"{out_dir} is a file, not a folder; choose another folder")
    out_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for drawing in figure_drawings(results):
        figure = drawing.draw()
        for kind, metadata in _UNDATED.items():
            buffer = io.BytesIO()
            with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": drawing.name, "pdf.fonttype": 42}):
                figure.savefig(buffer, format=kind, metadata=metadata, dpi=PRINT_DPI)
            figure.set_layout_engine("none")  # the second kind keeps the layout, which takes as long as the drawing
            file = out_dir / f"{drawing.name}.{kind}"
            write_atomically(file, buffer.getvalue())
            written.append(file)
    return written


def figure_drawings(results: RunResults) -> list[Drawing]:
    """Every figure of the run, for files; names are unique."""
    of_findings = [drawing for finding in FINDINGS for drawing in drawings_of(finding, results)]
    return of_findings + [drawing for drawings in training_drawings(results).values() for drawing in drawings]
