"""What the recordings of a run were made from: a checkpoint of its network, or a file that a user gave."""

from typing import NamedTuple

from .._repr import brief
from ..storage import RunDirectory, external_source
from ._checkpoint import load_checkpoint
from ._config import RunConfig


@brief
class Origin(NamedTuple):
    """``sha256`` is written into each recording; ``step`` is the checkpoint's, None where there is no network."""

    sha256: str
    step: int | None


def recordings_origin(run: RunDirectory, config: RunConfig) -> Origin | None:
    """What the run's recordings must come from to be of use; None if nothing is trained yet.

    Raises
    ------
    UserError
        If the checkpoint is damaged, of another run or of other settings.

    """
    source = external_source(run)
    if source is not None:
        return Origin(source["sha256"], None)
    checkpoint = load_checkpoint(run, config)
    return None if checkpoint is None else Origin(checkpoint.sha256, checkpoint.step)
