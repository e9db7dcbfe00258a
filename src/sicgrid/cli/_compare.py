"""The command compare."""

from collections.abc import Sequence

from ..run import compare as compare_systems
from ..run import default_names, say
from ..storage import UserError
from ._arguments import Compare
from ._display import make_console, open_page
from ._parse import parse


def compare(arguments: Sequence[str]) -> int:
    """Write the page that has several systems side by side."""
    console = make_console()
    options = parse(Compare, arguments)
    if options.out is None:
        raise UserError("where to? give the folder of the comparison: `sicgrid compare NAMES --out DIR`")
    if options.cpus is not None and options.cpus < 1:
        raise UserError(f"--cpus must be 1 or more, got {options.cpus}")

    def done(name: str, number: int, total: int) -> None:
        say(console, f"{number} of {total}: {name}")

    def failed(name: str, why: str) -> None:
        say(console, f"{name} could not be made: {why}; the others continue")

    page = compare_systems(
        options.names or default_names(),
        options.out,
        seeds=options.seeds,
        whole=options.whole,
        processes=options.cpus,
        weights=options.weights,
        on_done=done,
        on_failed=failed,
    )
    say(console, f"page: {page.resolve()}")
    if options.open:
        open_page(page, console)
    return 0
