"""Somebody's recording as a run without a network: the same recordings/, so that every analysis applies."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ..analysis import bin_spikes, square_box
from ..storage import (
    ForeignRecording,
    RunDirectory,
    UserError,
    create_run,
    foreign_source,
    new_provenance,
    read_foreign_recording,
    save_recording,
)
from ._config import RunConfig
from ._yaml import yaml_text

SPIKE_SMOOTHING = 1.5  # bins; the field uses 1 to 2. Only where the settings say nothing about it


class Imported(NamedTuple):
    """The new run, and what a person should know about it, a sentence each."""

    run: RunDirectory
    notes: list[str]


def import_recording(
    file: Path,
    out: Path,
    config: RunConfig,
    *,
    spikes: Path | None = None,
    series: str | None = None,
    arena: float | None = None,
) -> Imported:
    """Make a run from a file of positions with activities or spike times (npz, CSV, NWB).

    The run holds config.yaml with seed, arena and settings of the analysis, provenance.json with the file's name and
    SHA-256 (no folder) under ``recording``, and recordings/arena-SIDE.safetensors: the path as one animal, the origin
    at the center of its bounding box, the box ``arena`` metres a side or the smallest square of whole bins that holds
    it. Spikes become rates in Hz at the path's samples, and their maps are smoothed by `SPIKE_SMOOTHING` bins unless
    ``config`` smooths by itself. ``initial_state`` is zero: nobody knows it.

    Raises
    ------
    UserError
        If the file does not serve (see `read_foreign_recording`), the arena is smaller than the path, or ``out`` is
        taken. Nothing is on the disk then.

    """
    read = read_foreign_recording(file, spikes, series)
    activity, notes = _activity(read)
    analysis = config.analysis
    if read.spike_times is not None and "smoothing" not in analysis.model_fields_set:
        analysis = analysis.model_copy(update={"smoothing": SPIKE_SMOOTHING})
        notes.append(f"rate maps of spikes are smoothed by {SPIKE_SMOOTHING:g} bins (analysis.smoothing)")
    try:
        positions, side = square_box(read.positions, analysis.bin_size, arena)
    except ValueError as error:
        raise UserError(f"{file}: {error}") from None
    if round(side / analysis.bin_size) < 10:
        raise UserError(
            f"{file}: a box of {side:g} m has fewer than the 10 bins a side that an autocorrelogram needs; take a "
            "smaller analysis.bin_size, or give positions in metres"
        )
    if arena is None:
        notes.append(f"taken to be a square box of {side:g} m, the path's extent in whole bins")
    sha256 = read.files[0]["sha256"]
    if len(read.files) > 1:
        sha256 = hashlib.sha256("".join(one["sha256"] for one in read.files).encode()).hexdigest()
    provenance = new_provenance(config.seed, "cpu", 0, "none", "somebody's recording, no network")
    provenance["recording"] = {"files": read.files, "sha256": sha256, "units": read.labels, "notes": notes}
    settings = {
        "seed": config.seed,
        "evaluation": {"arenas": [side]},
        "analysis": analysis.model_dump(mode="json"),
    }
    run = create_run(out, yaml_text(settings), provenance)
    places = positions.astype(np.float32)[None]
    arrays = {
        "positions": places,
        "velocities": np.diff(places, axis=1, prepend=places[:, :1]),
        "states": activity.astype(np.float32)[None],
        "initial_state": np.zeros(activity.shape[1], dtype=np.float32),
    }
    unit = "Hz" if read.spike_times is not None else "as given"
    save_recording(run, provenance["run"], side, arrays, sha256, {"files": read.files, "activity": unit})
    return Imported(run, notes)


def refuse_foreign(run: RunDirectory, what: str) -> None:
    """`UserError` if the run holds somebody's recording and no network, which ``what`` would need."""
    source = foreign_source(run)
    if source is not None:
        names = ", ".join(file["name"] for file in source["files"])
        raise UserError(
            f"the run {run.path} holds a recording ({names}) and no network, so it cannot be {what}; "
            "analyze and report apply to it"
        )


def _activity(read: ForeignRecording) -> tuple[Float[np.ndarray, "time units"], list[str]]:
    notes = list(read.notes)
    if read.activity is not None:
        return read.activity, notes
    assert read.times is not None
    assert read.spike_times is not None
    assert read.spike_units is not None
    binned = bin_spikes(read.times, read.spike_times, read.spike_units, len(read.labels))
    total = len(read.spike_times)
    if binned.left_out == total:
        raise UserError(
            f"{read.files[-1]['name']}: none of the {total:,} spikes ({read.spike_times.min():g} to "
            f"{read.spike_times.max():g} s) falls into the path ({read.times[0]:g} to {read.times[-1]:g} s); "
            "are both on one clock, in seconds?"
        )
    if binned.left_out:
        notes.append(f"{binned.left_out:,} of {total:,} spikes fell outside the tracked path and were left out")
    return binned.rates, notes
