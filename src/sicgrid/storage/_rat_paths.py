"""Paths of real rats that another package ships."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .._repr import brief
from ._errors import UserError, install_command
from .external import identity

RAT_PATHS = {
    "sargolini": "Sargolini et al. 2006, Conjunctive representation of position, direction, and velocity in entorhinal "
    "cortex, Science 312:758-762, doi:10.1126/science.1125572; data: www.ntnu.edu/kavli/research/grid-cell-data"
}
"""Name of each path -> the paper to cite."""


@brief
class RatPath(NamedTuple):
    """Seconds and meters as stored, the side of the box in meters, the paper to cite, the file's name and SHA-256."""

    times: Float[np.ndarray, " time"]
    positions: Float[np.ndarray, "time 2"]
    box: float
    citation: str
    files: list[dict[str, str]]


def read_rat_path(name: str = "sargolini") -> RatPath:
    """A rat foraging for 600 s in a 1 m box, sampled at 50 Hz: Sargolini et al. 2006, as shipped in ratinabox.

    The file is looked up without importing ratinabox. Cite the paper when you use it (`RAT_PATHS`); ratinabox:
    George et al. 2024, doi:10.7554/eLife.85274. A few samples are missing from the original (gaps of up to 0.36 s).

    Raises
    ------
    UserError
        If ratinabox, the extra ``sicgrid[rat]``, is not installed or does not hold the file.

    """
    if name not in RAT_PATHS:
        raise UserError(f"no path {name!r}; known: {', '.join(RAT_PATHS)}")
    package = find_spec("ratinabox")
    if package is None:
        raise UserError(f"the path {name!r} comes with ratinabox; install it with {install_command('sicgrid[rat]')}")
    folders = [Path(folder) for folder in package.submodule_search_locations or []]
    files = [file for folder in folders if (file := folder / "data" / f"{name}.npz").is_file()]
    if not files:
        raise UserError(
            f"the installed ratinabox has no {name}.npz; install it anew: {install_command('sicgrid[rat]')}"
        )
    with np.load(files[0], allow_pickle=False) as stored:
        return RatPath(stored["t"], stored["pos"], 1.0, RAT_PATHS[name], [identity(files[0])])
