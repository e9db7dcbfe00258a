"""The command on the live page: a run's network or a bundled one, alone or beside a second one."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..experiment import did_you_mean
from ..explorer import Subject, check_page, pretrained_subject, run_subject, write_explorer
from ..pretrained import load_pretrained, pretrained_names, read_card
from ..run import say, working
from ..storage import RunDirectory, UserError, exclusive, open_run
from ._arguments import Explore
from ._display import make_console, open_page
from ._parse import parse

MEGABYTE = 1e6
DEFAULT_PAGE = Path("explorer.html")


def explore(arguments: Sequence[str]) -> int:
    """Write the live page."""
    console = make_console()
    options = parse(Explore, arguments)
    if options.run is not None and options.pretrained is not None:
        raise UserError(
            f"give {options.run} or --pretrained {options.pretrained}, not both; --and NAME shows a second one"
        )
    # All arguments are checked before a network walks, which takes half a minute.
    networks = [_bundled(options.pretrained) if options.pretrained is not None else _of_run(options.run)]
    if options.beside is not None:
        networks.append(_second(options.beside))
    named_page = options.out or (DEFAULT_PAGE if options.run is None else None)
    if named_page is not None:
        check_page(named_page)
    page = _write([_subject(network, console) for network in networks], named_page, options.run).resolve()
    say(console, f"page: {page} ({page.stat().st_size / MEGABYTE:.1f} MB)")
    if options.open:
        open_page(page, console)
    return 0


def _write(subjects: Sequence[Subject], page: Path | None, folder: Path | None) -> Path:
    """Write the page, in the run's own folder where no page is named."""
    if page is not None:
        return write_explorer(subjects, page)
    assert folder is not None
    run = open_run(folder)
    with exclusive(run):
        return write_explorer(subjects, run.explorer)


def write_live_page(run: RunDirectory, console: Console) -> None:
    """The live page of a run in the run's own folder, where its report links it."""
    with working("making the live page", console):
        page = write_explorer([run_subject(run)], run.explorer)
    say(console, f"live page: {page.resolve()}")


def _bundled(name: str) -> str:
    read_card(name)  # refuses a name that is not there
    return name


def _second(name: str) -> str | RunDirectory:
    """A bundled network or a run, whichever has this name."""
    names = pretrained_names()
    if Path(name).exists() and (name not in names or Path(name, "config.yaml").is_file()):
        return _of_run(Path(name))
    if name not in names:
        raise UserError(f"no run in {name}, and no bundled network of that name{did_you_mean(name, names)}")
    return _bundled(name)


def _of_run(path: Path | None) -> RunDirectory:
    if path is None:
        raise UserError("which network? give a run's folder, or --pretrained NAME: `sicgrid explore RUN`")
    return open_run(path)


def _subject(source: str | RunDirectory, console: Console) -> Subject:
    if isinstance(source, RunDirectory):
        return run_subject(source)
    network, card = load_pretrained(source), read_card(source)
    say(console, f"walking {source} to measure its maps")
    return pretrained_subject(source, network, card.config, card.shows)
