"""From a run's folder to its page."""

import hashlib
import io
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

import matplotlib

from .._callbacks import ignore
from ..findings import FINDINGS, Drawing
from ..findings import RunResults as RunResults
from ..findings import read_results as read_results
from ..storage import RunDirectory, read_provenance, refuse_file, write_atomically
from ._page import render_page
from ._panels import training_drawings
from ._sections import OnSection, drawings_of

PRINT_DPI = 300  # of maps and dense clouds within a figure
# Without a date the same figure gives the same file.
_UNDATED: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
_MADE_OF = "<!-- made of {} -->\n"  # last line of a page, with `_digest_of_sources`: tells whether it is up to date
_DRAWING_PACKAGES = ("figures", "findings", "report")  # their code decides what a page of given results shows


def write_report(run_dir: Path, on_section: OnSection = ignore, *, keep: bool = False) -> Path:
    """Write ``report.html`` into a run's folder and return its path.

    Everything is in that one file: pictures, styles, scripts; it has a link to the live page where that lies beside it.
    The same results give the same bytes. The caller holds the run's lock. ``on_section`` is called before each section
    with its name, the number of sections drawn so far, and their total. With ``keep`` a page that is up to date, made
    of the same files by the same code, is left alone; sessions that have changed no file do not make it out of date.

    Raises
    ------
    UserError
        If there is no run, its evaluation or analysis is missing (the command that makes it is named), or a file is
        damaged; nothing is written.
    OSError
        If the page cannot be written; an older page is then untouched.

    """
    run = RunDirectory(run_dir)
    if keep and _is_up_to_date(run):
        return run.report
    results = read_results(run_dir)
    page = render_page(results, live=run.explorer.is_file(), on_section=on_section)
    write_atomically(run.report, f"{page}{_MADE_OF.format(_digest_of_sources(run))}".encode())
    return run.report


def _is_up_to_date(run: RunDirectory) -> bool:
    if not (run.report.is_file() and run.provenance.is_file()):
        return False
    mark = _MADE_OF.format(_digest_of_sources(run)).encode()
    with run.report.open("rb") as page:
        page.seek(max(0, run.report.stat().st_size - len(mark)))
        return page.read() == mark


def _digest_of_sources(run: RunDirectory) -> str:
    """SHA-256 of all that decides the page: the run's name, files and results, whether it has a live page, our code."""
    provenance = {name: value for name, value in read_provenance(run).items() if name != "sessions"}
    facts = [run.path.resolve().name, run.explorer.is_file(), provenance, _code_version()]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    excluded = {run.provenance, run.report, run.explorer}
    files = [file for file in run.path.iterdir() if file.is_file() and file.name[0] != "." and file not in excluded]
    for file in sorted([*files, *run.results.glob("*.nc")]):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


@cache
def _code_version() -> str:
    """The package's version, and SHA-256 of the code that draws, which changes in a checkout without a new version."""
    package, digest = Path(__file__).parents[1], hashlib.sha256()
    for file in sorted(file for name in _DRAWING_PACKAGES for file in (package / name).rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return f"{version('sicgrid')} {digest.hexdigest()}"


def write_figures(run_dir: Path, out_dir: Path) -> list[Path]:
    """Write each figure of a run as PDF and as SVG into a folder, which is made if need be; return the files.

    Text stays text in the SVG and is embedded as TrueType in the PDF, so that both can be edited for a paper. The same
    results give the same bytes. Files of the same names are replaced, others are left alone.

    Raises
    ------
    UserError
        As :func:`write_report`, or if ``out_dir``, or what it would lie in, is a file.
    OSError
        If a file cannot be written.

    """
    results = read_results(run_dir)
    refuse_file(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for drawing in figure_drawings(results):
        figure = drawing.draw()
        for kind, metadata in _UNDATED.items():
            buffer = io.BytesIO()
            with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": drawing.name, "pdf.fonttype": 42}):
                figure.savefig(buffer, format=kind, metadata=metadata, dpi=PRINT_DPI)
            figure.set_layout_engine("none")  # the second file reuses the layout, which takes as long as drawing
            file = out_dir / f"{drawing.name}.{kind}"
            write_atomically(file, buffer.getvalue())
            written.append(file)
    return written


def figure_drawings(results: RunResults) -> list[Drawing]:
    """Every figure of the run, for files; names are unique."""
    of_findings = [drawing for finding in FINDINGS for drawing in drawings_of(finding, results)]
    return of_findings + [drawing for drawings in training_drawings(results).values() for drawing in drawings]
