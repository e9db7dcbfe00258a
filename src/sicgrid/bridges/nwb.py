"""A run as an NWB file (Rübel et al. 2022), the format of archives and of many tools; our own reader takes it too."""

import contextlib
import os
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from .._repr import brief
from ..analysis import rate_maps
from ..evaluation import Recording
from ..experiment import load_run_config, load_run_recording
from ..storage import (
    WRITTEN_HERE,
    RunDirectory,
    UserError,
    external_source,
    length_name,
    read_json,
    read_provenance,
    read_units,
    recorded_arenas,
    shell_word,
)
from ._extras import other_package
from ._nwb_subject import NwbSubject, check_subject, pynwb_subject
from ._timeline import Timeline, spikes_of, timeline

_EVEN = 1e-6  # of an interval; times whose intervals differ less are stored as a rate


@brief
class ExportedNwb(NamedTuple):
    """What was written: the file, the box's side in meters, walks, samples of all, units, columns of the analysis."""

    file: Path
    arena: float
    walks: int
    samples: int
    units: int
    columns: list[str]


def export_nwb(
    run: RunDirectory,
    file: Path,
    arena: float | None = None,
    step_s: float = 1.0,
    subject: NwbSubject | None = None,
) -> ExportedNwb:
    """Write a run's recording in one box, and what the analysis says of its units, as an NWB file.

    - ``processing/behavior``: Position with the SpatialSeries ``position`` (time, 2), meters, the origin at the box's
      center; ``rate_maps``, a RateMapTable (the extension ndx-rate-maps) of unsmoothed maps with seconds of occupancy.
    - ``acquisition/activity``: a TimeSeries (time, units) of a network's states or an animal's activities, of any sign.
      Of spikes there is none: they are in Units.
    - ``units``: a row for each unit, with its name, its spike times if it has some, and the columns of units.csv.
    - ``intervals/walks``: one for each walk. Walks of a network follow each other, `GAP_STEPS` steps apart; of an
      animal there is one for each stretch without a gap in the tracking, on the recording's own clock.

    Read back with ``read_external_recording``, positions and activities (or spikes) are those of the recording.

    Parameters
    ----------
    run
        An evaluated network's, or of a recording. The caller holds its lock, if it is written to meanwhile.
    file
        Where to; must not exist, its name ends in .nwb.
    arena
        Side of the box, meters; by default the run's main one.
    step_s
        Seconds of a network's step, which has none of its own.
    subject
        The animal of a recording. A simulation has none, and archives' tools (nwbinspector) say that it is missing.

    Raises
    ------
    UserError
        If pynwb or ndx-rate-maps is missing (``sicgrid[nwb]``), the file exists or its folder does not, there is no
        such recording, units.csv is of other units, a simulation is given a subject, or that is not as archives want
        it. Nothing is on the disk then.

    """
    pynwb = other_package("pynwb", "nwb")
    other_package("ndx_rate_maps", "nwb")
    if file.suffix.lower() != ".nwb":
        raise UserError(f"the name of an NWB file ends in .nwb, got {file}")
    if file.exists():
        raise UserError(f"{file} is there already; choose another name, or move it away")
    if not file.absolute().parent.is_dir():
        raise UserError(f"there is no folder {file.absolute().parent} to write {file.name} into")
    if subject is not None:
        check_subject(run, subject)
    side = _chosen_arena(run, arena)
    recording = load_run_recording(run, side)
    clock, columns = timeline(recording, step_s), _columns(run, side, recording.shape[2])
    seconds = recording.seconds if recording.seconds is not None else np.full(len(clock.times), step_s)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pynwb warns of versions of specifications, about which a user can do nothing
        nwb = _empty_file(pynwb, run, recording, step_s)
        if subject is not None:
            nwb.subject = pynwb_subject(pynwb, subject)
        _add_walks(nwb, recording, clock)
        _add_units(nwb, run, recording, clock, columns)
        _add_maps(nwb, recording, seconds, load_run_config(run).analysis.bin_size)
        _write(pynwb, nwb, file)
    return ExportedNwb(file, side, len(clock.starts), len(clock.times), recording.shape[2], list(columns))


def _chosen_arena(run: RunDirectory, arena: float | None) -> float:
    recorded = recorded_arenas(run)
    if not recorded:
        raise UserError(f"the run {run.path} has no recording; make one with `sicgrid evaluate {shell_word(run.path)}`")
    if arena is None:
        arena = load_run_config(run).evaluation.main_arena(recorded)
    if arena not in recorded:
        sides = ", ".join(f"{length_name(side)} m" for side in recorded)
        raise UserError(f"the run {run.path} has no recording in a {length_name(arena)} m box; there are {sides}")
    return arena


def _columns(run: RunDirectory, arena: float, units: int) -> dict[str, Shaped[np.ndarray, " unit"]]:
    """What the analysis says of each unit in this box; empty where it has said nothing yet."""
    main = read_json(run.summary).get("arena_m") if run.summary.is_file() else None
    path = run.units() if main == arena else run.units(arena)
    if not path.is_file():
        return {}
    columns = read_units(path)
    if any(len(column) != units for column in columns.values()):
        command = f"`sicgrid analyze {shell_word(run.path)}`"
        raise UserError(f"{path} is not of the {units} recorded units; bring it up to date with {command}")
    return {name: column for name, column in columns.items() if name not in ("unit", "name")}


def _empty_file(pynwb: Any, run: RunDirectory, recording: Recording, step_s: float) -> Any:
    """The NWBFile with its description and without data."""
    provenance, source = read_provenance(run), external_source(run)
    walks, steps, units = recording.shape
    box = f"in a square box of {recording.arena:g} m a side"
    kind = source["kind"] if source else "trained"
    if kind != "recording":
        system = {
            "trained": f"recurrent network of {units} units, moved by velocities alone,",
            "network": f"network of {units} units,",
            "code": f"code, asked at places, of {units} units,",
        }[kind]
        text = (
            f"Simulation: a {system} on {walks} walks of {steps} steps {box}. A step has no duration; here it lasts "
            f"{step_s:g} s, so times and speeds mean nothing. No animal was recorded, so there is no subject."
        )
    else:
        assert source is not None
        files = ", ".join(entry["name"] for entry in source["files"]) or "arrays"
        whole = "Samples follow each other without gaps."
        apart = "Times are the recording's own; each of the walks is a stretch without a gap in the tracking."
        text = f"A recording of {units} units {box}, imported from {files}. {apart if recording.stretches else whole}"
    return pynwb.NWBFile(
        session_description=text,
        identifier=f"{provenance['run']}-arena-{length_name(recording.arena)}",
        session_start_time=datetime.fromisoformat(provenance["created"]),
        experiment_description=f"{WRITTEN_HERE}; positions have their origin at the center of the box.",
        keywords=["grid cells", "recording" if kind == "recording" else "simulation"],
    )


def _clock(times: Float[np.ndarray, " time"]) -> dict[str, Any]:
    """Arguments of a TimeSeries: rate and start where times are even, as the format wants it; else the times."""
    intervals = np.diff(times)
    if np.ptp(intervals) <= _EVEN * intervals[0]:
        return {"rate": 1 / float(intervals.mean()), "starting_time": float(times[0])}
    return {"timestamps": times}


def _add_walks(nwb: Any, recording: Recording, clock: Timeline) -> None:
    from hdmf.backends.hdf5 import H5DataIO
    from pynwb import TimeSeries
    from pynwb.behavior import Position, SpatialSeries
    from pynwb.epoch import TimeIntervals

    place = SpatialSeries(
        name="position",
        description="x and y of the animal",
        data=H5DataIO(recording.positions.reshape(-1, 2), compression="gzip"),
        unit="meters",
        reference_frame="the origin is the center of the box, x to the right and y up",
        **_clock(clock.times),
    )
    nwb.create_processing_module("behavior", "where it was").add(Position(spatial_series=place))
    walks = TimeIntervals(name="walks", description="from the first to the last sample of each walk")
    for start, end in zip(clock.starts, clock.ends, strict=True):
        walks.add_interval(start_time=float(start), stop_time=float(end))
    nwb.add_time_intervals(walks)
    if recording.spikes:
        return
    sign = ", of both signs" if recording.activity.min() < 0 else ""
    activity = TimeSeries(
        name="activity",
        description=f"activity of every unit{sign}, a column for each row of the Units table",
        data=H5DataIO(recording.activity.reshape(-1, recording.shape[2]), compression="gzip"),
        unit="a.u.",
        **({"timestamps": place} if place.timestamps is not None else _clock(clock.times)),
    )
    nwb.add_acquisition(activity)


def _add_units(
    nwb: Any, run: RunDirectory, recording: Recording, clock: Timeline, columns: Mapping[str, np.ndarray]
) -> None:
    from pynwb.misc import Units

    source = external_source(run)
    # A spike has the time of its sample, and no finer one.
    resolution = None if recording.seconds is None else float(np.median(recording.seconds))
    nwb.units = Units(name="units", description="a row for each recorded unit", resolution=resolution)
    names = source["units"] if source else [str(unit) for unit in range(recording.shape[2])]
    nwb.add_unit_column("unit_name", "what the unit is called")
    for name in columns:
        nwb.add_unit_column(name, f"{name} of units.csv, by sicgrid's analysis")
    fired = spikes_of(recording, clock.times) if recording.spikes else None
    for unit, label in enumerate(names):
        train = {} if fired is None else {"spike_times": fired.times[fired.units == unit]}
        nwb.add_unit(unit_name=label, **train, **{name: column[unit].item() for name, column in columns.items()})


def _add_maps(nwb: Any, recording: Recording, seconds: Float[np.ndarray, " time"], bin_size: float) -> None:
    from hdmf.common import DynamicTableRegion, VectorData
    from ndx_rate_maps import RateMapTable

    side, units = recording.arena, recording.shape[2]
    edges = np.linspace(-side / 2, side / 2, round(side / bin_size) + 1)
    states = recording.activity if recording.spikes else recording.activity.reshape(-1, units)
    maps = rate_maps(recording.positions.reshape(-1, 2), states, edges, seconds)
    kind = "spikes over seconds" if recording.spikes else "mean activity, which has no unit, though the table says Hz"
    occupancy = np.repeat(maps.occupancy[None], units, axis=0)
    behavior = nwb.processing["behavior"]
    table = RateMapTable(
        name="rate_maps",
        description=f"unsmoothed, {kind}; bins that were never visited are NaN",
        bin_edges_dim0=maps.x_edges,
        dim0_label="x_position",
        dim0_unit="meters",
        bin_edges_dim1=maps.y_edges,
        dim1_label="y_position",
        dim1_unit="meters",
        units=DynamicTableRegion("units", list(range(units)), "the unit of each map", nwb.units),
        rate_map=VectorData(name="rate_map", description=kind, data=maps.maps.astype(np.float64)),
        occupancy_map=VectorData(name="occupancy_map", description="seconds in each bin", data=occupancy),
        source_timeseries=behavior["Position"]["position"],
        time_support=nwb.intervals["walks"],
    )
    behavior.add(table)


def _write(pynwb: Any, nwb: Any, file: Path) -> None:
    """Write under a hidden name, then rename, so that a crash leaves no incomplete file."""
    temporary = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        with pynwb.NWBHDF5IO(str(temporary), mode="w") as io:
            io.write(nwb)
        temporary.replace(file)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
