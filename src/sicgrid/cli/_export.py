"""The command that writes a run in another format."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional

from ..bridges import NwbSubject, export_nwb
from ..storage import UserError, exclusive, open_run
from ._display import make_console, say
from ._help import arg
from ._parse import parse


@dataclass(frozen=True)
class Export:
    """Write a run's recording, and what the analysis says of its units, as a NWB file; needs sicgrid[nwb]."""

    run: Annotated[Positional[Path], arg(metavar="RUN")]
    """Folder of the run, evaluated or made of a recording."""
    nwb: Annotated[Path | None, arg(metavar="FILE")] = None
    """The file to write, .nwb; must not exist. Required."""
    arena: Annotated[float | None, arg(metavar="SIDE")] = None
    """Side of the box whose recording it is, meters. Default: the run's main one."""
    step: Annotated[float, arg(metavar="SECONDS")] = 1.0
    """Seconds of a step, which has none of its own: it sets the file's clock."""
    subject: Annotated[str | None, arg(metavar="ID")] = None
    """The animal of a recording, which archives ask for; a simulation has none."""
    species: Annotated[str, arg(metavar="NAME")] = ""
    """With --subject: its Latin name, as "Rattus norvegicus"."""
    sex: Annotated[str, arg(metavar="M|F|O|U")] = "U"
    """With --subject: male, female, other or unknown."""
    age: Annotated[str, arg(metavar="DURATION")] = ""
    """With --subject: its age by ISO 8601, as P90D."""


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
