"""An external recording as a run without a network: the same recordings/, so that every analysis applies."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from .._clock import Stretches, longest_bridged, shares_of_time
from .._repr import brief
from .._single import beyond_single, why_beyond
from ..analysis import FEWEST_BINS, bin_spikes, square_box
from ..storage import (
    DOUBT,
    ExternalRecording,
    RunDirectory,
    Scales,
    UserError,
    check_time_units,
    create_run,
    external_source,
    new_provenance,
    read_external_recording,
    require_memory_of_maps,
    save_recording,
)
from ._activity_level import with_active_level
from ._analysis_settings import RunAnalysisConfig
from ._config import LARGEST_ARENA, RunConfig
from ._path_notes import box_notes, walked_samples
from ._yaml import yaml_text

CLOCK_OPTIONS = Scales("--time-scale", "--spike-time-scale")
"""What the command line calls the scales of times; messages name these options, since files are mostly read there."""
SPIKE_SMOOTHING_M = 0.05  # bin width of Sargolini et al. 2006; used unless the settings have analysis.smoothing_m
_MOST_LEFT_OUT = 0.5  # share of the spikes without a place, above which the note is a loud one


@brief
class Imported(NamedTuple):
    """The new run, and what a person should know about it, a sentence each."""

    run: RunDirectory
    notes: list[str]


class Placed(NamedTuple):
    """The samples that lie in the box: their positions and times, and by ``kept`` which of the recording's they are."""

    positions: Float[np.ndarray, "inside 2"]
    times: Float[np.ndarray, " inside"] | None
    kept: Bool[np.ndarray, " time"]
    arena: float


def import_recording(
    file: Path | str,
    out: Path | str,
    config: RunConfig,
    *,
    spikes: Path | str | None = None,
    series: str | None = None,
    activity_series: str | None = None,
    arena: float | None = None,
    center: Sequence[float] | None = None,
    box: Sequence[float] | None = None,
    time_scale: float | None = None,
    spike_time_scale: float | None = None,
    activity_offset: float | Literal["auto"] | None = None,
    rectify: bool = False,
) -> Imported:
    """Make a run from a file of positions with activities or spike times (npz, CSV, NWB).

    The run holds config.yaml with seed, arena and settings of the analysis, provenance.json with the file's name and
    SHA-256 (no folder) under ``recording``, and recordings/arena-SIDE.safetensors: the path as one animal, the origin
    at the center of its box. Spikes stay spikes there, each with its sample and unit, beside the seconds that a sample
    stands for. Their maps are smoothed by `SPIKE_SMOOTHING_M` unless ``config`` smooths by itself. ``initial_state`` is
    zero: nobody knows it.

    ``arena``, ``center`` and ``box`` say where the box is, see `square_box`; samples outside of it are dropped and
    counted, as are glitches of the tracking (see `glitches`). ``time_scale`` and ``spike_time_scale`` are the seconds
    in a unit of the file's times; given, they also say that its times are meant as they are.

    Raises
    ------
    UserError
        If the file does not serve (see `read_external_recording`), its times cannot be seconds, the path does not fit
        into the box, or ``out`` is taken. Nothing is on the disk then.

    """
    file, out = Path(file), Path(out)
    external = read_external_recording(
        file,
        None if spikes is None else Path(spikes),
        series,
        activity_series=activity_series,
        activity_offset=activity_offset,
        rectify=rectify,
        time_scale=time_scale,
        spike_time_scale=spike_time_scale,
        names=CLOCK_OPTIONS,
    )
    notes = list(external.notes)
    certain = time_scale is not None or spike_time_scale is not None
    try:
        placed = place_recording(external, config, notes, arena=arena, center=center, box=box, certain=certain)
    except (UserError, ValueError) as error:
        raise UserError(f"{file}: {error}") from None
    arrays = recording_arrays(external, placed, notes)
    settings = suited_settings(external, arrays, placed.arena, config, notes)
    return keep_recording(external, arrays, placed.arena, out, settings, notes)


def keep_recording(
    external: ExternalRecording,
    arrays: Mapping[str, np.ndarray],
    arena: float,
    out: Path,
    config: RunConfig,
    notes: list[str],
) -> Imported:
    """Write the run of a recording whose arrays have been placed in a box.

    `UserError` if ``out`` is taken, or the analysis would want more memory than there is.
    """
    require_memory_of_maps(len(external.labels), config.analysis.bins_across(arena))
    sha256 = _digest(external.files)
    provenance = new_provenance(config.seed, "cpu", 0, "none", "an external recording, no network")
    provenance["recording"] = {
        "kind": "recording", "files": external.files, "sha256": sha256, "units": external.labels, "notes": notes,
    }  # fmt: skip
    settings = {
        "seed": config.seed,
        "evaluation": {"arenas": [arena]},
        "analysis": config.analysis.model_dump(mode="json"),
    }
    run = create_run(out, yaml_text(settings), provenance)
    about = {"files": external.files, "activity": "as given" if external.spike_times is None else "Hz"}
    save_recording(run, provenance["run"], arena, arrays, sha256, about)
    return Imported(run, notes)


def suited_settings(
    external: ExternalRecording, arrays: Mapping[str, np.ndarray], arena: float, config: RunConfig, notes: list[str]
) -> RunConfig:
    """The settings with what suits the recording where they say nothing: smoothing of spikes, a level of activity.

    Rates of spikes are Hz, and activity that sicgrid wrote are states of length 1: for both the default level is meant.
    """
    settings = config.model_copy(update={"analysis": _smoothed_if_spikes(external, config, notes)})
    if external.activity is None or external.ours:
        return settings
    seconds = arrays.get("seconds")
    weights = None if seconds is None else seconds[None]
    return with_active_level(settings, arrays["positions"], arrays["activity"], arena, notes, weights)


def _smoothed_if_spikes(external: ExternalRecording, config: RunConfig, notes: list[str]) -> RunAnalysisConfig:
    """The settings of the analysis; for spikes with `SPIKE_SMOOTHING_M`, unless they set ``smoothing_m``."""
    analysis = config.analysis
    if external.spike_times is None or "smoothing_m" in analysis.model_fields_set:
        return analysis
    notes.append(
        f"rate maps of spikes are smoothed by {SPIKE_SMOOTHING_M:g} m (analysis.smoothing_m) to be shown and "
        "scored, and for information and fields; lattices are fitted to the unsmoothed ones"
    )
    return analysis.model_copy(update={"smoothing_m": SPIKE_SMOOTHING_M})


def refuse_recording(run: RunDirectory, what: str) -> None:
    """`UserError` if the run holds an external recording and no network, which ``what`` would need."""
    source = external_source(run)
    if source is None:
        return
    names = ", ".join(file["name"] for file in source["files"])
    content = {
        "recording": f"a recording ({names}) and no network",
        "network": "the walks of a network of your own and not the network",
        "code": "a code, a function of place, and no network",
    }[source["kind"]]
    raise UserError(f"the run {run.path} holds {content}, so it cannot be {what}; analyze and report apply to it")


def place_recording(
    external: ExternalRecording,
    config: RunConfig,
    notes: list[str],
    *,
    arena: float | None = None,
    center: Sequence[float] | None = None,
    box: Sequence[float] | None = None,
    certain: bool = False,
    scales: Scales | None = CLOCK_OPTIONS,
) -> Placed:
    """The samples that an animal can have walked and that lie in the box; ``notes`` count the others.

    ValueError or `UserError` if times cannot be seconds (unless ``certain``) or the path does not fit into the box.
    ``scales`` is that of `check_time_units`.
    """
    bin_size = config.analysis.bin_size
    if external.ours:  # its path was checked when it was imported, or its clock is a matter of choice
        walked = np.ones(len(external.positions), dtype=bool)
        notes.append("sicgrid wrote the file: activity and clock were taken as they are")
    else:
        if external.times is not None:
            notes += check_time_units(
                external.times, external.positions, external.spike_times, certain=certain, scales=scales
            )
        walked = walked_samples(external.times, external.positions, notes)
    boxed = square_box(external.positions[walked], bin_size, arena, center=center, box=box)
    notes += box_notes(boxed, place_given=box is not None or center is not None, side_given=arena is not None)
    kept = walked.copy()
    kept[walked] = boxed.kept
    times = None if external.times is None else external.times[kept]
    if boxed.arena > LARGEST_ARENA:
        raise ValueError(
            f"a box of {boxed.arena:g} m is above the {LARGEST_ARENA:g} m allowed; give the box that the path was "
            "walked in, in meters"
        )
    if round(boxed.arena / bin_size) < FEWEST_BINS:
        raise ValueError(
            f"a box of {boxed.arena:g} m has fewer than the {FEWEST_BINS} bins a side that an autocorrelogram needs; "
            "take a smaller analysis.bin_size, or give positions in meters"
        )
    return Placed(boxed.positions, times, kept, boxed.arena)


def _digest(files: list[dict[str, str]]) -> str:
    """SHA-256 of the recording as a whole: of its one file, or of the digests of several."""
    first, *others = (file["sha256"] for file in files)
    return hashlib.sha256("".join([first, *others]).encode()).hexdigest() if others else first


def recording_arrays(external: ExternalRecording, placed: Placed, notes: list[str]) -> dict[str, np.ndarray]:
    """The arrays of the recording's file: positions and activity of one walk, (1, time, ...), or spikes.

    `UserError` if an activity exceeds the range of float32, or no spike falls into the path; ``notes`` count spikes
    that were left out.
    """
    places = placed.positions.astype(np.float32)[None]
    arrays = {
        "positions": places,
        "velocities": np.diff(places, axis=1, prepend=places[:, :1]),
        "initial_state": np.zeros(len(external.labels), dtype=np.float32),
    }
    if external.activity is not None:
        rows = external.activity if placed.kept.all() else external.activity[placed.kept]
        with np.errstate(over="ignore"):
            activity = rows.astype(np.float32, copy=False)
        if bad := int(beyond_single(activity).sum()):
            raise UserError(
                f"{external.files[-1]['name']}: activity holds {why_beyond(rows)} in {bad:,} of {len(rows):,} samples; "
                "give it in a larger unit"
            )
        arrays["activity"] = activity[None]
        if placed.times is not None:
            shares = shares_of_time(placed.times)
            arrays |= {"seconds": shares.seconds} | _stretch_arrays(shares.stretches)
        return arrays
    assert placed.times is not None
    assert external.spike_times is not None
    assert external.spike_units is not None
    binned = bin_spikes(placed.times, external.spike_times, external.spike_units, len(external.labels))
    assert binned.stretches is not None
    total = len(external.spike_times)
    if binned.left_out == total:
        raise UserError(
            f"{external.files[-1]['name']}: none of the {total:,} spikes ({external.spike_times.min():g} to "
            f"{external.spike_times.max():g} s) falls into the path ({placed.times[0]:g} to {placed.times[-1]:g} s); "
            "are both on one clock, in seconds?"
        )
    if binned.left_out:
        loud = f"{DOUBT}: " if binned.left_out > _MOST_LEFT_OUT * total else ""
        notes.append(
            f"{loud}{binned.left_out:,} of {total:,} spikes fell outside the tracked path and were left out (before or "
            f"after it, or where two samples lie more than {longest_bridged(placed.times):.3g} s apart)"
        )
    index = np.int32 if len(placed.times) < 2**31 else np.int64
    return arrays | {
        "seconds": binned.durations,
        "spike_samples": binned.samples.astype(index),
        "spike_units": binned.units.astype(np.int32),
        **_stretch_arrays(binned.stretches),
    }


def _stretch_arrays(stretches: Stretches) -> dict[str, np.ndarray]:
    """Where the path was tracked without a gap, by the names of the recording's file."""
    return {"stretch_samples": stretches.first, "stretch_begins": stretches.begins}
