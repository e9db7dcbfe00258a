"""The one list of baselines; names on the command line, rows of the comparison and the documents come from it."""

import difflib

from ._attractor import ATTRACTOR
from ._banino import BANINO
from ._baseline import Baseline
from ._dorrell import DORRELL
from ._isometry import ISOMETRY
from ._lstm import LSTM
from ._noise import NOISE
from ._npca import NPCA
from ._place_code import PLACE_CODE
from ._residue import RESIDUE
from ._shuffled import SHUFFLED
from ._sorscher import SORSCHER
from ._twisted_torus import TWISTED_TORUS

BASELINES: dict[str, Baseline] = {
    entry.name: entry
    for entry in (
        RESIDUE,
        PLACE_CODE,
        TWISTED_TORUS,
        ATTRACTOR,
        NPCA,
        DORRELL,
        ISOMETRY,
        SORSCHER,
        BANINO,
        LSTM,
        NOISE,
        SHUFFLED,
    )
}


def baseline(name: str) -> Baseline:
    """The baseline of that name.

    Raises
    ------
    ValueError
        If there is none; the nearest name is said.

    >>> baseline("residue").family
    'coding theory'

    """
    if name not in BASELINES:
        near = difflib.get_close_matches(name, BASELINES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"baseline must be one of {', '.join(BASELINES)}, got {name!r}{hint}")
    return BASELINES[name]
