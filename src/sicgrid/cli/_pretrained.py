"""The command on trained networks: list the bundled ones, print a card, export one more."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .. import pretrained as networks
from ..findings import CARD_ROWS
from ..pretrained import Card, card_text, pretrained_names, read_card
from ..run import AnalysisDisplay, say
from ..storage import UserError, open_run
from ._arguments import Pretrained
from ._display import make_console
from ._parse import parse

MEGABYTE = 1e6


def pretrained(arguments: Sequence[str]) -> int:
    """List, print or export."""
    console = make_console()
    options = parse(Pretrained, arguments)
    if options.export is not None:
        return _export(options, options.export, console)
    if options.shows is not None or options.arenas:
        raise UserError("--shows and --arenas go with --export RUN")
    if options.network is not None:
        say(console, card_text(read_card(options.network, options.folder)).rstrip())
        return 0
    cards = [read_card(name, options.folder) for name in pretrained_names(options.folder)]
    if not cards:
        raise UserError(f"no networks in {options.folder}" if options.folder else "this installation has no networks")
    console.print(networks_table(cards))
    for card in cards:
        say(console, f"{card.name}: {card.shows}")
    say(console, "next: sicgrid pretrained NAME, or sicgrid report --pretrained NAME")
    return 0


def networks_table(cards: Sequence[Card]) -> Table:
    """A row a network."""
    table = Table(title="trained networks", title_justify="left")
    headings = [row.head for row in CARD_ROWS if row.cell is not None]
    for column in ("name", *headings, "claims that hold", "MB"):
        # A name is there to be typed: where the terminal is narrow the others give way.
        table.add_column(column, justify="right" if column == "MB" else "left", no_wrap=column == "name")
    for card in cards:
        table.add_row(
            card.name,
            *card.cells().values(),
            " ".join(card.verdicts().get("holds", ["none"])),
            f"{card.size / MEGABYTE:.1f}",
        )
    return table


def _export(options: Pretrained, run: Path, console: Console) -> int:
    if options.network is None or options.shows is None or options.folder is None:
        raise UserError(
            "name it and say what it shows: `sicgrid pretrained NAME --export RUN --shows TEXT --folder DIR`"
        )
    with AnalysisDisplay(console) as analysis:
        card = networks.export_pretrained(
            open_run(run),
            options.network,
            options.shows,
            options.folder,
            lambda side: say(console, f"walking in the {side:g} m arena"),
            analysis.part,
            analysis.progress,
            options.arenas,
        )
    before, after = (card.rounding[when] for when in ("before", "after"))
    for name, number in before.items():
        say(console, f"{name.replace('_', ' ')}: {number:.5f} before rounding, {after[name]:.5f} after")
    total = sum(read_card(name, options.folder).size for name in pretrained_names(options.folder))
    say(console, f"{card.name}: {card.size / MEGABYTE:.1f} MB; all in {options.folder}: {total / MEGABYTE:.1f} MB")
    return 0
