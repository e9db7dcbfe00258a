"""The arguments of `compare`, apart from the other commands': its help names all baselines, which loads them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional

from ..baselines import BASELINES
from ..pretrained import pretrained_names
from ._help import arg

SYSTEMS = (
    f"Baselines ({', '.join(BASELINES)}), bundled networks ({', '.join(pretrained_names())}), folders of runs. "
    "Default: all bundled networks, and the baselines that take no training or whose weights are bundled."
)


@dataclass(frozen=True)
class Compare:
    """Analyze several systems alike and write one page with a row for each, comparison.html, and its table.

    Started again, it resumes: runs that are there are kept.
    """

    names: Annotated[Positional[tuple[str, ...]], arg(metavar="NAME [NAME ...]", help=SYSTEMS)] = ()
    out: Annotated[Path | None, arg(metavar="DIR")] = None
    """Folder of the comparison. Required."""
    seeds: Annotated[tuple[int, ...], arg(metavar="SEED [SEED ...]")] = (0,)
    """Of the baselines, a run each; the page gives medians."""
    whole: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Compute all parts of the analysis for each one's own page, not those alone that the comparison needs."""
    cpus: Annotated[int | None, arg(metavar="N")] = None
    """Systems made at a time, each on one core. Default: as many as there are cores."""
    weights: Annotated[Path | None, arg(metavar="DIR")] = None
    """Folder where fitted baselines are kept and found, of seeds that the package does not bring. Default:
    DIR/weights in the folder of the comparison."""
    open: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open the page in the browser when it is written."""
