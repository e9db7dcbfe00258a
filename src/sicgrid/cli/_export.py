"""The command that writes a run in another format."""

from collections.abc import Sequence

from ..bridges import NwbSubject, export_nwb
from ..storage import UserError, exclusive, open_run
from ._arguments import Export
from ._display import make_console, say
from ._parse import parse


def export(arguments: Sequence[str]) -> int:
    """Write it."""
    console = make_console()
    given = parse(Export, arguments)
    if given.nwb is None:
        raise UserError("where to? give the file: `sicgrid export RUN --nwb FILE`")
    if given.subject is None and (given.species or given.age or given.sex != "U"):
        raise UserError("--species, --sex and --age are of a subject: give --subject ID with them")
    subject = None if given.subject is None else NwbSubject(given.subject, given.species, given.sex, given.age)
    run = open_run(given.run)
    with exclusive(run):
        made = export_nwb(run, given.nwb, given.arena, given.step, subject)
    told = f"{made.walks} walks in a {made.arena:g} m box, {made.samples:,} samples of {made.units} units"
    say(console, f"file: {made.file.resolve()}: {told}")
    if not made.columns:
        say(console, f"note: without columns of the analysis, which has not been made: sicgrid analyze {run.path}")
    return 0
