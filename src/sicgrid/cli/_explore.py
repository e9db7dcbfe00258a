"""The command on the live page: a run's network or a bundled one, alone or beside a second one."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..explorer import Subject, pretrained_subject, run_subject, write_explorer
from ..pretrained import load_pretrained, pretrained_names, read_card
from ..run import say, working
from ..storage import RunDirectory, UserError, exclusive, open_run
from ._arguments import Explore
from ._display import make_console, open_page
from ._parse import parse

MEGABYTE = 1e6


def explore(arguments: Sequence[str]) -> int:
    """Write the live page."""
    console = make_console()
    options = parse(Explore, arguments)
    if options.run is not None and options.pretrained is not None:
        raise UserError(
            f"give {options.run} or --pretrained {options.pretrained}, not both; --and NAME shows a second one"
        )
    subjects = [_bundled(options.pretrained, console) if options.pretrained is not None else _of_run(options.run)]
    if options.beside is not None:
        bundled = options.beside in pretrained_names() and not Path(options.beside, "config.yaml").is_file()
        subjects.append(_bundled(options.beside, console) if bundled else _of_run(Path(options.beside)))
    page = _write(subjects, options).resolve()
    say(console, f"page: {page} ({page.stat().st_size / MEGABYTE:.1f} MB)")
    if options.open:
        open_page(page, console)
    return 0


def _write(subjects: Sequence[Subject], options: Explore) -> Path:
    if options.out is not None or options.run is None:
        return write_explorer(subjects, options.out or Path("explorer.html"))
    run = open_run(options.run)
    with exclusive(run):
        return write_explorer(subjects, run.explorer)


def write_live_page(run: RunDirectory, console: Console) -> None:
    """The live page of a run in the run's own folder, where its report links it."""
    with working("making the live page", console):
        page = write_explorer([run_subject(run)], run.explorer)
    say(console, f"live page: {page.resolve()}")


def _bundled(name: str, console: Console) -> Subject:
    network, card = load_pretrained(name), read_card(name)
    say(console, f"walking {name} to measure its maps")
    return pretrained_subject(name, network, card.config, card.shows)


def _of_run(path: Path | None) -> Subject:
    if path is None:
        raise UserError("which network? give a run's folder, or --pretrained NAME: `sicgrid explore RUN`")
    return run_subject(open_run(path))
