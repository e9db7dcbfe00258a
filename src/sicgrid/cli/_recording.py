"""The run of `analyze`: an existing one, or one made from an external recording."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from rich.console import Console

from .._settings import number_fault
from ..experiment import RunConfig, import_recording, load_config, put_over
from ..run import say
from ..storage import FolderTaken, RunDirectory, UserError, open_run, shell_word
from ._arguments import Analyze


def recording_run(options: Analyze, settings: Mapping[str, Any], console: Console) -> RunDirectory:
    """The run to analyze; with --recording made now, with ``settings`` over those of its file."""
    if options.recording is None:
        recording_options = ("out", "spikes", "series", "activity_series", "arena", "center", "box", "time_scale",
                 "spike_time_scale", "activity_offset", "rectify", "config")  # fmt: skip
        used = [
            f"--{name.replace('_', '-')}"
            for name in sorted(recording_options)
            if getattr(options, name) not in (None, (), False)
        ]
        if used or options.run is None:
            raise UserError(f"{', '.join(used)} goes with --recording FILE; a run has its own settings")
        return open_run(options.run)
    if options.run is not None or options.out is None:
        raise UserError("where to? give the folder of the run to make: `sicgrid analyze --recording FILE --out RUN`")
    config = RunConfig() if options.config is None else load_config(file=options.config)
    config = put_over(config, settings)
    with _suggest_if_taken(f"analyze it with `sicgrid analyze {shell_word(options.out)}`"):
        imported = import_recording(
            options.recording,
            options.out,
            config,
            spikes=options.spikes,
            series=options.series,
            activity_series=options.activity_series,
            arena=options.arena,
            center=options.center or None,
            box=options.box or None,
            time_scale=options.time_scale,
            spike_time_scale=options.spike_time_scale,
            activity_offset=_offset(options.activity_offset),
            rectify=options.rectify,
        )
    for note in imported.notes:
        say(console, f"note: {note}")
    return imported.run


def _offset(word: str | None) -> float | Literal["auto"] | None:
    """The value of --activity-offset."""
    if word is None or word == "auto":
        return word  # type: ignore[return-value]
    try:
        if number_fault(float, word):
            raise ValueError
        return float(word)
    except ValueError:
        raise UserError(f"--activity-offset takes auto or a number, found {word!r}") from None


@contextlib.contextmanager
def _suggest_if_taken(offer: str) -> Iterator[None]:
    """Where a run is in the way of a new one, raise an error that suggests `offer`, or another folder."""
    try:
        yield
    except FolderTaken as error:
        if not error.run:
            raise
        raise UserError(f"{error}: {offer}, or choose another --out") from None
