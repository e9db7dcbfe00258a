"""A recording from elsewhere, as the run that is analyzed."""

import shlex
from typing import Literal

from rich.console import Console

from ..experiment import RunConfig, import_recording, load_config
from ..findings import check_parts
from ..storage import RunDirectory, UserError, open_run
from ._arguments import Analyze
from ._display import say
from ._training import way_on


def recording_run(given: Analyze, console: Console) -> RunDirectory:
    """The run to analyze; with --recording made now."""
    if given.recording is None:
        alone = ("out", "spikes", "series", "activity_series", "arena", "center", "box", "time_scale",
                 "spike_time_scale", "activity_offset", "rectify", "config")  # fmt: skip
        used = [
            f"--{name.replace('_', '-')}" for name in sorted(alone) if getattr(given, name) not in (None, (), False)
        ]
        if used or given.run is None:
            raise UserError(f"{', '.join(used)} goes with --recording FILE; a run has its own settings")
        return open_run(given.run)
    if given.run is not None or given.out is None:
        raise UserError("where to? give the folder of the run to make: `sicgrid analyze --recording FILE --out RUN`")
    config = RunConfig() if given.config is None else load_config(file=given.config)
    check_parts(given.only)
    with way_on(f"analyze it with `sicgrid analyze {shlex.quote(str(given.out))}`"):
        made = import_recording(
            given.recording,
            given.out,
            config,
            spikes=given.spikes,
            series=given.series,
            activity_series=given.activity_series,
            arena=given.arena,
            center=given.center or None,
            box=given.box or None,
            time_scale=given.time_scale,
            spike_time_scale=given.spike_time_scale,
            activity_offset=_offset(given.activity_offset),
            rectify=given.rectify,
        )
    for note in made.notes:
        say(console, f"note: {note}")
    return made.run


def _offset(word: str | None) -> float | Literal["auto"] | None:
    """The value of --activity-offset."""
    if word is None or word == "auto":
        return word  # type: ignore[return-value]
    try:
        return float(word)
    except ValueError:
        raise UserError(f"--activity-offset takes auto or a number, found {word!r}") from None
