"""The command that writes a run in another format."""

from collections.abc import Sequence

from ..bridges import NwbSubject, export_nwb
from ..run import say
from ..storage import UserError, exclusive, open_run, shell_word
from ._arguments import Export
from ._display import make_console
from ._parse import parse


def export(arguments: Sequence[str]) -> int:
    """Write it."""
    console = make_console()
    options = parse(Export, arguments)
    if options.nwb is None:
        raise UserError("where to? give the file: `sicgrid export RUN --nwb FILE`")
    if options.subject is None and (options.species or options.age or options.sex != "U"):
        raise UserError("--species, --sex and --age are of a subject: give --subject ID with them")
    subject = (
        None if options.subject is None else NwbSubject(options.subject, options.species, options.sex, options.age)
    )
    run = open_run(options.run)
    with exclusive(run):
        exported = export_nwb(run, options.nwb, options.arena, options.step, subject)
    contents = (
        f"{exported.walks} walks in a {exported.arena:g} m box, {exported.samples:,} samples of {exported.units} units"
    )
    say(console, f"file: {exported.file.resolve()}: {contents}")
    if not exported.columns:
        say(
            console,
            f"note: without columns of the analysis, which has not been made: sicgrid analyze {shell_word(run.path)}",
        )
    return 0
