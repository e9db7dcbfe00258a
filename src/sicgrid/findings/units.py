"""What is each unit active for? Rate maps, scores and lattices in each box."""

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from .._bins import bin_middles
from ..analysis import AnalysisConfig, UnitTable, analyze_units, summarize
from ..experiment import RunConfig
from ..storage import UserError, length_name
from ._finding import CardRow, Column, ComparedNumber, Fact, Finding, Measure, Metric, Record, ResultLine
from ._names import UNITS
from ._part import AXES, Part, Progress, Result, quantity
from ._results import RunResults
from ._sources import Sources

_UNITS = {
    "spacing_m": "m", "spacing_se_m": "m", "orientation_deg": "degrees", "orientation_se_deg": "degrees",
    "spatial_information": "bit", "lattice_peak": "Hz",
}  # fmt: skip


def unit_part(arena: float | None) -> Part:
    """The part ``units`` of the main box (None), or ``units-3`` of one 3 m a side."""

    def settings(config: RunConfig) -> dict[str, object]:
        return box_settings(config, arena is None).model_dump(mode="json") | {"seed": config.seed}

    def compute(sources: Sources, progress: Progress) -> Result:
        return _units(sources, sources.main if arena is None else arena, progress)

    if arena is None:
        return Part(
            UNITS, 2, compute, settings, model=AnalysisConfig, recordings="main", for_box=unit_part, usual_s=15,
            usual_bytes=0, swept=True,
        )  # fmt: skip
    return Part(f"{UNITS}-{length_name(arena)}", 2, compute, settings, arena=arena, of=UNITS, usual_s=15)


def box_settings(config: RunConfig, main: bool) -> AnalysisConfig:
    """How units are analyzed in the main box, or in the others, where fewer shuffles make the null."""
    settings = config.analysis.units_only()
    fewer = min(config.analysis.other_boxes_shuffles, settings.shuffles)
    return settings if main else settings.model_copy(update={"shuffles": fewer})


def _units(sources: Sources, arena: float, progress: Progress) -> Result:
    recording = sources.recording(arena)
    config = box_settings(sources.config, arena == sources.main)
    positions = recording.positions[0] if recording.spikes else recording.positions
    try:
        table = analyze_units(
            positions,
            recording.activity,
            arena,
            config,
            sources.seed,
            progress,
            seconds=recording.seconds,
            spikes=recording.spikes,
            names=sources.names(recording.shape[2]),
            signed=sources.kind != "trained",
        )
    except ValueError as error:
        raise UserError(f"the {arena:g} m arena cannot be analyzed: {error}") from None
    if not table["active"].any():
        peak = float(np.nanmax(table["peak"]))
        reason = (
            f"No unit is active in the {arena:g} m box: the highest peak of {len(table)} rate maps is {peak:.3g}, and "
            f"analysis.active_threshold is {config.active_threshold:g}."
        )
        return Result(xr.Dataset(attrs={"reason": reason}), summarize(table), table)
    return Result(_dataset(table, arena, recording.seconds is not None), summarize(table), table)


def _dataset(table: UnitTable, arena: float, timed: bool) -> xr.Dataset:
    maps = table.maps
    columns = {
        name: quantity("unit", column, _UNITS.get(name, "1"))
        for name, column in table.columns.items()
        if name not in ("unit", "name", "scorer")
    }
    if table.raw_maps is not table.maps and not np.array_equal(table.raw_maps.maps, maps.maps, equal_nan=True):
        columns["raw_maps"] = quantity(
            ("unit", "x", "y"), table.raw_maps.maps, about="not smoothed, NaN where unvisited"
        )
    return xr.Dataset(
        columns
        | {
            "basis_m": quantity(("unit", "vector", "axis"), table.basis_m, "m", "lattice vectors"),
            "maps": quantity(("unit", "x", "y"), maps.maps, about="mean activity, NaN where unvisited"),
            "occupancy": quantity(("x", "y"), maps.occupancy, "s" if timed else "samples"),
            "x_edge": quantity("x_edge", maps.x_edges, "m"),
            "y_edge": quantity("y_edge", maps.y_edges, "m"),
        },
        coords={
            "unit": table["unit"],
            "vector": ["b1", "b2"],
            "axis": AXES,
            "x": quantity("x", bin_middles(maps.x_edges), "m"),
            "y": quantity("y", bin_middles(maps.y_edges), "m"),
        },
        attrs={"arena_m": arena, "scorer": str(table["scorer"][0]), "samples_outside": maps.outside},
    )


def _facts(results: RunResults) -> Iterator[Fact]:
    summary = results.summary
    active = summary.get("active_units", int(results.active.sum()))
    units = summary.get("units", len(results.active))
    rest = "the others are silent along the whole walk" if active < units else "none is silent along the whole walk"
    yield Fact("Active units", f"{active} of {units}", rest)


def _information(record: Record) -> float | None:
    """Median spatial information of the active units."""
    both = zip(record.units.get("active", ()), record.units.get("spatial_information", ()), strict=False)
    finite = [float(value) for active, value in both if active and math.isfinite(float(value))]
    return statistics.median(finite) if finite else None


def _kept(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary.get(name) for name in ("units", "active_units", "constant_units")}


def _line(record: Record) -> tuple[str, str]:
    return "active units", f"{record.summary['active_units']} of {record.summary['units']}"


FINDING = Finding(
    name=UNITS,
    short="Units",
    question="What is each unit active for?",
    lead="A map for each unit: its mean activity in every bin of the box. Open a unit, or switch “maps only” off, for "
    "its autocorrelogram beside it: the map against itself, shifted; a hexagon of peaks around the center is the mark "
    "of a grid cell.",
    place=100,
    parts=(unit_part(None),),
    facts=_facts,
    gallery=True,
    metrics=(
        Metric(
            "active_units",
            "Active units",
            unit="",
            place=110,
            read=lambda record: record.summary.get("active_units"),
            column=Column(place=110, head="active units"),
            measure=Measure(place=200, label="active", title="Active units", digits=0),
        ),
        Metric(
            "spatial_information",
            "Median spatial information of the active units",
            unit="bit",
            place=930,
            read=_information,
            aim=False,
            column=Column(place=600, head="information (bit)"),
            measure=Measure(place=700, label="information (bit)", title="Spatial information (bit)"),
        ),
    ),
    keep=_kept,
    card=(
        CardRow(
            place=100,
            row=lambda kept: ("active units", f"{kept['active_units']}, {kept['constant_units']} of them always on"),
            head="active units",
            cell=lambda kept: f"{kept['active_units']} of {kept['units']}",
        ),
    ),
    lines=(ResultLine(place=100, line=_line),),
    compared=(ComparedNumber("active_units", place=970, read=lambda record: record.summary.get("active_units")),),
)
